import Basics
import Media
import Testing

@Suite struct `A NACK generator` {
    @Test func `asks for nothing while nothing is missing`() {
        var nacks = NACKGenerator()
        for number in UInt64(5)..<50 { nacks.received(number, at: .milliseconds(Int(number))) }
        #expect(nacks.deadline == nil && nacks.take(at: .milliseconds(99)) == [])
    }

    @Test func `asks at once when two later packets came`() {
        var nacks = NACKGenerator()
        nacks.received(1, at: .milliseconds(0))
        nacks.received(4, at: .milliseconds(1))
        #expect(nacks.take(at: .milliseconds(1)) == [])
        nacks.received(5, at: .milliseconds(2))
        #expect(nacks.deadline == .milliseconds(2))
        #expect(nacks.take(at: .milliseconds(2)) == [2, 3])
    }

    @Test func `asks after 10 ms when no other came`() {
        var nacks = NACKGenerator()
        nacks.received(1, at: .milliseconds(0))
        nacks.received(3, at: .milliseconds(1))
        #expect(nacks.deadline == .milliseconds(11))
        #expect(nacks.take(at: .milliseconds(10)) == [])
        #expect(nacks.take(at: .milliseconds(11)) == [2])
    }

    @Test func `waits for one that was merely overtaken`() {
        var nacks = NACKGenerator()
        for number in [1, 3, 2, 4, 5, 6] as [UInt64] {
            nacks.received(number, at: .milliseconds(0))
        }
        #expect(nacks.missingCount == 0 && nacks.deadline == nil)
    }

    @Test(arguments: [(5, 20), (80, 80)])
    func `asks again each round trip, each 20 ms at least`(roundTrip: Int, interval: Int) {
        var nacks = NACKGenerator()
        nacks.received(1, at: .milliseconds(0))
        nacks.received(3, at: .milliseconds(0))
        nacks.received(4, at: .milliseconds(0))
        var asked: [Int] = []
        for time in 0..<2_000 where nacks.take(roundTrip: roundTrip, at: .milliseconds(time)) == [2]
        {
            asked.append(time)
        }
        #expect(asked == (0..<10).map { $0 * interval })
        #expect(nacks.abandoned == 1 && nacks.missingCount == 0 && nacks.deadline == nil)
        #expect(nacks.asked == 10)
    }

    @Test func `gives up what is a second old`() {
        var nacks = NACKGenerator()
        nacks.received(1, at: .milliseconds(0))
        nacks.received(3, at: .milliseconds(0))
        var asked: [Int] = []
        for time in 0..<2_000 where nacks.take(roundTrip: 300, at: .milliseconds(time)) == [2] {
            asked.append(time)
        }
        #expect(asked == [10, 310, 610, 910])
        #expect(nacks.abandoned == 1 && nacks.deadline == nil)
    }

    @Test func `stops asking for what came`() {
        var nacks = NACKGenerator()
        for number in [1, 4, 5] as [UInt64] { nacks.received(number, at: .milliseconds(0)) }
        #expect(nacks.take(at: .milliseconds(0)) == [2, 3])
        nacks.received(2, at: .milliseconds(15))
        #expect(nacks.recovered == 1)
        #expect(nacks.take(at: .milliseconds(20)) == [3])
    }

    @Test func `forgets what a key frame made useless`() {
        var nacks = NACKGenerator()
        for number in [1, 5] as [UInt64] { nacks.received(number, at: .milliseconds(0)) }
        nacks.received(9, startsKeyFrame: true, at: .milliseconds(1))
        #expect(nacks.missingCount == 0)
        nacks.received(12, at: .milliseconds(2))
        nacks.received(13, at: .milliseconds(2))
        #expect(nacks.take(at: .milliseconds(2)) == [10, 11])
    }

    @Test func `wants a key frame instead of more than 512 packets`() {
        var nacks = NACKGenerator()
        nacks.received(1, at: .milliseconds(0))
        nacks.received(514, at: .milliseconds(0))
        #expect(nacks.missingCount == 512 && !nacks.wantsKeyFrame)
        nacks.received(516, at: .milliseconds(0))
        #expect(nacks.missingCount == 0 && nacks.wantsKeyFrame && nacks.deadline == nil)
        nacks.received(1 << 40, at: .milliseconds(0))
        #expect(nacks.missingCount == 0)
    }

    @Test func `keeps due what finds no room in the request`() {
        var nacks = NACKGenerator()
        for number in [1, 8, 9] as [UInt64] { nacks.received(number, at: .milliseconds(0)) }
        #expect(nacks.take(at: .milliseconds(0), room: 4) == [2, 3, 4, 5])
        #expect(nacks.deadline == .milliseconds(0))
        #expect(nacks.take(at: .milliseconds(0), room: 4) == [6, 7])
        #expect(nacks.deadline == .milliseconds(20))
    }

    @Test func `has names that wrap`() {
        var nacks = NACKGenerator()
        for number in [65_534, 65_538, 65_539] as [UInt64] {
            nacks.received(number, at: .milliseconds(0))
        }
        #expect(nacks.take(at: .milliseconds(0)) == [65_535, 0, 1])
    }

    /// A link that loses and delays, and a publisher that repeats what it is asked for: a generator
    /// beside a set of all that is missing.
    @Test(arguments: UInt64(0)..<200)
    func `asks for what is missing and nothing else`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var nacks = NACKGenerator()
        let loss = Int.random(in: 0...30, using: &random)
        let roundTrip = Int.random(in: 1...120, using: &random)
        var next = UInt64.random(in: 0..<70_000, using: &random)
        let first = next
        var arrivals: [Int: [UInt64]] = [:]
        var came: Set<UInt64> = []
        var newest: UInt64 = 0
        var faults: [String] = []
        var attempts: [UInt64: Int] = [:]
        var lastAsked: [UInt64: Int] = [:]
        for time in 0..<1_200 {
            if time < 100 {
                let isLost = next > first && random.happens(loss)
                let delay = next == first ? 0 : Int.random(in: 1...4, using: &random)
                if !isLost { arrivals[time + delay, default: []].append(next) }
                next += 1
            }
            for number in arrivals[time] ?? [] {
                nacks.received(number, at: .milliseconds(time))
                came.insert(number)
                newest = max(newest, number)
            }
            for low in nacks.take(roundTrip: roundTrip, at: .milliseconds(time)) {
                let number = SequenceNumber(low).extended(near: next)
                if number >= newest || came.contains(number) {
                    faults.append("asked for \(number)")
                }
                if let last = lastAsked[number], time - last < max(20, roundTrip) {
                    faults.append("asked for \(number) too soon")
                }
                lastAsked[number] = time
                attempts[number, default: 0] += 1
                if !random.happens(loss) { arrivals[time + roundTrip, default: []].append(number) }
            }
            if let deadline = nacks.deadline, deadline <= .milliseconds(time) {
                faults.append("left something undone at \(time)")
            }
        }
        #expect(faults == [], "seed \(seed)")
        #expect(nacks.missingCount == 0 && nacks.deadline == nil, "seed \(seed)")
        #expect((attempts.values.max() ?? 0) <= 10, "seed \(seed)")
        let ignored = (first..<newest).filter { !came.contains($0) && attempts[$0] == nil }
        #expect(ignored == [], "seed \(seed)")
        #expect(nacks.asked == UInt64(attempts.values.reduce(0, +)), "seed \(seed)")
    }
}

extension NACKGenerator {
    mutating func take(roundTrip: Int = 20, at now: Instant, room: Int = 600) -> [UInt16] {
        unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: room) { numbers in
            let count = unsafe take(into: numbers, roundTrip: .milliseconds(roundTrip), at: now)
            return unsafe [UInt16](numbers[..<count])
        }
    }
}
