import Basics
import Media
import Testing

@Suite struct `An RTX packet` {
    private static let header: [UInt8] = [
        0x80, 0xE1, 0x12, 0x34, 0, 0, 0, 9, 0xAA, 0xBB, 0xCC, 0xDD,
    ]

    @Test func `becomes the packet it repeats`() {
        let rtx = Self.header + [0xFF, 0xFE, 1, 2, 3]
        let original = unwrapped(rtx)
        #expect(original?.sequence == SequenceNumber(0xFFFE))
        #expect(
            original?.bytes == [
                0x80, 0xE0, 0xFF, 0xFE, 0, 0, 0, 9, 0x11, 0x22, 0x33, 0x44, 1, 2, 3,
            ]
        )
    }

    @Test func `loses its padding`() {
        var rtx = Self.header + [0, 7, 1, 2, 3, 0, 0, 3]
        rtx[0] |= 0x20
        #expect(unwrapped(rtx)?.bytes.suffix(3) == [1, 2, 3])
        #expect(unwrapped(rtx)?.bytes.first == 0x80)
    }

    @Test func `that repeats an empty packet is one`() {
        #expect(unwrapped(Self.header + [0, 7])?.bytes.count == 12)
    }

    @Test(arguments: [
        [], [7], [0x20, 1], [0x20, 0, 7, 0], [0x20, 0, 7, 9], [0x20, 3, 3, 3], [0x20],
    ])
    func `that carries no number is nothing`(rest: [UInt8]) {
        var rtx = Self.header
        var rest = rest
        if rest.first == 0x20 {
            rtx[0] |= 0x20
            rest.removeFirst()
        }
        #expect(unwrapped(rtx + rest) == nil)
    }

    @Test func `has a whole header`() {
        #expect(unwrapped(Array(Self.header.prefix(11)), headerCount: 11) == nil)
        #expect(unwrapped(Self.header + [0, 7], headerCount: 15) == nil)
    }

    @Test func `is written where there is room for two bytes more`() {
        let packet = Self.header + [1, 2, 3]
        #expect(wrapped(packet, capacity: 16) == nil)
        #expect(
            wrapped(packet, capacity: 17)
                == [0x80, 0xE1, 0xBE, 0xEF, 0, 0, 0, 9, 5, 6, 7, 8, 0x12, 0x34, 1, 2, 3]
        )
    }

    @Test(arguments: UInt64(0)..<100)
    func `comes back as it was`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var packet = (0..<Int.random(in: 12...200, using: &random)).map { _ in
            UInt8(truncatingIfNeeded: random.next())
        }
        packet[0] &= ~0x20
        let headerCount = Int.random(in: 12...packet.count, using: &random)
        let rtx = wrapped(packet, headerCount: headerCount, capacity: packet.count + 2) ?? []
        let back = unwrapped(rtx, headerCount: headerCount)
        var expected = packet
        expected[1] = packet[1] & 0x80 | 96
        expected.replaceSubrange(8..<12, with: [0x11, 0x22, 0x33, 0x44])
        #expect(back?.bytes == expected, "seed \(seed)")
    }

    private struct Unwrapped: Equatable {
        var sequence: SequenceNumber
        var bytes: [UInt8]
    }

    private func unwrapped(_ bytes: [UInt8], headerCount: Int = 12) -> Unwrapped? {
        var bytes = bytes
        let count = bytes.count
        let answer = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe bytes.baseAddress.flatMap {
                unsafe RTXPacket.unwrap(
                    $0,
                    count: count,
                    headerCount: headerCount,
                    ssrc: SSRC(0x1122_3344),
                    payloadType: PayloadType(96)
                )
            }
        }
        return answer.map { Unwrapped(sequence: $0.sequence, bytes: Array(bytes.prefix($0.count))) }
    }

    private func wrapped(_ bytes: [UInt8], headerCount: Int = 12, capacity: Int) -> [UInt8]? {
        var room = bytes + [0xEE, 0xEE]
        let answer = unsafe room.withUnsafeMutableBytes { room in
            unsafe room.baseAddress.flatMap {
                unsafe RTXPacket.wrap(
                    $0,
                    count: bytes.count,
                    headerCount: headerCount,
                    capacity: capacity,
                    ssrc: SSRC(0x0506_0708),
                    payloadType: PayloadType(97),
                    sequence: SequenceNumber(0xBEEF)
                )
            }
        }
        return answer.map { Array(room.prefix($0)) }
    }
}
