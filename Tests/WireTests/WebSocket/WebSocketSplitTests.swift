import Basics
import Testing
import Wire

@Suite struct `What a WebSocket machine hears` {
    @Test(arguments: UInt64(0)..<200)
    func `does not depend on where the bytes were cut`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = conversation(using: &random)
        let limits = WebSocketMachine.Limits(frameBytes: 300, messageBytes: 600, fragments: 4)
        let agreement: WebSocketDeflate.Agreement? = seed % 2 == 0 ? .init() : nil
        let whole = events(of: bytes, limits: limits, deflate: agreement)
        let single = events(of: bytes, limits: limits, deflate: agreement, pieces: [1])
        #expect(single == whole, "seed \(seed)")
        let pieces = (0..<bytes.count).map { _ in Int.random(in: 1...40, using: &random) }
        let cut = events(of: bytes, limits: limits, deflate: agreement, pieces: pieces)
        #expect(cut == whole, "seed \(seed)")
    }

    /// Frames that mostly keep the rules.
    private func conversation(using random: inout SeededRandom) -> [UInt8] {
        let codec = DeflateCodec()
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let count = [0, 3, 20, 125, 126, 310].randomElement(using: &random) ?? 0
            let letters = Array("jabber ".utf8) + Array("é€😀".utf8)
            var payload = (0..<count).map { letters[$0 % letters.count] }
            if Int.random(in: 0..<20, using: &random) == 0, !payload.isEmpty {
                payload[payload.count / 2] = UInt8.random(in: .min ... .max, using: &random)
            }
            var frame = RawFrame(RawFrame.text, payload)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: frame = RawFrame(RawFrame.ping, Array(payload.prefix(125)))
            case 1: frame = RawFrame(RawFrame.pong, Array(payload.prefix(125)))
            case 2: frame.isLast = false
            case 3: frame.opcode = RawFrame.continuation
            case 4:
                frame.payload = codec.compress(payload.span, windowBits: 15) ?? [0]
                frame.reserved = 4
            case 5: frame.opcode = RawFrame.binary
            case 6: frame.isLast = Bool.random(using: &random)
            default: break
            }
            if Int.random(in: 0..<40, using: &random) == 0 { frame.reserved = 1 }
            bytes += frame.bytes
        }
        return bytes
    }
}
