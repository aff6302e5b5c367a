internal import Basics

/// What one member knows of another.
struct Peer: Sendable {
    /// One life in one incarnation: what votes are about.
    struct Subject: Hashable, Sendable {
        var life: Life
        var incarnation: Incarnation
    }

    /// An end of a life, for as long as promises given in it may still be counted by those who have
    /// them. Until then it counts among those who have a vote, and casts none.
    struct Ghost: Sendable {
        var since: UInt64
        var noticed: Instant
    }

    let member: MemberID
    let firstSeen: Instant
    /// Redis' record, as last read.
    var record: MemberRecord
    /// The generation in which the record was last read. If it isn't the current one, Redis has
    /// forgotten the member, and it has not said yet that it lives.
    var listed: Generation
    /// When it was last read. Who came later the peer can't be known to know.
    var listedAt: Instant
    /// Since when the record has not moved, by this member's clock.
    var stillSince: Instant
    /// The generation in which it was last seen to move: it has lived since that began.
    var movedIn: Generation?
    var orphans: UInt32 = 0
    var deadSince: Instant?
    var isGone = false
    var ghost: Ghost?
    var card: MemberCard?
    var isAnnounced = false

    /// Until when this member has promised not to vote against the peer.
    var promisedUntil: Instant?
    /// Against what this member has voted.
    var vote: Subject?
    /// Until when the peer has promised the same to this member, and in which life of its own.
    var promise: (until: Instant, life: Life)?
    /// A life of which the guard saw the end.
    var certified: Life?
    /// A life that must have ended, since another process runs under the name. Who moves after all has not.
    var replaced: Life?
    /// Who has voted against the peer as it is now.
    var votes: [MemberID] = []
    var evictionSent: Instant?
    /// What its record was at then. If it is at more, that was in vain.
    var evictionSequence: UInt64 = 0
    var roundTrip: Duration?

    init(row: MemberTable.Row, generation: Generation, at now: Instant) {
        member = row.member
        firstSeen = now
        record = row.record
        listed = generation
        listedAt = now
        stillSince = now
        deadSince = row.record.isAlive ? nil : now
        orphans = row.orphans
    }

    var subject: Subject { Subject(life: record.life, incarnation: record.incarnation) }
    var isAlive: Bool { record.isAlive && !isGone }
    var isCertifiedDead: Bool {
        certified.map { $0 >= record.life } ?? false || replaced.map { $0 >= record.life } ?? false
    }

    /// Takes what Redis says now. True if that ended a life.
    mutating func take(
        _ row: MemberTable.Row,
        generation: Generation,
        at now: Instant
    ) -> Bool {
        let old = record
        let wasAlive = isAlive
        // Numbers are counted anew where Redis has forgotten some: the same one in another data set is no rest.
        let isElsewhere = listed != generation
        if isElsewhere || old.sequence != row.record.sequence { replaced = nil }
        if !isElsewhere, old.sequence < row.record.sequence { movedIn = generation }
        record = row.record
        listed = generation
        listedAt = now
        orphans = row.orphans
        isGone = false
        if old.life != record.life || old.incarnation != record.incarnation { votes = [] }
        if isElsewhere || old.life != record.life || old.incarnation != record.incarnation
            || old.sequence != record.sequence
        {
            stillSince = now
        }
        deadSince = record.isAlive ? nil : deadSince ?? now
        let hasEnded = wasAlive && (!record.isAlive || record.life != old.life)
        if hasEnded { ghost = Ghost(since: old.since, noticed: now) }
        return hasEnded
    }

    mutating func depart(at now: Instant) {
        if isAlive { ghost = Ghost(since: record.since, noticed: now) }
        isGone = true
    }
}
