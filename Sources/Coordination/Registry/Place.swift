/// Where a channel's call is, as Redis has it.
package struct Place: Hashable, Sendable {
    package var token: Token
    package var member: MemberID
    package var life: Life

    package init(token: Token, member: MemberID, life: Life) {
        self.token = token
        self.member = member
        self.life = life
    }
}

/// A call that was somebody else's and is now the asker's.
package struct TakenPlace: Hashable, Sendable {
    package var channel: Channel
    package var token: Token
    /// What the host before had saved last, if anything.
    package var snapshot: [UInt8]?

    package init(channel: Channel, token: Token, snapshot: [UInt8]? = nil) {
        self.channel = channel
        self.token = token
        self.snapshot = snapshot
    }
}

/// A call that a member hosts, and under which token: what it tells Redis and the others.
package struct HostedPlace: Hashable, Sendable, Comparable {
    package var channel: Channel
    package var token: Token

    package init(channel: Channel, token: Token) {
        self.channel = channel
        self.token = token
    }

    package static func < (lhs: HostedPlace, rhs: HostedPlace) -> Bool {
        (lhs.channel, lhs.token) < (rhs.channel, rhs.token)
    }
}
