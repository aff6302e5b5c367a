import Basics
import CSRTP
import Crypto
import Media
import Testing

@Suite struct `A protected packet` {
    @Test(arguments: SRTPWay.all)
    func `is refused when a bit of it, or of its index or source, is another`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 4)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        var sender = try way.sender(master)
        var receiver = try way.receiver(master)
        let ssrc = SSRC(77)
        let packet = SampleRTP(
            ssrc: ssrc,
            number: 3,
            payloadCount: 40,
            sources: 1,
            extensionWords: 2,
            using: &random
        )
        let index: UInt64 = 5 << 16 | 3
        let sealed = sender.protect(packet, ssrc: ssrc, index: index)
        func open(_ bytes: [UInt8], _ ssrc: SSRC, _ index: UInt64) -> [UInt8]? {
            receiver.unprotect(bytes, headerCount: packet.headerCount, ssrc: ssrc, index: index)
        }
        for bit in 0..<sealed.count * 8 {
            var bent = sealed
            bent[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(open(bent, ssrc, index) == nil)
        }
        #expect(open(sealed, ssrc, index ^ 1 << 16) == nil)
        // Counter mode vouches for the source by the header alone, where a reader has it from.
        if way.profile != .aes128CMHMACSHA1_80 { #expect(open(sealed, SSRC(78), index) == nil) }
        #expect(open(sealed, ssrc, index) == packet.bytes)
    }

    @Test(arguments: SRTPWay.all)
    func `is refused when cut short, or when its header is longer than it`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 5)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        var sender = try way.sender(master)
        var receiver = try way.receiver(master)
        let packet = SampleRTP(ssrc: SSRC(1), number: 1, payloadCount: 5, using: &random)
        let sealed = sender.protect(packet, ssrc: SSRC(1), index: 1)
        for count in 0..<sealed.count {
            let part = Array(sealed[..<count])
            #expect(receiver.unprotect(part, headerCount: 12, ssrc: SSRC(1), index: 1) == nil)
        }
        for headerCount in [-1, 0, 11, 18, sealed.count, 10_000, .max] {
            let opened = receiver.unprotect(
                sealed,
                headerCount: headerCount,
                ssrc: SSRC(1),
                index: 1
            )
            #expect(opened == nil)
        }
        let late = receiver.unprotect(sealed, headerCount: 12, ssrc: SSRC(1), index: 1 << 48)
        #expect(late == nil)
        #expect(receiver.unprotect(sealed, headerCount: 12, ssrc: SSRC(1), index: 1) != nil)
    }

    @Test(arguments: SRTPWay.all)
    func `may be encrypted where it lies`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 6)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        var sender = try way.sender(master)
        let packet = SampleRTP(ssrc: SSRC(1), number: 1, payloadCount: 333, using: &random)
        let expected = sender.protect(packet, ssrc: SSRC(1), index: 1)
        var room = packet.bytes + [UInt8](repeating: 0, count: 16)
        let size = unsafe room.withUnsafeMutableBytes { room in
            guard let base = room.baseAddress else { return 0 }
            return unsafe sender.protect(
                base,
                headerCount: 12,
                payload: base + 12,
                payloadCount: 333,
                ssrc: SSRC(1),
                index: 1
            )
        }
        #expect(Array(room[..<size]) == expected)
    }

    /// A call that kept anything would keep sixteen bytes, ten thousand times. The figure is the whole
    /// process's, where other tests run beside, so it is asked more than once.
    @Test(arguments: SRTPWay.all)
    func `costs no memory`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 7)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        var sender = try way.sender(master)
        var receiver = try way.receiver(master)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 400, alignment: 8)
        defer { unsafe room.deallocate() }
        _ = unsafe room.initializeMemory(as: UInt8.self, repeating: 7)
        guard let base = room.baseAddress else { return }
        let calls = 5_000
        var opened = 0
        var isKept = true
        for _ in 0..<20 where isKept {
            let before = mallinfo2().uordblks
            for call in 0..<calls {
                let index = UInt64(call)
                let size = unsafe sender.protect(
                    base,
                    headerCount: 12,
                    payload: base + 12,
                    payloadCount: 150,
                    ssrc: SSRC(1),
                    index: index
                )
                let plain = unsafe receiver.unprotect(
                    base,
                    count: size,
                    headerCount: 12,
                    ssrc: SSRC(1),
                    index: index
                )
                if plain == 162 { opened += 1 }
            }
            let after = mallinfo2().uordblks
            isKept = after >= before + 16 * calls
        }
        #expect(!isKept)
        #expect(opened % calls == 0 && opened > 0)
    }
}

@Suite struct `A protected report` {
    @Test(arguments: SRTPWay.all)
    func `is taken once, and again only from another source`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 8)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        var receiver = try way.receiver(master)
        // Clients count each source for itself: the same numbers from two of them.
        for ssrc in [SSRC(1), SSRC(2)] {
            var sender = try way.sender(master)
            let reports = (0..<70).map { _ in
                SampleRTP.report(ssrc: ssrc, count: 40, using: &random)
            }
            var sealed: [[UInt8]] = []
            for report in reports {
                let packet = sender.protectRTCP(report)
                sealed.append(try #require(packet))
            }
            for number in [1, 0, 2, 69] {
                #expect(receiver.unprotectRTCP(sealed[number]) == reports[number])
            }
            for number in [0, 1, 2, 69, 5] {
                // The last was never seen, but is 64 behind.
                #expect(receiver.unprotectRTCP(sealed[number]) == nil)
            }
            #expect(receiver.unprotectRTCP(sealed[6]) == reports[6])
            #expect(receiver.unprotectRTCP(sealed[6]) == nil)
        }
    }

    @Test(arguments: SRTPWay.all)
    func `is refused when a bit of it is another, or it is cut short`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 9)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        var sender = try way.sender(master)
        var receiver = try way.receiver(master)
        let report = SampleRTP.report(ssrc: SSRC(5), count: 28, using: &random)
        let packet = sender.protectRTCP(report)
        let sealed = try #require(packet)
        for bit in 0..<sealed.count * 8 {
            var bent = sealed
            bent[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(receiver.unprotectRTCP(bent) == nil)
        }
        for count in 0..<sealed.count {
            #expect(receiver.unprotectRTCP(Array(sealed[..<count])) == nil)
        }
        #expect(receiver.unprotectRTCP(sealed) == report)
    }

    @Test(arguments: SRTPWay.all)
    func `is refused when it isn't encrypted, even by the peer`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 10)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        let open = try #require(LibSRTP(way.profile, master, ssrc: 5, hidesReports: false))
        let reader = try #require(LibSRTP(way.profile, master, ssrc: 5, hidesReports: false))
        var receiver = try way.receiver(master)
        let report = SampleRTP.report(ssrc: SSRC(5), count: 28, using: &random)
        let vouched = try #require(open.protectRTCP(report))
        #expect(receiver.unprotectRTCP(vouched) == nil)
        #expect(reader.unprotectRTCP(vouched) == report)
    }

    @Test func `is taken from as many sources as there is room to remember`() throws {
        var random = SeededRandom(seed: 11)
        let way = SRTPWay(profile: .aeadAES128GCM, library: .fastest)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        var sender = try way.sender(master)
        var receiver = try way.receiver(master)
        func taken(_ ssrc: UInt32) -> Bool {
            let report = SampleRTP.report(ssrc: SSRC(ssrc), count: 8, using: &random)
            guard let sealed = sender.protectRTCP(report) else { return false }
            return receiver.unprotectRTCP(sealed) == report
        }
        for ssrc in 0..<1_024 as Range<UInt32> { #expect(taken(ssrc)) }
        #expect(!taken(1_024))
        #expect(taken(0) && taken(1_023))
    }

    @Test(arguments: SRTPWay.all)
    func `is not made without room, a source, or a number left`(way: SRTPWay) throws {
        var random = SeededRandom(seed: 12)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        let report = SampleRTP.report(ssrc: SSRC(5), count: 28, using: &random)
        var sender = try way.sender(master)
        #expect(sender.protectRTCP(report, room: way.profile.controlOverhead - 1) == nil)
        #expect(sender.protectRTCP(report, room: -1) == nil)
        #expect(sender.protectRTCP(Array(report[..<7])) == nil)

        var old = try way.sender(master, nextControlIndex: 0x7FFF_FFFF)
        var receiver = try way.receiver(master)
        let packet = old.protectRTCP(report)
        let last = try #require(packet)
        #expect(receiver.unprotectRTCP(last) == report)
        #expect(old.protectRTCP(report) == nil)
    }
}

@Suite struct `A master key` {
    @Test(arguments: SRTPProfile.allCases)
    func `is cut from what the handshake exports, keys before salts`(profile: SRTPProfile) throws {
        let (key, salt) = (profile.keySize, profile.saltSize)
        let parts: [[UInt8]] = [
            Array(repeating: 1, count: key), Array(repeating: 2, count: key),
            Array(repeating: 3, count: salt), Array(repeating: 4, count: salt),
        ]
        let exported = Array(parts.joined())
        let halves = SRTPMasterKey.pair(from: exported.span, profile: profile)
        let pair = try #require(halves)
        #expect(pair.client.key == Secret(parts[0]) && pair.server.key == Secret(parts[1]))
        #expect(pair.client.salt == Secret(parts[2]) && pair.server.salt == Secret(parts[3]))
        let short = Array(exported.dropLast())
        #expect(SRTPMasterKey.pair(from: short.span, profile: profile) == nil)
    }

    @Test func `is never shown`() {
        let key = SRTPMasterKey(key: Secret("quite secret"), salt: Secret("salty too"))
        var text = "\(key) \(String(reflecting: key))"
        dump(key, to: &text)
        #expect(!text.contains("quite") && !text.contains("salty") && !text.contains("113"))
    }

    @Test(arguments: SRTPWay.all)
    func `of the wrong size makes nothing`(way: SRTPWay) {
        var random = SeededRandom(seed: 13)
        let good = SRTPMasterKey.made(for: way.profile, using: &random)
        let short = Secret(Array(good.key.revealed.dropLast()))
        let long = Secret(good.salt.revealed + [0])
        for bad in [
            SRTPMasterKey(key: short, salt: good.salt), SRTPMasterKey(key: good.key, salt: long),
        ] {
            #expect(throws: SRTPWay.NotMade.self) { _ = try way.sender(bad) }
            #expect(throws: SRTPWay.NotMade.self) { _ = try way.receiver(bad) }
        }
    }
}
