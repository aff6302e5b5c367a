import Basics
import Calls
import Testing

@Suite struct `A queue of webhooks` {
    private var random = SeededRandom(seed: 1)
    private let start = Instant(nanoseconds: 0)

    private func notice(_ id: Int, tries: Int = 0) -> WebhookNotice {
        WebhookNotice(id: "\(id)", body: #"{"n":\#(id)}"#, tries: tries)
    }

    @Test mutating func `sends one at a time, in the order they came`() {
        var queue = WebhookQueue(rules: WebhookQueue.Rules())
        #expect(
            queue.receive(.added(notice(1)), at: start, using: &random)
                == [.save, .send(notice(1))]
        )
        #expect(queue.receive(.added(notice(2)), at: start, using: &random) == [.save])
        #expect(queue.receive(.added(notice(3)), at: start, using: &random) == [.save])
        #expect(
            queue.receive(.answered(isWell: true), at: start, using: &random)
                == [.save, .send(notice(2))]
        )
        #expect(queue.count == 2)
    }

    @Test mutating func `waits twice as long after each failure, then gives up`() {
        var queue = WebhookQueue(rules: WebhookQueue.Rules(tries: 4, firstWait: .seconds(8)))
        var now = start
        _ = queue.receive(.added(notice(1)), at: now, using: &random)
        for (tries, wait) in [(1, 8), (2, 16), (3, 32)] {
            #expect(
                queue.receive(.answered(isWell: false), at: now, using: &random) == [.save]
            )
            let deadline = queue.deadline ?? now
            #expect(deadline >= now + .seconds(wait) / 2)
            #expect(deadline <= now + .seconds(wait))
            let early = Instant(nanoseconds: deadline.nanoseconds - 1)
            #expect(queue.receive(.woke, at: early, using: &random) == [])
            now = deadline
            #expect(
                queue.receive(.woke, at: now, using: &random) == [.send(notice(1, tries: tries))]
            )
        }
        #expect(
            queue.receive(.answered(isWell: false), at: now, using: &random)
                == [.save, .giveUp(notice(1, tries: 4), .tooOften)]
        )
        #expect(queue.count == 0)
        #expect(queue.deadline == nil)
    }

    @Test mutating func `gives up the oldest where there is no room`() {
        var queue = WebhookQueue(rules: WebhookQueue.Rules(capacity: 2))
        _ = queue.receive(.added(notice(1)), at: start, using: &random)
        _ = queue.receive(.added(notice(2)), at: start, using: &random)
        #expect(
            queue.receive(.added(notice(3)), at: start, using: &random)
                == [.giveUp(notice(2), .noRoom), .save]
        )
    }

    @Test mutating func `takes back what was kept, the one that was being sent too`() throws {
        var queue = WebhookQueue(rules: WebhookQueue.Rules())
        for id in 1...3 { _ = queue.receive(.added(notice(id)), at: start, using: &random) }
        var next = WebhookQueue(rules: queue.rules)
        try next.restore(from: queue.text.span, at: start)
        #expect(next.count == 3)
        #expect(next.text == queue.text)
        #expect(next.receive(.woke, at: start, using: &random) == [.send(notice(1))])
    }

    /// An application that fails at times, a node that dies at times: whatever was added is told or given
    /// up, nothing is forgotten, and the queue stays within bounds.
    @Test(arguments: 0..<200)
    func `loses nothing in any weather`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let failure = Double.random(in: 0...0.95, using: &random)
        let rules = WebhookQueue.Rules(
            tries: Int.random(in: 1...6, using: &random),
            capacity: Int.random(in: 1...20, using: &random)
        )
        var queue = WebhookQueue(rules: rules)
        var kept = queue.text
        var now = start
        var (told, givenUp): (Set<String>, Set<String>) = ([], [])
        var sending: WebhookNotice?
        var added = 0

        func perform(_ actions: [WebhookQueue.Action]) {
            for action in actions {
                switch action {
                case .save: break
                case .send(let notice):
                    #expect(sending == nil)
                    #expect(notice.tries < rules.tries)
                    sending = notice
                case .giveUp(let notice, _):
                    #expect(!told.contains(notice.id))
                    givenUp.insert(notice.id)
                }
            }
            if actions.contains(.save) { kept = queue.text }
            #expect(queue.count <= rules.capacity)
        }

        for step in 0..<300 {
            let isLate = step > 200
            if !isLate, Double.random(in: 0...1, using: &random) < 0.3 {
                added += 1
                perform(queue.receive(.added(notice(added)), at: now, using: &random))
            } else if let notice = sending, Bool.random(using: &random) {
                sending = nil
                let isWell = Double.random(in: 0...1, using: &random) > failure
                if isWell { told.insert(notice.id) }
                perform(queue.receive(.answered(isWell: isWell), at: now, using: &random))
            } else if Double.random(in: 0...1, using: &random) < 0.02 {
                queue = WebhookQueue(rules: rules)
                sending = nil
                try queue.restore(from: kept.span, at: now)
                perform(queue.receive(.woke, at: now, using: &random))
            } else {
                now = now + .seconds(Int.random(in: 0...10, using: &random))
                perform(queue.receive(.woke, at: now, using: &random))
            }
        }
        while sending != nil || queue.deadline != nil {
            if let notice = sending {
                sending = nil
                told.insert(notice.id)
                perform(queue.receive(.answered(isWell: true), at: now, using: &random))
            } else if let deadline = queue.deadline {
                now = max(now, deadline)
                perform(queue.receive(.woke, at: now, using: &random))
            }
        }
        #expect(told.union(givenUp) == Set((1...max(added, 1)).prefix(added).map { "\($0)" }))
        #expect(queue.count == 0)
    }
}
