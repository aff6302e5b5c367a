import Basics
import Media

/// A peer that says whatever a test wants, to an association that takes it for a real one.
struct HandMadePeer: ~Copyable {
    struct Chunk: Equatable {
        var type: UInt8
        var flags: UInt8 = 0
        var value: [UInt8] = []
    }

    var association: SCTPAssociation
    var now = Instant(nanoseconds: 1_000_000_000)
    var events: [SCTPEvent] = []
    /// The tag that the association sends with, the one that it wants, and the next TSN each way.
    let ownTag: UInt32 = 0x0B0B_0B0B
    private(set) var theirTag: UInt32 = 0
    private(set) var theirTSN: UInt32 = 0
    var tsn: UInt32

    init(
        _ configuration: SCTPConfiguration = SCTPConfiguration(),
        firstTSN: UInt32 = 1_000,
        seed: UInt64 = 1
    ) {
        var random = SeededRandom(seed: seed)
        association = SCTPAssociation(configuration, using: &random)
        tsn = firstTSN
    }

    /// One that has shaken hands.
    static func connected(
        _ configuration: SCTPConfiguration = SCTPConfiguration(),
        firstTSN: UInt32 = 1_000
    ) -> HandMadePeer {
        var peer = HandMadePeer(configuration, firstTSN: firstTSN)
        peer.shakeHands()
        peer.events = []
        return peer
    }

    mutating func shakeHands() {
        for chunk in say([initiation()], tag: 0) where chunk.type == 2 {
            accept(chunk)
            let cookie = HandMadePeer.parameter(7, of: chunk.value.dropFirst(16)) ?? []
            _ = say([Chunk(type: 10, value: cookie)])
        }
    }

    /// Remembers tag and TSN of an INIT or INIT ACK.
    mutating func accept(_ greeting: Chunk) {
        theirTag = number(greeting.value, 0)
        theirTSN = number(greeting.value, 12)
    }

    func initiation(
        tag: UInt32? = nil,
        window: UInt32 = 100_000,
        streams: (UInt16, UInt16) = (100, 100),
        parameters: [UInt8] = [0x80, 8, 0, 6, 130, 192, 0, 0, 0xC0, 0, 0, 4]
    ) -> Chunk {
        var value = big(tag ?? ownTag) + big(window) + big(streams.0) + big(streams.1)
        value += big(tsn) + parameters
        return Chunk(type: 1, value: value)
    }

    /// DATA with the next TSN, or another.
    mutating func data(
        _ bytes: [UInt8],
        tsn: UInt32? = nil,
        stream: UInt16 = 0,
        number: UInt16 = 0,
        flags: UInt8 = 3
    ) -> Chunk {
        let value = big(tsn ?? self.tsn) + big(stream) + big(number) + big(UInt32(51)) + bytes
        if tsn == nil { self.tsn &+= 1 }
        return Chunk(type: 0, flags: flags, value: value)
    }

    func sack(
        _ cumulative: UInt32,
        window: UInt32 = 100_000,
        gaps: [(UInt16, UInt16)] = []
    ) -> Chunk {
        var value = big(cumulative) + big(window) + big(UInt16(gaps.count)) + big(UInt16(0))
        for gap in gaps { value += big(gap.0) + big(gap.1) }
        return Chunk(type: 3, value: value)
    }

    func forward(_ cumulative: UInt32, _ streams: [(UInt16, UInt16)] = []) -> Chunk {
        Chunk(type: 192, value: big(cumulative) + streams.flatMap { big($0.0) + big($0.1) })
    }

    /// Sends chunks and returns what is answered.
    mutating func say(_ chunks: [Chunk], tag: UInt32? = nil) -> [Chunk] {
        hand(Self.packet(chunks, tag: tag ?? theirTag))
        return answers()
    }

    mutating func hand(_ packet: [UInt8]) {
        association.receive(packet.span, at: now)
    }

    mutating func answers() -> [Chunk] {
        while let event = association.nextEvent() { events.append(event) }
        var chunks: [Chunk] = []
        var buffer = [UInt8](repeating: 0, count: 1_200)
        while let count = association.nextPacket(into: buffer.mutableSpan, at: now) {
            chunks += Self.chunks(of: Array(buffer[..<count]))
        }
        return chunks
    }

    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let deadline = association.deadline, deadline <= end {
            now = max(now, deadline)
            association.advance(to: now)
        }
        now = end
    }

    static func packet(_ chunks: [Chunk], tag: UInt32) -> [UInt8] {
        var bytes = big(UInt16(5000)) + big(UInt16(5000)) + big(tag) + [0, 0, 0, 0]
        for chunk in chunks {
            bytes += [chunk.type, chunk.flags] + big(UInt16(chunk.value.count + 4)) + chunk.value
            while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
        }
        return sealed(bytes)
    }

    /// With the checksum that it must have.
    static func sealed(_ packet: [UInt8]) -> [UInt8] {
        var bytes = packet
        let sum = CRC32C.checksum(ofPacket: packet.span)
        for place in 0..<4 {
            bytes[8 + place] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(place)))
        }
        return bytes
    }

    static func chunks(of packet: [UInt8]) -> [Chunk] {
        var chunks: [Chunk] = []
        var offset = 12
        while offset + 4 <= packet.count {
            let length = Int(packet[offset + 2]) << 8 | Int(packet[offset + 3])
            let value = Array(packet[(offset + 4)..<(offset + length)])
            chunks.append(Chunk(type: packet[offset], flags: packet[offset + 1], value: value))
            offset += (length + 3) & ~3
        }
        return chunks
    }

    /// The value of the first parameter of this type.
    static func parameter(_ type: UInt16, of bytes: some Sequence<UInt8>) -> [UInt8]? {
        let bytes = Array(bytes)
        var offset = 0
        while offset + 4 <= bytes.count {
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            if UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) == type {
                return Array(bytes[(offset + 4)..<(offset + length)])
            }
            offset += (length + 3) & ~3
        }
        return nil
    }
}

func big(_ number: some FixedWidthInteger) -> [UInt8] {
    stride(from: number.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: number >> $0)
    }
}

func number(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
}
