import Basics
import Calls
import Testing
import Wire

@Suite struct `A message on the data channel` {
    private func read(_ hex: String) throws -> DataChannelMessage {
        try DataChannelMessage(Hex.decode(Array(hex.utf8).span))
    }

    private func hex(_ message: DataChannelMessage) -> String {
        Hex.encode(message.bytes.span)
    }

    @Test func `without payload is one byte`() {
        #expect(hex(.ping) == "01")
        #expect(hex(.pong) == "02")
        #expect(hex(.lock) == "07")
        #expect(hex(.unlock) == "08")
    }

    @Test func `that answers a lock adds true or false to its type`() {
        #expect(hex(.locked(true)) == "07c3")
        #expect(hex(.locked(false)) == "07c2")
    }

    @Test func `that maps media says of each mid what it is and whose`() throws {
        let track = MediaNews.MappedTrack(mid: "1", type: "voice", sender: id("b"))
        let expected =
            "0981a13182a474797065a5766f696365a973656e6465725f6964ba"
            + String(repeating: "62", count: 26)
        #expect(hex(.mediaMap([track])) == expected)
        #expect(try read(expected) == .mediaMap([track]))
    }

    @Test(arguments: [
        DataChannelMessage.ping, .pong, .lock, .unlock, .locked(true), .locked(false), .loss(0.25),
        .roundTrip(0.031), .jitter(0.002), .mediaMap([]),
        .description(MediaDescription(.offer, "v=0\r\n")),
        .description(MediaDescription(.answer, String(repeating: "a=mid:1\r\n", count: 4_000))),
    ])
    func `comes back as it was written`(message: DataChannelMessage) throws {
        #expect(try DataChannelMessage(message.bytes) == message)
    }

    @Test func `has its type in whichever form a library chose`() throws {
        for form in ["01", "cc01", "cd0001", "ce00000001", "cf0000000000000001", "d001"] {
            #expect(try read(form) == .ping)
        }
        #expect(try read("07c0") == .lock)
    }

    @Test func `has its number in whichever form a library chose`() throws {
        #expect(try read("0400") == .loss(0))
        #expect(try read("0401") == .loss(1))
        #expect(try read("04ca3e800000") == .loss(0.25))
        #expect(try read("04cb3fd0000000000000") == .loss(0.25))
    }

    @Test func `has a loss of everything where more was lost than came`() throws {
        #expect(try read("0402") == .loss(1))
        #expect(try read("04cb4004000000000000") == .loss(1))
    }

    /// As clients of some years ago wrote them.
    @Test func `has its number as text, or none for nothing`() throws {
        #expect(try read("04") == .loss(0))
        #expect(try read("04a4302e3235") == .loss(0.25))
        #expect(try read("06c0") == .jitter(0))
        #expect(try read("05a5302e303331") == .roundTrip(0.031))
    }

    /// Deflated by Python's zlib, with the line end that Go's encoder adds to JSON.
    @Test func `carries a description that others have deflated`() throws {
        let packed =
            "03c427789cab562aa92c4855b252ca4f4b4b2d52d2512a4e2900f2ca6c0d628a62f2946ab900b5d80a49"
        #expect(try read(packed) == .description(MediaDescription(.offer, "v=0\r\n")))
    }

    @Test func `may say more of a track than is asked`() throws {
        let id = String(repeating: "62", count: 26)
        let map = "0981a13183a474797065a5766f696365a96d696d655f74797065a178a973656e6465725f6964ba"
        let track = MediaNews.MappedTrack(mid: "1", type: "voice", sender: Self.sender)
        #expect(try read(map + id) == .mediaMap([track]))
    }

    private static let sender: ParticipantID = id("b")

    @Test(arguments: [
        ("", "the message must be MessagePack"),
        ("0101ff", "the message must be a type and at most one payload"),
        ("0a", "the type must be a whole number from 1 to 9"),
        ("00", "the type must be a whole number from 1 to 9"),
        ("a470696e67", "the type must be a whole number from 1 to 9"),
        ("03a0", "the description must be bytes"),
        ("03c40100", "the description must hold all of its zlib data"),
        ("03c4020000", "the description must be zlib data"),
        ("04ff", "the loss must be a number from 0.0 to "),
        ("04a16e", "the loss must be a number"),
        ("04cb7ff8000000000000", "the loss must be a number"),
        ("05ff", "the round trip must be a number from 0.0 to 3600.0"),
        ("06c3", "the jitter must be a number from 0.0 to 3600.0"),
        ("0701", "the lock must be true or false"),
        ("0901", "the media map must be a map"),
        ("0981a13180", "the media map's track.type must be there, as text"),
    ])
    func `that breaks a rule is refused by its name`(hex: String, start: String) throws {
        let fault = #expect(throws: MessageFault.self) { try read(hex) }
        #expect(fault?.description.hasPrefix(start) == true, "\(fault?.description ?? "")")
    }

    @Test func `holds a description of 512 KiB, and not one byte more`() throws {
        let frame = #"{"type":"offer","sdp":""}"#.utf8.count
        let fits = MediaDescription(
            .offer,
            String(repeating: "a", count: MediaDescription.longest - frame)
        )
        #expect(
            try DataChannelMessage(DataChannelMessage.description(fits).bytes) == .description(fits)
        )
        let longer = MediaDescription(.offer, fits.sdp + "a")
        let fault = #expect(throws: MessageFault.self) {
            try DataChannelMessage(DataChannelMessage.description(longer).bytes)
        }
        #expect(
            fault?.description == "the description must inflate to at most 524288 bytes"
        )
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `of any bytes is read or refused, and what is read can be written`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var understood = 0
        for _ in 0..<50 {
            var bytes = DataChannelMessage.mediaMap([
                MediaNews.MappedTrack(mid: "1", type: "voice", sender: id("b"))
            ]).bytes
            if Bool.random(using: &random) { bytes = [UInt8.random(in: 0...12, using: &random)] }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            // A fault is an answer, too; but not all may be faults.
            guard let message = try? DataChannelMessage(bytes) else { continue }
            understood += 1
            #expect(try DataChannelMessage(message.bytes) == message)
        }
        #expect(understood > 0)
    }
}
