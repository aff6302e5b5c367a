/// What may be asked of Redis: each is one script there, so that none is ever half done.
///
/// Every script begins at the gate: it does nothing unless the generation *and* the run of Redis are
/// those that the asker believes in.
package struct RegistryRequest: Hashable, Sendable {
    package var generation: Generation
    /// The run of Redis that the asker is connected to.
    package var run: RedisRun
    package var order: RegistryOrder

    package init(generation: Generation, run: RedisRun, order: RegistryOrder) {
        self.generation = generation
        self.run = run
        self.order = order
    }
}

///
/// The two large ones lie elsewhere, so that whatever holds an order is small.
package enum RegistryOrder: Hashable, Sendable {
    /// How many channels one request may name, so that none holds up the renewals behind it.
    package static let batchLimit = 100
    /// The longest snapshot.
    package static let snapshotLimit = 256 * 1024

    /// Begins the generation of the request: the one order that the gate lets through for being newer.
    case raise

    /// Comes (back) under a life that is new, or says again what Redis has forgotten.
    indirect case register(Registration)
    /// Extends the lease, and reads everybody's record.
    indirect case renew(Renewal)
    /// Voids all votes against the incarnation before this one.
    case bump(MemberID, Life, to: Incarnation)
    case drain(MemberID, Life, Bool)
    case leave(MemberID, Life)
    /// Declares a member dead if nothing at all has moved since the asker looked.
    case evict(Eviction)
    /// Removes the record of a dead member that nothing is noted under any more.
    case bury(MemberID, Life)
    /// Reads all members' cards.
    case readCards

    /// Takes a channel that nobody hosts. The new token is above the one given.
    case place(Channel, MemberID, Life, above: Token?)
    /// Says again what the member hosts, where Redis has nothing or something older.
    case reassert(MemberID, Life, [HostedPlace])
    /// Takes calls of a member that is dead or has come back without them, or one's own.
    case takeOver(MemberID, Life, from: MemberID, [Channel])
    case end(MemberID, HostedPlace)
    /// Reads what is noted under a member, some at a time: the answer says where to go on, 0 at first
    /// and when all was read.
    case list(MemberID, from: UInt64)

    /// Says that the call is about to move to another member, which then is the first to take it over.
    case beginMove(HostedPlace, to: MemberID, Life)
    /// Makes the member that was named the host, under a new token.
    case finishMove(HostedPlace)
    case abortMove(HostedPlace)
    /// Keeps a picture of the call for whoever takes it over. Refused with an old token.
    case save(HostedPlace, sequence: UInt64, [UInt8])

    /// Whether it is the ``PlacementBook``'s, and not the ``Membership``'s.
    var isAboutPlaces: Bool {
        switch self {
        case .place, .reassert, .takeOver, .end, .list, .beginMove, .finishMove, .abortMove, .save:
            true
        case .raise, .register, .renew, .bump, .drain, .leave, .evict, .bury, .readCards: false
        }
    }
}

package struct Registration: Hashable, Sendable {
    package var member: MemberID
    package var life: Life
    package var incarnation: Incarnation
    package var sequence: UInt64
    /// The newest generation in which this life has said what it hosts. Above none, it may be living on
    /// promises from before Redis forgot it.
    package var asserted: Generation
    package var load: MemberLoad
    package var card: MemberCard
    /// A member of the same name that has not moved for a lease's time, and what was seen of it last.
    package var replaces: Eviction?

    package init(
        member: MemberID,
        life: Life,
        incarnation: Incarnation,
        sequence: UInt64,
        asserted: Generation = .none,
        load: MemberLoad,
        card: MemberCard,
        replaces: Eviction? = nil
    ) {
        self.member = member
        self.life = life
        self.incarnation = incarnation
        self.sequence = sequence
        self.asserted = asserted
        self.load = load
        self.card = card
        self.replaces = replaces
    }
}

package struct Renewal: Hashable, Sendable {
    package var member: MemberID
    package var life: Life
    package var incarnation: Incarnation
    package var sequence: UInt64
    /// The newest view that the member counts promises by.
    package var seen: UInt64
    package var asserted: Generation
    package var load: MemberLoad

    package init(
        member: MemberID,
        life: Life,
        incarnation: Incarnation,
        sequence: UInt64,
        seen: UInt64,
        asserted: Generation,
        load: MemberLoad
    ) {
        self.member = member
        self.life = life
        self.incarnation = incarnation
        self.sequence = sequence
        self.seen = seen
        self.asserted = asserted
        self.load = load
    }
}

/// What must still be true of a member for it to be declared dead.
package struct Eviction: Hashable, Sendable {
    package var member: MemberID
    package var life: Life
    package var incarnation: Incarnation
    package var sequence: UInt64
    /// The view by which votes were counted.
    package var view: UInt64

    package init(
        member: MemberID,
        life: Life,
        incarnation: Incarnation,
        sequence: UInt64,
        view: UInt64
    ) {
        self.member = member
        self.life = life
        self.incarnation = incarnation
        self.sequence = sequence
        self.view = view
    }
}
