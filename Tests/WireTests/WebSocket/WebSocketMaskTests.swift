import Basics
import Testing
import Wire

@Suite struct `A WebSocket mask` {
    /// Plays random pieces to the machine's fast unmasking and to one byte at a time.
    @Test(arguments: UInt64(0)..<100)
    func `agrees with mixing one byte at a time`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let key = UInt32.random(in: .min ... .max, using: &random)
        let payload = (0..<Int.random(in: 0...300, using: &random)).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        var frame = RawFrame(RawFrame.binary, payload)
        frame.mask = (0..<4).map { UInt8(truncatingIfNeeded: key >> ($0 * 8)) }

        var written: [UInt8] = [0xEE]
        WebSocketFrame(.binary)
            .append(payload.span, mask: WebSocketMask(key: key), to: &written)
        #expect(written == [0xEE] + frame.bytes, "seed \(seed)")

        let pieces = (0..<64).map { _ in Int.random(in: 1...19, using: &random) }
        #expect(events(of: frame.bytes, pieces: pieces) == [.binary(payload)], "seed \(seed)")
    }
}
