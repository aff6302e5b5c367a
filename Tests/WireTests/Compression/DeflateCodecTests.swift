import Basics
import Testing
import Wire

@Suite struct `A thread's deflate codec` {
    private let codec = DeflateCodec()
    private let hello = Array("Hello".utf8)

    /// RFC 7692 sections 7.2.3.1 and 7.2.3.3 to 7.2.3.5: a block of fixed codes, a stored block,
    /// one with BFINAL, and two blocks.
    @Test(
        arguments: [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
            [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
        ] as [[UInt8]]
    )
    func `expands the examples of the RFC`(message: [UInt8]) {
        #expect(codec.expand(message.span, limit: 5) == .whole(hello))
        #expect(codec.expand(message.span, limit: 4) == .overLimit)
    }

    /// RFC 7692 section 7.2.3.2 compresses the second message with the window of the first.
    @Test func `refuses a message that leans on the one before`() {
        let first: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let second: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]
        #expect(codec.expand(first.span, limit: 100) == .whole(hello))
        #expect(codec.expand(second.span, limit: 100) == .broken)
    }

    /// "Hello" in a last block, then "Hello" again as a copy of the first.
    @Test func `remembers the window after a last block within a message`() {
        let message: [UInt8] = [
            0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0xF2, 0x00, 0x11, 0x00, 0x00,
        ]
        #expect(codec.expand(message.span, limit: 10) == .whole(hello + hello))
        #expect(codec.expand(message.span, limit: 9) == .overLimit)
    }

    @Test func `takes an empty message as one zero byte`() {
        let message: [UInt8] = [0x00]
        #expect(codec.expand(message.span, limit: 0) == .whole([]))
    }

    @Test func `refuses messages cut within a block`() {
        let text = someText(2_000, seed: 4)
        guard let message = codec.compress(text.span, windowBits: 15) else {
            Issue.record("text shrinks")
            return
        }
        for count in 0..<message.count {
            let expansion = codec.expand(message.span.extracting(0..<count), limit: 9_000)
            #expect(expansion == .broken, "cut at \(count) of \(message.count)")
        }
    }

    @Test func `declines to compress what does not shrink`() {
        var random = SeededRandom(seed: 2)
        let noise = (0..<1_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        #expect(codec.compress(noise.span, windowBits: 15) == nil)
        #expect(codec.compress(Span(), windowBits: 15) == nil)
    }

    @Test(arguments: 9...15)
    func `gives back what it compressed, and remembers nothing of it`(windowBits: Int) {
        let codec = DeflateCodec()
        let text = someText(60_000, seed: UInt64(windowBits))
        guard let first = codec.compress(text.span, windowBits: windowBits) else {
            Issue.record("text shrinks")
            return
        }
        _ = codec.compress(someText(5_000, seed: 77).span, windowBits: windowBits)
        #expect(codec.compress(text.span, windowBits: windowBits) == first)
        #expect(codec.expand(first.span, limit: text.count) == .whole(text))
    }

    @Test func `stops at a bomb's limit, not at its end`() {
        let zeros = [UInt8](repeating: 0, count: 1_000_000)
        guard let bomb = codec.compress(zeros.span, windowBits: 15) else {
            Issue.record("zeros shrink")
            return
        }
        #expect(bomb.count < 5_000)
        #expect(codec.expand(bomb.span, limit: zeros.count) == .whole(zeros))
        #expect(codec.expand(bomb.span, limit: zeros.count - 1) == .overLimit)
        #expect(codec.expand(bomb.span, limit: 65_536) == .overLimit)
        #expect(codec.expand(bomb.span, limit: 0) == .overLimit)
    }

    @Test func `works on after a message it refused`() {
        let broken: [UInt8] = [0xFF, 0xFF]
        #expect(codec.expand(broken.span, limit: 100) == .broken)
        let message: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        #expect(codec.expand(message.span, limit: 100) == .whole(hello))
    }
}
