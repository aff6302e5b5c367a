/// What Redis keeps of a member, as every renewal's answer shows it.
package struct MemberRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        case up = "u"
        /// Hosts what it has, takes nothing new.
        case draining = "d"
        /// Evicted in this life: what it placed is anybody's.
        case dead = "x"
    }

    package var life: Life
    package var incarnation: Incarnation
    /// Grows with every renewal. While it stands still, so does the member, or its way to Redis.
    package var sequence: UInt64
    /// The number of the view in which this life came.
    package var since: UInt64
    /// The newest view that the member is known to know. Only who was in it has a vote about it: the
    /// member can't have asked others for promises.
    package var seen: UInt64
    /// The newest generation in which the member has said again all that it hosts.
    package var asserted: Generation
    package var state: State
    package var load: MemberLoad

    package init(
        life: Life,
        incarnation: Incarnation = .first,
        sequence: UInt64 = 1,
        since: UInt64,
        seen: UInt64,
        asserted: Generation = .none,
        state: State = .up,
        load: MemberLoad = .none
    ) {
        self.life = life
        self.incarnation = incarnation
        self.sequence = sequence
        self.since = since
        self.seen = seen
        self.asserted = asserted
        self.state = state
        self.load = load
    }

    package var isAlive: Bool { state != .dead }

    /// Whether what `life` of this member has placed still stands.
    package func vouches(for life: Life) -> Bool { isAlive && self.life == life }
}
