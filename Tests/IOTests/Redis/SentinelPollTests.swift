import Basics
import IO
import Testing

@Suite struct `A poll of sentinels` {
    private let old = SentinelPoll.Choice(host: RedisHost(name: "a", port: 1), generation: 4)
    private let new = SentinelPoll.Choice(host: RedisHost(name: "b", port: 1), generation: 5)

    private func poll(
        _ answers: (choice: SentinelPoll.Choice, at: Int64)?...,
        known: Int = 0
    ) -> SentinelPoll {
        var poll = SentinelPoll(sentinels: answers.count)
        for (index, answer) in answers.enumerated() {
            guard let answer else { continue }
            let sentAt = Instant(nanoseconds: answer.at)
            poll.note(.init(choice: answer.choice, sentinels: known, sentAt: sentAt), of: index)
        }
        return poll
    }

    @Test func `confirms what a majority says, from its oldest question on`() {
        let confirmation = poll((old, 10), (old, 30), (old, 20)).confirmation
        #expect(confirmation?.sentAt == Instant(nanoseconds: 20), "two of three make the majority")
        #expect(confirmation?.host.name == "a" && confirmation?.generation == 4)
        #expect(confirmation?.agreeing == 3 && confirmation?.sentinels == 3)
    }

    @Test func `confirms nothing that fewer say`() {
        #expect(poll((old, 10), nil, nil).confirmation == nil)
        #expect(poll((old, 10), (new, 20), nil).confirmation == nil)
        #expect(poll((old, 10), (old, 20), (old, 30), known: 7).confirmation == nil)
        #expect(poll((new, 10), (old, 10), (new, 10)).confirmation?.generation == 5)
    }

    @Test func `knows the latest generation from anyone`() {
        #expect(poll((old, 30), (new, 10), (old, 30)).latest == new)
        #expect(poll(nil, nil).latest == nil)
        // The leader of a failover says so first, and has named the old master until then.
        let leading = SentinelPoll.Choice(host: old.host, generation: 5)
        #expect(poll((leading, 10), (new, 20), (old, 30)).latest == new)
        #expect(poll((new, 20), (leading, 30), (old, 30)).latest == leading)
    }

    @Test func `does not believe an answer that was overtaken`() {
        var poll = poll((new, 30), (new, 30), nil)
        poll.note(.init(choice: old, sentinels: 3, sentAt: Instant(nanoseconds: 20)), of: 0)
        #expect(poll.confirmation?.generation == 5)
        poll.note(.init(choice: old, sentinels: 3, sentAt: Instant(nanoseconds: 40)), of: 0)
        #expect(poll.confirmation == nil)
    }

    @Test func `reads only what has host, port and epoch`() {
        func fields(_ fields: String...) -> RedisValue {
            .array(fields.map { .bulk(Array($0.utf8)) })
        }
        let now = Instant(nanoseconds: 1)
        let whole = fields(
            "ip",
            "10.0.0.1",
            "port",
            "6379",
            "config-epoch",
            "7",
            "num-other-sentinels",
            "4"
        )
        let answer = SentinelPoll.read(whole, sentAt: now)
        #expect(answer?.choice.host.description == "10.0.0.1:6379")
        #expect(answer?.choice.generation == 7 && answer?.sentinels == 5)
        #expect(SentinelPoll.read(fields("ip", "a", "port", "1"), sentAt: now) == nil)
        #expect(
            SentinelPoll.read(fields("ip", "a", "port", "0", "config-epoch", "1"), sentAt: now)
                == nil
        )
        #expect(
            SentinelPoll.read(fields("ip", "a", "port", "1", "config-epoch", "-1"), sentAt: now)
                == nil
        )
        #expect(SentinelPoll.read(.status("OK"), sentAt: now) == nil)
    }
}
