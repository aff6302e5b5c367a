import Basics
import Testing
import Wire

@Suite struct `A compressed WebSocket message` {
    private let codec = DeflateCodec()
    private let agreement = WebSocketDeflate.Agreement()

    @Test(arguments: 9...15)
    func `is read back by the client, whatever window was agreed`(windowBits: Int) {
        let text = someText(20_000, seed: UInt64(windowBits))
        let agreement = WebSocketDeflate.Agreement(serverWindowBits: windowBits)
        let frame = WebSocketFrame.deflated(
            .text,
            text.span,
            windowBits: windowBits,
            using: codec
        )
        #expect((frame?.count ?? .max) < text.count)
        #expect(events(of: frame ?? [], as: .client, deflate: agreement) == [.text(text)])
    }

    @Test func `comes from a client in masked fragments, of which the first is marked`() throws {
        let text = someText(10_000, seed: 1)
        let squeezed = try compressed(text)
        var frames: [UInt8] = []
        WebSocketFrame.appendFragments(
            of: squeezed.span,
            as: .text,
            isDeflated: true,
            fragmentBytes: 100,
            nextMask: { WebSocketMask(key: 0x0102_0304) },
            to: &frames
        )
        for pieces in [[Int.max], [1], [7]] {
            #expect(events(of: frames, deflate: agreement, pieces: pieces) == [.text(text)])
        }
        #expect(events(of: frames).failure == 1002)
    }

    @Test func `is refused where it was not agreed, and where it marks the wrong frame`() {
        let marked = RawFrame(RawFrame.text, [0x00], reserved: 4)
        #expect(events(of: [marked]).failure == 1002)
        #expect(events(of: [marked], deflate: agreement) == [.text([])])
        let first = RawFrame(RawFrame.text, [0x00], isLast: false, reserved: 4)
        let second = RawFrame(RawFrame.continuation, [0x00], reserved: 4)
        #expect(events(of: [first, second], deflate: agreement).failure == 1002)
        let ping = RawFrame(RawFrame.ping, [0x00], reserved: 4)
        #expect(events(of: [ping], deflate: agreement).failure == 1002)
        for reserved in [1, 2, 3, 5, 6, 7] as [UInt8] {
            let wrong = RawFrame(RawFrame.text, [0x00], reserved: reserved)
            #expect(events(of: [wrong], deflate: agreement).failure == 1002)
        }
    }

    @Test func `that is a bomb is taken at the limit and refused one byte above`() throws {
        for (count, isTaken) in [(65_536, true), (65_537, false), (5_000_000, false)] {
            let zeros = [UInt8](repeating: 0x20, count: count)
            let bomb = try compressed(zeros)
            #expect(bomb.count < 25_000)
            let said = events(of: [RawFrame(RawFrame.text, bomb, reserved: 4)], deflate: agreement)
            #expect(said == [.text(zeros)] || !isTaken)
            #expect(said.failure == (isTaken ? nil : 1009))
        }
    }

    @Test func `that is broken, or is not text inside, is refused`() throws {
        let broken = RawFrame(RawFrame.text, [0xFF, 0xFF, 0xFF], reserved: 4)
        #expect(events(of: [broken], deflate: agreement).failure == 1007)
        let bad = [UInt8](repeating: 0x61, count: 300) + [0xFF]
        let cut = [UInt8](repeating: 0x61, count: 300) + [0xC3]
        for payload in [bad, cut] {
            let squeezed = try compressed(payload)
            let text = RawFrame(RawFrame.text, squeezed, reserved: 4)
            #expect(events(of: [text], deflate: agreement).failure == 1007)
            let binary = RawFrame(RawFrame.binary, squeezed, reserved: 4)
            #expect(events(of: [binary], deflate: agreement) == [.binary(payload)])
        }
    }

    @Test func `stands beside plain ones, which stay lawful`() throws {
        let plain = RawFrame(RawFrame.text, "plain")
        let squeezed = RawFrame(
            RawFrame.text,
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            reserved: 4
        )
        let said = events(of: [plain, squeezed, plain, squeezed], deflate: agreement)
        let (first, second) = (Array("plain".utf8), Array("Hello".utf8))
        #expect(said == [.text(first), .text(second), .text(first), .text(second)])
    }

    @Test func `is not made when it is short or would not shrink`() {
        let short = [UInt8](repeating: 0x61, count: WebSocketDeflate.threshold - 1)
        let enough = short + [0x61]
        #expect(WebSocketFrame.deflated(.text, short.span, using: codec) == nil)
        #expect(WebSocketFrame.deflated(.text, enough.span, using: codec) != nil)
        var random = SeededRandom(seed: 6)
        let noise = (0..<1_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        #expect(WebSocketFrame.deflated(.binary, noise.span, using: codec) == nil)
    }

    private func compressed(_ message: [UInt8]) throws -> [UInt8] {
        let compressed = codec.compress(message.span, windowBits: 15)
        return try #require(compressed)
    }
}
