import Basics
import Testing

@Suite struct `A frame reader` {
    private let packets: [[UInt8]] = [
        [1], [2, 2], [UInt8](repeating: 3, count: 300), [], [4, 5, 6],
    ]

    @Test func `finds the packets of a stream, and leaves empty ones out`() {
        var reader = FrameReader()
        #expect(
            read([packets.framed], with: &reader)
                == Reading(packets: packets.filter { !$0.isEmpty })
        )
    }

    @Test func `finds them wherever the stream is cut in two`() {
        let stream = packets.framed
        for cut in 0...stream.count {
            var reader = FrameReader()
            let pieces = [[UInt8](stream[..<cut]), [UInt8](stream[cut...])]
            #expect(read(pieces, with: &reader).packets == packets.filter { !$0.isEmpty })
        }
    }

    @Test func `finds them byte by byte`() {
        var reader = FrameReader(limit: 300)
        let reading = read(packets.framed.map { [$0] }, with: &reader)
        #expect(reading.packets == packets.filter { !$0.isEmpty })
        #expect(reading.tooLarge == nil)
    }

    @Test func `refuses a frame that is too large as soon as its length is known`() {
        var reader = FrameReader(limit: 300)
        let reading = read([[0, 1, 9, 0x01], [0x2D]], with: &reader)
        #expect(reading == Reading(packets: [[9]], tooLarge: 301))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `gives the same packets however a stream is cut`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let packets = (0..<30).map { _ in
            let most = Bool.random(using: &random) ? 20 : 2_048
            let size = Int.random(in: 1...most, using: &random)
            return (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var rest = packets.framed[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let size = min(rest.count, Int.random(in: 1...3_000, using: &random))
            pieces.append([UInt8](rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        var reader = FrameReader()
        #expect(read(pieces, with: &reader) == Reading(packets: packets))
    }

    private struct Reading: Equatable {
        var packets: [[UInt8]] = []
        var tooLarge: Int?
    }

    private func read(_ pieces: [[UInt8]], with reader: inout FrameReader) -> Reading {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 8_192, alignment: 8)
        defer { unsafe room.deallocate() }
        var reading = Reading()
        guard let base = room.baseAddress else { return reading }
        for piece in pieces {
            let kept = unsafe reader.resume(into: base)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[kept...]).copyBytes(from: piece)
            let end = kept + piece.count
            reading: while true {
                switch unsafe reader.next(in: base, count: end) {
                case .frame(let offset, let count):
                    reading.packets.append(unsafe [UInt8](room[offset..<offset + count]))
                case .needsMore:
                    break reading
                case .tooLarge(let size):
                    reading.tooLarge = size
                    return reading
                }
            }
        }
        return reading
    }
}

extension [[UInt8]] {
    fileprivate var framed: [UInt8] {
        flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    }
}
