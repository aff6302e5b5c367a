package import Basics
package import Wire

/// What one URL is still to be told: kept until it is answered, or given up.
///
///            added            send             answered well
///     ────────────▶ waiting ────────▶ sending ───────────────▶ gone
///                     ▲  │               │ in vain
///                     ╰──┼───────────────┤ later: twice the wait each time
///          room is needed╰──▶ given up ◀─╯ too often
///
/// At least once: whatever was sent and not answered is sent again, also after a restart. One is sent at a
/// time, those that are due first, so that one which is refused for ever holds up no other.
package struct WebhookQueue: Sendable {
    package struct Rules: Hashable, Sendable {
        /// How often one is sent before it is given up.
        package var tries: Int
        /// How many may wait.
        package var capacity: Int
        package var firstWait: Duration
        package var longestWait: Duration

        package init(
            tries: Int = 12,
            capacity: Int = 200,
            firstWait: Duration = .seconds(5),
            longestWait: Duration = .seconds(3_600)
        ) {
            self.tries = tries
            self.capacity = capacity
            self.firstWait = firstWait
            self.longestWait = longestWait
        }
    }

    package enum Event: Hashable, Sendable {
        case added(WebhookNotice)
        /// The URL has answered what was sent, with 2xx or otherwise; or has not answered.
        case answered(isWell: Bool)
        /// ``WebhookQueue/deadline`` has come.
        case woke
    }

    package enum Action: Hashable, Sendable {
        /// What is kept has changed: write ``WebhookQueue/text`` down.
        case save
        case send(WebhookNotice)
        case giveUp(WebhookNotice, Ending)
    }

    package enum Ending: String, Hashable, Sendable {
        case tooOften = "it was sent as often as calls.webhook_tries allows"
        case noRoom = "more wait than calls.webhook_queue allows"
    }

    private struct Waiting: Sendable {
        var notice: WebhookNotice
        var due: Instant
    }

    package var rules: Rules
    private var waiting: [Waiting] = []
    private var sending: WebhookNotice?

    package init(rules: Rules) {
        self.rules = rules
    }

    package var count: Int { waiting.count + (sending == nil ? 0 : 1) }

    /// When to say ``Event/woke``.
    package var deadline: Instant? {
        sending == nil ? waiting.map(\.due).min() : nil
    }

    package mutating func receive(
        _ event: Event,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .added(let notice):
            waiting.append(Waiting(notice: notice, due: now))
            while count > rules.capacity, !waiting.isEmpty {
                actions.append(.giveUp(waiting.removeFirst().notice, .noRoom))
            }
            actions.append(.save)
        case .answered(let isWell):
            guard var notice = sending.take() else { break }
            actions.append(.save)
            if isWell { break }
            notice.tries += 1
            if notice.tries >= rules.tries {
                actions.append(.giveUp(notice, .tooOften))
            } else {
                let due = now + wait(after: notice.tries, using: &random)
                waiting.append(Waiting(notice: notice, due: due))
            }
        case .woke:
            break
        }
        if let next = sendNext(at: now) { actions.append(.send(next)) }
        return actions
    }

    private mutating func sendNext(at now: Instant) -> WebhookNotice? {
        guard sending == nil else { return nil }
        var first: Int?
        for index in waiting.indices where waiting[index].due <= now {
            // Of those that are due at the same time, the one that came first.
            if let best = first, waiting[best].due <= waiting[index].due { continue }
            first = index
        }
        guard let first else { return nil }
        sending = waiting.remove(at: first).notice
        return sending
    }

    /// Doubles each time, and takes between half of it and all, so that many do not come back at once.
    private func wait(
        after tries: Int,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let doubled = rules.firstWait * (1 << min(max(tries - 1, 0), 20))
        let whole = min(doubled, rules.longestWait)
        return whole * Double.random(in: 0.5...1, using: &random)
    }

    // MARK: - As the store keeps it

    /// Everything that is not yet answered, as JSON.
    package var text: [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginArray()
            for notice in (sending.map { [$0] } ?? []) + waiting.map(\.notice) {
                json.beginObject()
                json.member("id", notice.id)
                json.member("body", notice.body)
                json.member("tries", notice.tries)
                json.endObject()
            }
            json.endArray()
        }
        return bytes
    }

    /// Takes back what was kept, all due at once. Entries that are none are left out.
    package mutating func restore(from text: Span<UInt8>, at now: Instant) throws(JSONFault) {
        let limits = JSONLimits(depth: 3, elements: 16_384, bytes: 1 << 20)
        for entry in try JSONValue(parsing: text, limits: limits).array ?? [] {
            guard let id = entry["id"]?.string, let body = entry["body"]?.string,
                let tries = entry["tries"]?.integer
            else { continue }
            let notice = WebhookNotice(id: id, body: body, tries: Int(min(max(tries, 0), 1_000)))
            waiting.append(Waiting(notice: notice, due: now))
        }
    }
}
