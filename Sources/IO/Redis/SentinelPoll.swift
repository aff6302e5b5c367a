package import Basics

/// Who is master, by what each sentinel said last. A value: what was said, and when it was asked, is
/// told to it.
package struct SentinelPoll {
    package struct Choice: Hashable, Sendable {
        package var host: RedisHost
        /// The sentinels' config epoch of this master.
        package var generation: UInt64

        package init(host: RedisHost, generation: UInt64) {
            self.host = host
            self.generation = generation
        }
    }

    package struct Answer {
        package var choice: Choice
        /// How many sentinels there are, as this one knows.
        package var sentinels: Int
        package var sentAt: Instant

        package init(choice: Choice, sentinels: Int, sentAt: Instant) {
            self.choice = choice
            self.sentinels = sentinels
            self.sentAt = sentAt
        }
    }

    private var answers: [Answer?]

    package init(sentinels count: Int) {
        answers = Array(repeating: nil, count: count)
    }

    /// An answer that was asked for before the last one counted says nothing new.
    package mutating func note(_ answer: Answer, of index: Int) {
        guard answers.indices.contains(index) else { return }
        if let last = answers[index], last.sentAt > answer.sentAt { return }
        answers[index] = answer
    }

    /// How many make a majority of all sentinels there are, known here or not.
    private var majority: Int {
        let known = answers.reduce(answers.count) { max($0, $1?.sentinels ?? 0) }
        return known / 2 + 1
    }

    /// The master of the latest generation that anyone knows of; of two, the one that was said last. While a
    /// failover is under way the sentinel that leads it names the old master under the new generation.
    package var latest: Choice? {
        answers.compactMap(\.self).max {
            ($0.choice.generation, $0.sentAt) < ($1.choice.generation, $1.sentAt)
        }?.choice
    }

    /// What a majority says, with the instant at which the oldest of its questions left.
    package var confirmation: MasterConfirmation? {
        let said = answers.compactMap { $0 }
        for choice in Set(said.map(\.choice)) {
            let instants = said.filter { $0.choice == choice }.map(\.sentAt).sorted(by: >)
            guard instants.count >= majority else { continue }
            return MasterConfirmation(
                host: choice.host,
                generation: choice.generation,
                sentAt: instants[majority - 1],
                agreeing: instants.count,
                sentinels: max(answers.count, said.map(\.sentinels).max() ?? 0)
            )
        }
        return nil
    }

    static func question(_ master: String) -> RedisCommand {
        RedisCommand("SENTINEL MASTER", master)
    }

    /// Reads what a sentinel answers to the question.
    package static func read(_ value: RedisValue, sentAt: Instant) -> Answer? {
        guard let name = value["ip"]?.text, !name.isEmpty, name.utf8.count <= 253,
            let port = value["port"]?.number.flatMap({ UInt16(exactly: $0) }), port > 0,
            let epoch = value["config-epoch"]?.number.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        let others = value["num-other-sentinels"]?.number ?? 0
        return Answer(
            choice: Choice(host: RedisHost(name: name, port: port), generation: epoch),
            sentinels: Int(min(max(others, 0), 1_000)) + 1,
            sentAt: sentAt
        )
    }
}
