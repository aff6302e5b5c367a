import Basics
import Media
import Testing

@Suite struct `A report of arrivals` {
    /// A run, a narrow and a wide vector; short deltas, and a long one backwards.
    private static let report: [UInt8] = [
        0x8F, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFE, 0, 20, 0xFF, 0xFF, 0xFE, 5,
        0x20, 0x03, 0xA4, 0x00, 0xE1, 0x00,
        1, 2, 255, 4, 5, 0xFF, 0xF0, 7,
        0, 0,
    ]

    @Test func `is read as it was made by hand`() {
        let ticks = "1 3 258 262 - - 267 - - - - - - - - - - 251 - 258"
        #expect(seen(Self.report) == ["arrivals 65534 -2 \(ticks)"])
    }

    @Test func `cut short anywhere is broken`() {
        for words in 0..<8 {
            var cut = Array(Self.report.prefix(4 + 4 * words))
            cut[3] = UInt8(words)
            #expect(seen(cut) == ["broken 205 15"], "\(words) words")
        }
    }

    @Test func `that breaks a rule is broken`() {
        func report(count: UInt16, _ rest: [UInt8]) -> [UInt8] {
            [0x8F, 205, 0, UInt8(4 + rest.count / 4), 0, 0, 0, 1, 0, 0, 0, 2, 0, 0]
                + [UInt8(count >> 8), UInt8(count & 0xFF), 0, 0, 0, 0] + rest
        }
        let broken = ["broken 205 15"]
        #expect(seen(report(count: 0, [0, 1, 0, 0])) == broken, "of no packets")
        #expect(seen(report(count: 1, [0x60, 1, 0, 0])) == broken, "a run of a symbol not defined")
        #expect(seen(report(count: 1, [0xF0, 0, 0, 0])) == broken, "such a symbol in a vector")
        #expect(seen(report(count: 2, [0, 0, 0, 1])) == broken, "of fewer symbols than packets")
        #expect(seen(report(count: 3, [0x20, 3, 1, 1])) == broken, "of fewer deltas than arrivals")
        #expect(seen(report(count: 4_097, [0x1F, 0xFF, 0, 0])) == broken, "of too many packets")
        #expect(seen(report(count: 4_096, [0x1F, 0xFF, 0, 0])) != broken)
        #expect(seen(report(count: 1, [0xCF, 0xFF, 0, 0])) != broken, "what follows is not read")
    }

    /// Patterns of every kind, in buffers of any size: what was read is what was written, and the best
    /// way to cut it into chunks takes hardly fewer of them.
    @Test(arguments: UInt64(0)..<100)
    func `says what it was told, in few chunks`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var ticks = pattern(using: &random)
        var base = UInt16.random(in: 0 ... .max, using: &random)
        var reference = UInt32.random(in: 0...0xFF_FFFF, using: &random)
        var rounds = 0
        while !ticks.isEmpty {
            let head = RTCPArrivalsHead(
                sender: SSRC(1),
                media: SSRC(2),
                base: base,
                referenceTime: reference,
                feedbackCount: UInt8(truncatingIfNeeded: rounds)
            )
            let capacity = Int.random(in: 40...1_200, using: &random)
            var buffer = [UInt8](repeating: 0xAA, count: capacity)
            let span = buffer.mutableSpan
            var writer = RTCPWriter(into: span)
            let taken = writer.appendArrivals(head, count: ticks.count) { ticks[$0] }
            let size = writer.count
            #expect(buffer[size...].allSatisfy { $0 == 0xAA }, "nothing beyond the end")
            if taken == 0 {
                // The first came too late for this reference: a sender of ours takes another.
                let first = try #require(ticks.first ?? nil)
                try #require(Int16(exactly: first) == nil)
                let units = first >> 8
                reference = (reference &+ UInt32(truncatingIfNeeded: units)) & 0xFF_FFFF
                ticks = ticks.map { $0.map { $0 - units << 8 } }
                continue
            }
            let read = try #require(arrivals(Array(buffer.prefix(size))))
            #expect(read.map(\.tick) == Array(ticks.prefix(taken)))
            #expect(read.map(\.number) == (0..<taken).map { base &+ UInt16($0) })

            let symbols = symbols(ticks.prefix(taken))
            let fewest = fewestChunks(symbols)
            let chunks = (size - 20 - symbols.reduce(0, +)) / 2
            #expect(chunks >= fewest && chunks <= fewest + 2 + fewest / 4)

            base &+= UInt16(taken)
            ticks.removeFirst(taken)
            rounds += 1
            try #require(rounds < 3_000)
        }
    }

    /// A thousand packets of which one in fifty is missing: about a byte and a quarter each.
    @Test func `of an ordinary stream is small`() {
        let ticks = (0..<1_000).map { $0 % 50 == 0 ? nil : $0 * 8 }
        let head = RTCPArrivalsHead(
            sender: SSRC(1),
            media: SSRC(2),
            base: 0,
            referenceTime: 0,
            feedbackCount: 0
        )
        let bytes = written { $0.appendArrivals(head, count: 1_000) { ticks[$0] } == 1_000 }
        #expect(bytes.count < 1_150)
    }

    /// Of 1 to 500 packets, in one of several kinds of weather.
    private func pattern(using random: inout SeededRandom) -> [Int?] {
        let count = Int.random(in: 1...500, using: &random)
        let loss = [0, 2, 30, 90].randomElement(using: &random) ?? 0
        let burst = Int.random(in: 1...40, using: &random)
        let jitter = [0, 30, 400, 40_000].randomElement(using: &random) ?? 0
        var ticks: [Int?] = []
        var now = Int.random(in: 0...255, using: &random)
        while ticks.count < count {
            let isLost = Int.random(in: 0..<100, using: &random) < loss
            for _ in 0..<Int.random(in: 1...burst, using: &random) where ticks.count < count {
                now += Int.random(in: 0...10, using: &random)
                let late = jitter == 0 ? 0 : Int.random(in: 0...jitter, using: &random)
                ticks.append(isLost ? nil : now + late)
            }
        }
        return ticks
    }

    private func symbols(_ ticks: ArraySlice<Int?>) -> [Int] {
        var last = 0
        return ticks.map { tick in
            guard let tick else { return 0 }
            defer { last = tick }
            return (0...255).contains(tick - last) ? 1 : 2
        }
    }

    /// Tries every way to cut, from the end.
    private func fewestChunks(_ symbols: [Int]) -> Int {
        var fewest = [Int](repeating: 0, count: symbols.count + 1)
        for start in symbols.indices.reversed() {
            var best = Int.max
            var hasLong = false
            var isRun = true
            for end in start + 1...symbols.count {
                hasLong = hasLong || symbols[end - 1] == 2
                isRun = isRun && symbols[end - 1] == symbols[start]
                let count = end - start
                guard isRun || count <= 7 || count <= 14 && !hasLong else { break }
                // A vector is full but at the end.
                let isFull = end == symbols.count || count == 7 || count == 14 && !hasLong
                if isRun || isFull { best = min(best, fewest[end] + 1) }
            }
            fewest[start] = best
        }
        return fewest[0]
    }

    private func arrivals(_ bytes: [UInt8]) -> [RTCPArrivals.Arrival]? {
        guard var reader = RTCPReader(bytes.span), let packet = reader.next() else { return nil }
        switch packet {
        case .arrivals(var report):
            var read: [RTCPArrivals.Arrival] = []
            while let arrival = report.next() { read.append(arrival) }
            return read
        default:
            return nil
        }
    }
}
