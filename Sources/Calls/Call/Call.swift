package import Basics

/// One call: who is in it, who hosts, who may be heard, who shares, whose hand is up.
package struct Call: Sendable {
    package let id: CallID
    package let channel: ChannelID
    package let rules: CallRules

    /// A call that begins with the first to join.
    package init(id: CallID, channel: ChannelID, rules: CallRules) {
        self.id = id
        self.channel = channel
        self.rules = rules
    }

    /// Takes in what happened, and answers with what is to be done, in this order.
    package mutating func receive(_ event: CallEvent, at now: Moment) -> [CallAction] {
        []
    }

    /// When to say ``CallEvent/woke``.
    package var deadline: Instant? { nil }
}
