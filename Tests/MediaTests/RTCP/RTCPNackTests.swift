import Basics
import Media
import Testing

@Suite struct `A request to send again` {
    /// Against a set, in buffers of any size.
    @Test(arguments: UInt64(0)..<100)
    func `names each missing packet once, and no other`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let start = UInt16.random(in: 0 ... .max, using: &random)
        let step = UInt16.random(in: 1...40, using: &random)
        var missing: [UInt16] = []
        var number = start
        for _ in 0..<Int.random(in: 1...200, using: &random) {
            missing.append(number)
            number &+= UInt16.random(in: 1...step, using: &random)
        }
        var named: [UInt16] = []
        var rest = missing
        while !rest.isEmpty {
            var buffer = [UInt8](repeating: 0, count: Int.random(in: 16...120, using: &random))
            let span = buffer.mutableSpan
            var writer = RTCPWriter(into: span)
            let taken = writer.appendNack(SSRC(1), SSRC(2), missing: rest.span)
            let count = writer.count
            try #require(taken > 0)
            rest.removeFirst(taken)
            named += try #require(numbers(Array(buffer.prefix(count))))
        }
        #expect(named == missing)
    }

    @Test func `takes seventeen numbers a word`() {
        let missing = (0..<170).map { UInt16($0) }
        let bytes = written { $0.appendNack(SSRC(1), SSRC(2), missing: missing.span) == 170 }
        #expect(bytes.count == 12 + 4 * 10)
    }

    @Test func `bears disorder and repetition`() throws {
        let missing: [UInt16] = [9, 9, 8, 20, 9, 1]
        let bytes = written { $0.appendNack(SSRC(1), SSRC(2), missing: missing.span) == 6 }
        #expect(Set(try #require(numbers(bytes))) == Set(missing))
    }

    @Test func `for nothing is not written`() {
        let none: [UInt16] = []
        let bytes = written { $0.appendNack(SSRC(1), SSRC(2), missing: none.span) == 0 }
        #expect(bytes.isEmpty)
    }

    private func numbers(_ bytes: [UInt8]) -> [UInt16]? {
        guard var reader = RTCPReader(bytes.span), let packet = reader.next() else { return nil }
        switch packet {
        case .nack(var nack):
            var numbers: [UInt16] = []
            while let number = nack.next() { numbers.append(number.rawValue) }
            return numbers
        default:
            return nil
        }
    }
}
