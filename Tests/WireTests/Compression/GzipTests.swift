import Basics
import Testing
import Wire

@Suite struct `A gzip file` {
    @Test func `from another program is expanded`() throws {
        // printf 'roost' | gzip -n9
        let file: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2B, 0xCA, 0xCF, 0x2F,
            0x2E, 0x01, 0x00, 0xEA, 0xB0, 0x84, 0x36, 0x05, 0x00, 0x00, 0x00,
        ]
        #expect(try Gzip.expand(file.span, limit: 5) == Array("roost".utf8))
        #expect(try Gzip.expand((file + file).span, limit: 10) == Array("roostroost".utf8))
    }

    @Test(arguments: 1...9, [0, 1, 100, 70_000, 300_000])
    func `gives back what was put in, at every level`(level: Int, count: Int) throws {
        let body = someText(count, seed: UInt64(level))
        let file = Gzip.compress(body.span, level: level)
        #expect(try Gzip.expand(file.span, limit: count) == body)
    }

    @Test func `gives back what did not shrink`() throws {
        var random = SeededRandom(seed: 1)
        let noise = (0..<200_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let file = Gzip.compress(noise.span)
        #expect(file.count < noise.count + 200)
        #expect(try Gzip.expand(file.span, limit: noise.count) == noise)
    }

    @Test func `that is a bomb is expanded to the limit and not one byte further`() throws {
        let bomb = Gzip.compress([UInt8](repeating: 0, count: 1_000_000).span)
        #expect(bomb.count < 2_000)
        #expect(try Gzip.expand(bomb.span, limit: 1_000_000).count == 1_000_000)
        #expect(throws: Gzip.Fault.overLimit(999_999)) {
            try Gzip.expand(bomb.span, limit: 999_999)
        }
        #expect(throws: Gzip.Fault.overLimit(0)) { try Gzip.expand(bomb.span, limit: 0) }
    }

    @Test func `that is cut short anywhere is refused`() {
        let file = Gzip.compress(someText(500, seed: 9).span)
        for count in 0..<file.count {
            #expect(throws: Gzip.Fault.cutShort) {
                try Gzip.expand(file.span.extracting(0..<count), limit: 500)
            }
        }
    }

    @Test func `of which any bit was turned is refused, or holds the same`() {
        let body = someText(200, seed: 3)
        let file = Gzip.compress(body.span)
        var refusals = 0
        for place in file.indices {
            for bit in 0..<8 {
                var broken = file
                broken[place] ^= 1 << UInt8(bit)
                // Some bits of the header (time, system) say nothing about the body.
                do {
                    let expanded = try Gzip.expand(broken.span, limit: 200)
                    #expect(expanded == body, "byte \(place) bit \(bit)")
                } catch {
                    refusals += 1
                }
            }
        }
        #expect(refusals > file.count * 6)
    }

    @Test func `made in a stream can be read as far as it was flushed`() throws {
        let pieces = (0..<20).map { someText(1 + $0 * 37, seed: UInt64($0)) }
        var stream = GzipStream(level: 6)
        var file: [UInt8] = []
        var fed: [UInt8] = []
        for piece in pieces {
            stream.feed(piece.span, to: &file)
            stream.flush(to: &file)
            fed += piece
            let reader = Inflater(.gzip)
            var readable: [UInt8] = []
            #expect(reader.inflate(file.span, limit: 100_000, to: &readable) == .tookAll)
            #expect(readable == fed)
        }
        stream.finish(to: &file)
        #expect(try Gzip.expand(file.span, limit: fed.count) == fed)
    }

    @Test func `made in a stream that is never flushed loses nothing`()
        throws
    {
        let body = someText(400_000, seed: 5)
        var stream = GzipStream(level: 1)
        var file: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: 999) {
            let end = min(body.count, start + 999)
            stream.feed(body.span.extracting(start..<end), to: &file)
        }
        stream.finish(to: &file)
        #expect(file.count < body.count)
        #expect(try Gzip.expand(file.span, limit: body.count) == body)
    }
}

/// Text that compresses about as well as messages do.
func someText(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    let words = ["call", "mute", "{\"event\":\"", "\",\"seq\":", "17", "user", "😀", " "]
    var text: [UInt8] = []
    while text.count < count {
        text += Array((words.randomElement(using: &random) ?? "").utf8)
    }
    return Array(text.prefix(count))
}
