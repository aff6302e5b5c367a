import Calls
import Testing

@Suite struct `The line of a connection` {
    /// The line on which `hello` and so many other events were told.
    private func line(told count: Int, bytes: Int = 10) -> ConnectionLine {
        var line = ConnectionLine()
        _ = line.append(.hello(id("a"), version: "1"))
        for number in 0..<count { _ = line.append(event(number, bytes: bytes)) }
        return line
    }

    private func event(_ number: Int, bytes: Int = 10) -> EventText {
        let padding = String(repeating: "-", count: bytes)
        return ServerEvent.error(text: "\(number)\(padding)", id("a"))
            .text(for: .connection(id("a")))
    }

    @Test func `numbers hello as 0 and what follows as 1, 2, 3`() {
        var line = ConnectionLine()
        let hello = line.append(.hello(id("a"), version: "1"))
        #expect(String(decoding: hello.bytes, as: UTF8.self).hasSuffix(#","seq":0}"#))
        let next = line.append(event(1))
        #expect(String(decoding: next.bytes, as: UTF8.self).hasSuffix(#","seq":1}"#))
        #expect(line.next == 2)
    }

    @Test func `has nothing to repeat for a client that expects what comes next`() {
        #expect(line(told: 4).missed(from: 5) == [])
    }

    @Test func `repeats what was missed, first to last, under the same numbers`() {
        var line = line(told: 2)
        let third = line.append(event(3))
        let fourth = line.append(event(4))
        #expect(line.missed(from: 3) == [third, fourth])
        #expect(line.missed(from: 4) == [fourth])
    }

    @Test func `repeats hello for a client that has got nothing at all`() {
        var line = ConnectionLine()
        let hello = line.append(.hello(id("a"), version: "1"))
        #expect(line.missed(from: 0) == [hello])
    }

    @Test func `knows nothing of numbers that it has not given`() {
        #expect(line(told: 4).missed(from: 6) == nil)
        #expect(line(told: 4).missed(from: -1) == nil)
        #expect(line(told: 4).missed(from: .max) == nil)
    }

    @Test func `keeps the last 128 events and lets older ones go`() throws {
        let line = line(told: 200)
        #expect(line.next == 201)
        #expect(line.missed(from: 72) == nil)
        let missed = try #require(line.missed(from: 73))
        #expect(missed.count == 128)
        #expect(
            missed.first.map { String(decoding: $0.bytes, as: UTF8.self).hasSuffix(":73}") } == true
        )
        #expect(
            missed.last.map { String(decoding: $0.bytes, as: UTF8.self).hasSuffix(":200}") } == true
        )
    }

    @Test func `keeps fewer events where they are large`() throws {
        let line = line(told: 20, bytes: 100_000)
        #expect(try #require(line.missed(from: 19)).count == 2)
        #expect(line.missed(from: 18) == nil)
        #expect(self.line(told: 1, bytes: 300_000).missed(from: 1) == nil)
        #expect(self.line(told: 1, bytes: 300_000).missed(from: 2) == [])
    }

    @Test func `forgets what is no longer wanted, and numbers on`() throws {
        var line = line(told: 10)
        line.forget(before: 8)
        #expect(line.missed(from: 7) == nil)
        #expect(try #require(line.missed(from: 8)).count == 3)
        line.forget(before: 3)
        #expect(try #require(line.missed(from: 8)).count == 3)
        line.forget(before: .max)
        #expect(line.missed(from: 11) == [] && line.missed(from: 10) == nil)
        let text = line.append(event(11))
        #expect(line.missed(from: 11) == [text])
    }

    @Test(arguments: [0, 1, 2, 126, 127, 128, 129, 130, 300])
    func `repeats exactly what a client lacks, wherever it was cut`(told: Int) throws {
        var line = ConnectionLine()
        var sent: [NumberedText] = []
        for number in 0...told { sent.append(line.append(event(number))) }
        for expected in 0...sent.count {
            let missed = line.missed(from: expected)
            #expect((missed == nil) == (sent.count - expected > ConnectionLine.keptEvents))
            if let missed { #expect(missed == Array(sent[expected...])) }
        }
    }
}
