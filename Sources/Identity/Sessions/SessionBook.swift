package import Basics
internal import Crypto

/// Who is logged in: opaque tokens on one side, people on the other.
///
///            begin                    seen within the idle time
///     ───────────────▶ running ◀──────────────╮
///                        │  ╰──────────────────╯
///                        ▼
///     ended: by hand, idle, too old, or pushed out by a newer one
///
/// A token is known by its SHA-256 only, so that a copy of this book, or of the store behind it, lets
/// nobody in.
///
/// Memory is bounded twice. A person who begins one session too many loses the one they began first.
/// When the whole book is full, the session unseen for longest ends: newcomers are never refused, and
/// since nobody has more than a few, it takes thousands of people who can log in to push one out.
///
/// Time is the time of day, for sessions outlive the process.
package struct SessionBook: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Seconds after which a session ends, however busy.
        package var longestLife: Int64
        /// Seconds after which a session ends that nobody used.
        package var longestIdle: Int64
        package var perPerson: Int
        package var inAll: Int

        package init(
            longestLife: Int64 = 30 * 86_400,
            longestIdle: Int64 = 7 * 86_400,
            perPerson: Int = 20,
            inAll: Int = 100_000
        ) {
            precondition(longestLife > 0 && longestIdle > 0, "a session lives for some time")
            precondition(perPerson > 0 && inAll > 0, "a book has room for a session")
            self.longestLife = longestLife
            self.longestIdle = longestIdle
            self.perPerson = perPerson
            self.inAll = inAll
        }
    }

    package enum Event: Hashable, Sendable {
        /// The ``SessionBook/deadline`` has come.
        case woke
    }

    package enum Action: Hashable, Sendable {
        /// Forget it in the store, and close what was opened in its name.
        case end(Session.Key)
    }

    /// A session that has just begun: the only moment at which its token is known.
    package struct Begun: Sendable {
        package var token: Secret
        package var session: Session
        /// Sessions that had to go for it.
        package var actions: [Action]
    }

    package private(set) var limits: Limits
    private var sessions: RecentlyUsed<Session.Key, Session>
    /// A person's sessions, begun first first.
    private var byPerson: [Identifier: [Session.Key]] = [:]

    package init(limits: Limits = Limits()) {
        self.limits = limits
        sessions = RecentlyUsed(capacity: limits.inAll)
    }

    package var count: Int { sessions.count }

    /// Changes how long sessions live and how many a person has, for those that run as well. How many
    /// there are in all stays.
    package mutating func apply(_ new: Limits) {
        limits.longestLife = new.longestLife
        limits.longestIdle = new.longestIdle
        limits.perPerson = new.perPerson
    }

    /// Begins a session for somebody whom a provider has just vouched for.
    package mutating func begin(
        for principal: Principal,
        at now: WallTime,
        using random: inout some RandomNumberGenerator
    ) -> Begun {
        let token = "\(Identifier(using: &random))"
        let session = Session(
            key: Session.Key(token: Array(token.utf8).span),
            principal: principal,
            csrf: Secret("\(Identifier(using: &random))"),
            began: now.seconds,
            seen: now.seconds
        )
        let actions = makeRoom(for: principal.id, at: now.seconds)
        insert(session)
        return Begun(token: Secret(token), session: session, actions: actions)
    }

    /// Takes in a session that a store has kept, unless it is here or over. Like a new one, it may push
    /// another out.
    package mutating func take(_ session: Session, at now: WallTime) -> [Action] {
        guard sessions.peek(session.key) == nil, !isOver(session, at: now.seconds) else {
            return []
        }
        let actions = makeRoom(for: session.principal.id, at: now.seconds)
        insert(session)
        return actions
    }

    /// The session of a token, if it runs. Counts as a use of it.
    package mutating func session(token: Span<UInt8>, at now: WallTime) -> Session? {
        guard token.count == Identifier.length else { return nil }
        let key = Session.Key(token: token)
        guard var session = sessions.peek(key), !isOver(session, at: now.seconds) else {
            return nil
        }
        session.seen = max(session.seen, now.seconds)
        sessions.set(key, to: session)
        return session
    }

    /// Whether a session still runs, for what was opened in its name a while ago. No use of it.
    package func runs(_ key: Session.Key, at now: WallTime) -> Bool {
        sessions.peek(key).map { !isOver($0, at: now.seconds) } ?? false
    }

    /// Ends one session: its owner logs out.
    package mutating func revoke(_ key: Session.Key) -> [Action] {
        sessions.peek(key) == nil ? [] : [end(key)]
    }

    /// Ends all sessions of a person.
    package mutating func revokeAll(of person: Identifier) -> [Action] {
        (byPerson[person] ?? []).map { end($0) }
    }

    /// When to send ``Event/woke`` next. Sessions that are over are never found, whether or not the
    /// book has been told; being told frees their memory.
    package var deadline: WallTime? {
        sessions.oldest.map { WallTime(seconds: overAt($0.value)) }
    }

    package mutating func receive(_ event: Event, at now: WallTime) -> [Action] {
        switch event {
        case .woke: expire(at: now.seconds)
        }
    }

    // MARK: - Keeping

    /// Everything, for a store to keep; unseen for longest first.
    package var snapshot: [Session] {
        sessions.all.map(\.value)
    }

    /// A book with what a store has kept. What is over or too much for the limits stays out.
    package init(restoring kept: [Session], limits: Limits = Limits(), at now: WallTime) {
        self.init(limits: limits)
        let running = kept.filter { !isOver($0, at: now.seconds) }
        for session in running.sorted(by: { $0.seen < $1.seen }).suffix(limits.inAll)
        where sessions.peek(session.key) == nil {
            insert(session)
        }
        for person in Array(byPerson.keys) {
            let began = (byPerson[person] ?? []).compactMap { sessions.peek($0) }
                .sorted { $0.began < $1.began }
            byPerson[person] = began.map(\.key)
            for session in began.dropLast(limits.perPerson) { _ = end(session.key) }
        }
    }

    // MARK: - Book-keeping

    private func overAt(_ session: Session) -> Int64 {
        min(session.began + limits.longestLife, session.seen + limits.longestIdle)
    }

    private func isOver(_ session: Session, at now: Int64) -> Bool {
        now >= overAt(session)
    }

    private mutating func makeRoom(for person: Identifier, at now: Int64) -> [Action] {
        var actions = expire(at: now)
        if let keys = byPerson[person], keys.count >= limits.perPerson {
            actions.append(end(keys[0]))
        }
        if sessions.count == limits.inAll, let oldest = sessions.oldest {
            actions.append(end(oldest.key))
        }
        return actions
    }

    private mutating func insert(_ session: Session) {
        sessions.set(session.key, to: session)
        byPerson[session.principal.id, default: []].append(session.key)
    }

    private mutating func end(_ key: Session.Key) -> Action {
        if let session = sessions.remove(key) {
            let person = session.principal.id
            byPerson[person]?.removeAll { $0 == key }
            if byPerson[person]?.isEmpty == true { byPerson[person] = nil }
        }
        return .end(key)
    }

    /// Ends what is over, from those unseen for longest on. A session in use that grows too old is
    /// found out when it is asked for, and goes once nobody asks.
    private mutating func expire(at now: Int64) -> [Action] {
        var actions: [Action] = []
        while let oldest = sessions.oldest, isOver(oldest.value, at: now) {
            actions.append(end(oldest.key))
        }
        return actions
    }
}
