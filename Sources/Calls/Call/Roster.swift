internal import Basics

/// The sessions of a call in the order in which they came, found by id, connection or number.
///
/// A session is looked up by its place, which holds until the next one is removed.
struct Roster: Sendable {
    /// The connections of one session that are remembered. A client names the one before as where it
    /// comes from, so that any number of moves needs only a few.
    static let linkLimit = 8

    private(set) var sessions: [CallSession] = []
    private var numbers: [ParticipantID: UInt64] = [:]
    /// Who is reached by a connection that is live.
    private var holders: [ConnectionID: UInt64] = [:]
    /// How many sessions each person has; bots have none.
    private var counts: [PersonID: Int] = [:]
    private var botCounts: [PersonID: Int] = [:]
    private var next: UInt64 = 0

    var count: Int { sessions.count }
    /// Whether only bots are left, or nobody.
    var isDeserted: Bool { counts.isEmpty }
    /// People, each once.
    var people: some Collection<PersonID> & Sendable { counts.keys }

    var bots: [PersonID] { Array(botCounts.keys) }

    func contains(_ person: PersonID) -> Bool { counts[person] != nil }

    subscript(place: Int) -> CallSession {
        get { sessions[place] }
        _modify { yield &sessions[place] }
    }

    subscript(id: ParticipantID) -> CallSession? {
        place(of: id).map { sessions[$0] }
    }

    func place(of id: ParticipantID) -> Int? {
        numbers[id].flatMap(place(numbered:))
    }

    func place(reachedBy connection: ConnectionID) -> Int? {
        holders[connection].flatMap(place(numbered:))
    }

    /// Numbers ascend, so that half of the rest is out of question with each look.
    func place(numbered number: UInt64) -> Int? {
        var low = 0
        var high = sessions.count
        while low < high {
            let middle = (low + high) / 2
            if sessions[middle].number < number {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < sessions.count && sessions[low].number == number ? low : nil
    }

    func ids(of person: PersonID) -> [ParticipantID] {
        guard contains(person) else { return [] }
        return sessions.compactMap { $0.person == person && !$0.isBot ? $0.id : nil }
    }

    /// Adds a session, whose id nobody else may have, and answers with its place.
    mutating func add(_ joiner: Joiner, at now: Moment) -> Int {
        next += 1
        let session = CallSession(joiner, number: next, at: now)
        numbers[session.id] = next
        holders[joiner.connection] = next
        count(session, 1)
        sessions.append(session)
        return sessions.count - 1
    }

    mutating func remove(at place: Int) -> CallSession {
        let session = sessions.remove(at: place)
        numbers[session.id] = nil
        for link in session.links where link.isLive { holders[link.connection] = nil }
        count(session, -1)
        return session
    }

    private mutating func count(_ session: CallSession, _ step: Int) {
        let change = { (counts: inout [PersonID: Int]) in
            let sum = counts[session.person, default: 0] + step
            counts[session.person] = sum > 0 ? sum : nil
        }
        if session.isBot { change(&botCounts) } else { change(&counts) }
    }

    /// Adds sessions that were another roster's, in their order.
    mutating func restore(_ kept: [CallSnapshot.Session], until limit: Instant, at now: Moment) {
        for session in kept where numbers[session.id] == nil && !session.links.isEmpty {
            next += 1
            let session = CallSession(session, number: next, until: limit, at: now)
            numbers[session.id] = next
            count(session, 1)
            sessions.append(session)
        }
    }

    /// Makes a connection the one by which a session is reached. One that is here again keeps its place among the
    /// others; any other is the latest.
    mutating func bind(_ connection: ConnectionID, at place: Int, isHereAgain: Bool = false) {
        let known = sessions[place].links.firstIndex { $0.connection == connection }
        if isHereAgain, let known {
            sessions[place].links[known].isLive = true
        } else {
            if let known { sessions[place].links.remove(at: known) }
            append(CallSession.Link(connection: connection, isLive: true), at: place)
        }
        holders[connection] = sessions[place].number
        sessions[place].presence = .present(connection)
    }

    /// Remembers a connection that was gone before we heard of it.
    mutating func recall(_ connection: ConnectionID, at place: Int) {
        append(CallSession.Link(connection: connection, isLive: false), at: place)
    }

    private mutating func append(_ link: CallSession.Link, at place: Int) {
        if sessions[place].links.count == Self.linkLimit {
            holders[sessions[place].links.removeFirst().connection] = nil
        }
        sessions[place].links.append(link)
    }

    /// Takes a connection for gone. The session is then reached by the latest of its others that is still
    /// live, or is away until the given time.
    mutating func unbind(_ connection: ConnectionID, at place: Int, until limit: Instant) {
        holders[connection] = nil
        for index in sessions[place].links.indices
        where sessions[place].links[index].connection == connection {
            sessions[place].links[index].isLive = false
        }
        guard sessions[place].presence == .present(connection) else { return }
        let other = sessions[place].links.last(where: \.isLive)
        sessions[place].presence = other.map { .present($0.connection) } ?? .away(until: limit)
    }
}
