import Basics
import Media
import Testing

@Suite struct `A schedule` {
    @Test func `has no deadline before anybody has`() {
        var schedule = Schedule()
        var deadlines = [schedule.deadline]
        schedule.set(3, Instant(nanoseconds: 50))
        deadlines.append(schedule.deadline)
        schedule.set(3, nil)
        let due = schedule.nextDue(from: 0, at: Instant(nanoseconds: 100))
        deadlines.append(schedule.deadline)
        #expect(deadlines == [nil, Instant(nanoseconds: 50), nil])
        #expect(due == nil)
    }

    @Test func `hastens a deadline and never delays one`() {
        var schedule = Schedule()
        schedule.hasten(1, Instant(nanoseconds: 20))
        schedule.hasten(1, Instant(nanoseconds: 30))
        let first = schedule.deadline
        schedule.hasten(1, Instant(nanoseconds: 10))
        let second = schedule.deadline
        #expect([first, second] == [Instant(nanoseconds: 20), Instant(nanoseconds: 10)])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `tells whom a plain dictionary would, each once`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var schedule = Schedule()
        var model: [UInt32: Int64] = [:]
        var now: Int64 = 0
        for _ in 0..<300 {
            let slot = UInt32.random(in: 0..<200, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                schedule.set(slot, nil)
                model[slot] = nil
            case 1:
                let due = now + Int64.random(in: 0..<50, using: &random)
                schedule.hasten(slot, Instant(nanoseconds: due))
                model[slot] = min(model[slot] ?? .max, due)
            default:
                let due = now + Int64.random(in: 0..<50, using: &random)
                schedule.set(slot, Instant(nanoseconds: due))
                model[slot] = due
            }
            now += Int64.random(in: 0..<5, using: &random)
            if let earliest = model.values.min() {
                let deadline = schedule.deadline?.nanoseconds ?? .max
                #expect(deadline <= earliest)
            }
            var told: Set<UInt32> = []
            var from: UInt32 = 0
            while let due = schedule.nextDue(from: from, at: Instant(nanoseconds: now)) {
                told.insert(due)
                from = due
            }
            let expected = Set(model.filter { $0.value <= now }.keys)
            #expect(told == expected)
            for slot in told { model[slot] = nil }
            let deadline = schedule.deadline?.nanoseconds
            #expect(deadline == model.values.min())
        }
    }
}
