package import Basics
internal import Crypto
internal import IO
package import Identity
package import Store
internal import Synchronization
package import Wire

/// Who is asking, and whether they may: the identity room with a clock, a die and a store.
///
/// Sessions that are in use are in memory, and found without waiting. A session that this process has
/// not seen yet is looked for in the store once, and then kept.
package final class LoginDesk: Sendable {
    package enum Provider: Sendable {
        case dev(DevProvider)
        case tokens(TokenKeyring)
    }

    /// Somebody whose request may be answered.
    package enum Caller: Sendable {
        case session(Session, Credentials)
        /// Came with a signed token instead of a session, which counts until then (seconds since 1970).
        case token(Principal, expires: Int64)

        package var principal: Principal {
            switch self {
            case .session(let session, _): session.principal
            case .token(let principal, _): principal
            }
        }
    }

    package enum Finding: Sendable {
        case caller(Caller)
        case nobody(reason: String)
        /// Memory does not know the token; ask ``recall(_:)``.
        case unknown(Credentials)
    }

    /// What counts a person's requests.
    package enum Budget: Sendable {
        /// Those about calls.
        case calls
        /// Those about people and channels, of which a client makes one for each face it shows.
        case chat
    }

    /// How often one person may ask.
    package struct Rates: Sendable {
        package var calls: TokenBucket.Rate
        package var chat: TokenBucket.Rate

        package init(calls: TokenBucket.Rate, chat: TokenBucket.Rate) {
            self.calls = calls
            self.chat = chat
        }
    }

    private struct State {
        var provider: Provider
        var book: SessionBook
        var requests: RateLimiter<Identifier>
        var chatRequests: RateLimiter<Identifier>
        var logins: RateLimiter<IPAddress>
        /// Ended a while ago at the most. A look into the store that began before the end would bring
        /// them back to life.
        var ended: RecentlyUsed<Session.Key, Bool>
    }

    private let state: Mutex<State>
    private let ended = Mutex<(@Sendable ([UInt8]) -> Void)?>(nil)
    private let store: any DurableStore
    private let people: PersonBook
    private let log: Log
    private let logins: CounterFamily

    package init(
        provider: Provider,
        limits: SessionBook.Limits,
        requests: Rates,
        loginsByAddress: TokenBucket.Rate,
        store: any DurableStore,
        people: PersonBook,
        metrics: MetricRegistry,
        log: Log
    ) {
        state = Mutex(
            State(
                provider: provider,
                book: SessionBook(limits: limits),
                requests: RateLimiter(rate: requests.calls, capacity: Self.usersRemembered),
                chatRequests: RateLimiter(rate: requests.chat, capacity: Self.usersRemembered),
                logins: RateLimiter(rate: loginsByAddress, capacity: Self.usersRemembered),
                ended: RecentlyUsed(capacity: Self.endedRemembered)
            )
        )
        self.store = store
        self.people = people
        self.log = log
        logins = metrics.counters(
            "roost_logins_total",
            help: "Logins tried, by how they ended.",
            labels: ["outcome"]
        )
    }

    package func replace(provider: Provider) {
        state.withLock { $0.provider = provider }
    }

    /// Takes over new limits. Rates that have changed begin anew.
    package func apply(
        _ limits: SessionBook.Limits,
        requests: Rates,
        loginsByAddress: TokenBucket.Rate
    ) {
        state.withLock { state in
            state.book.apply(limits)
            Self.retake(requests.calls, &state.requests)
            Self.retake(requests.chat, &state.chatRequests)
            Self.retake(loginsByAddress, &state.logins)
        }
    }

    private static func retake<Source>(
        _ rate: TokenBucket.Rate,
        _ limiter: inout RateLimiter<Source>
    ) {
        if limiter.rate != rate { limiter = RateLimiter(rate: rate, capacity: usersRemembered) }
    }

    /// Seconds after which a session ends, however busy.
    package var sessionLifetime: Int64 { state.withLock { $0.book.limits.longestLife } }

    // MARK: - Logging in and out

    /// Begins a session for whoever this name or token belongs to.
    package func begin(
        name: String?,
        token: String?
    ) async throws(LoginRefusal) -> SessionBook.Begun {
        let principal: Principal
        do throws(LoginRefusal) {
            principal = try vouch(name: name, token: token)
        } catch {
            logins.child(error.code).add()
            throw error
        }
        return try await begin(for: principal)
    }

    /// Begins a session for somebody who has shown who they are in some other way.
    package func begin(for principal: Principal) async throws(LoginRefusal) -> SessionBook.Begun {
        let now = Self.now
        let begun = state.withLock { state in
            var random = SecureRandom()
            return state.book.begin(for: principal, at: now, using: &random)
        }
        await perform(begun.actions)
        do throws(StoreFault) {
            try await store.save(record(of: begun.session))
        } catch {
            _ = state.withLock { $0.book.revoke(begun.session.key) }
            logins.child("store_failed").add()
            log.error("a login could not be stored", ["why": .error(error)])
            throw LoginRefusal(.serviceUnavailable, "store_failed", "the login could not be stored")
        }
        logins.child("accepted").add()
        await people.keep(Person(principal))
        return begun
    }

    private func vouch(name: String?, token: String?) throws(LoginRefusal) -> Principal {
        switch state.withLock({ $0.provider }) {
        case .dev(let provider):
            guard let name else {
                throw LoginRefusal(.badRequest, "no_name", "send a name as login_id")
            }
            do throws(PersonName.Fault) {
                return try provider.principal(named: name)
            } catch {
                throw LoginRefusal(.badRequest, "bad_name", "\(error)")
            }
        case .tokens(let keyring):
            guard let token else {
                throw LoginRefusal(
                    .unauthorized,
                    "no_token",
                    "this node takes signed tokens; send one as token"
                )
            }
            do throws(TokenFault) {
                return try keyring.token(from: token.utf8.span, at: Self.now).principal
            } catch {
                throw LoginRefusal(.unauthorized, error.code, "\(error.description)")
            }
        }
    }

    /// Ends a session.
    package func end(_ session: Session) async {
        ended.withLock { $0 }?(session.key.bytes)
        let actions = state.withLock { state in
            state.ended.set(session.key, to: true)
            return state.book.revoke(session.key)
        }
        await perform(actions)
    }

    /// What is to be done beside that when somebody ends a session here, who is known by its key.
    func whenEnded(_ body: @escaping @Sendable ([UInt8]) -> Void) {
        ended.withLock { $0 = body }
    }

    /// A session was ended at another node, which has told the store.
    func forget(keyed bytes: [UInt8]) {
        guard let key = Session.Key(bytes: bytes) else { return }
        state.withLock { state in
            state.ended.set(key, to: true)
            _ = state.book.revoke(key)
        }
    }

    // MARK: - Who is asking

    /// Finds whose request this is, without waiting.
    package func find(_ head: HTTPRequestHead) -> Finding {
        let authorization = head.fields.first("authorization")
        let cookie = head.fields.first("cookie")
        return find(Credentials(authorization: authorization?.span, cookie: cookie?.span))
    }

    package func find(_ credentials: Credentials) -> Finding {
        guard let token = credentials.token else {
            return .nobody(reason: Admission.Refusal.noCredentials.description)
        }
        let bytes = token.revealed
        let now = Self.now
        if bytes.contains(UInt8(ascii: ".")) { return find(signed: bytes, at: now) }
        let session = state.withLock { $0.book.session(token: bytes.span, at: now) }
        if let session { return finding(session, credentials, at: now) }
        guard Identifier(bytes.span) != nil else {
            return .nobody(reason: "this is no session's token; log in first")
        }
        return .unknown(credentials)
    }

    private func finding(
        _ session: Session,
        _ credentials: Credentials,
        at now: WallTime
    ) -> Finding {
        // A guest's link has ended long before, so their session may not last as others' do.
        let isOver =
            session.principal.provider == .guest && now.seconds - session.began > Self.guestLife
        return isOver
            ? .nobody(reason: "a guest's session lasts a day; use the link again")
            : .caller(.session(session, credentials))
    }

    private func find(signed bytes: [UInt8], at now: WallTime) -> Finding {
        guard case .tokens(let keyring) = state.withLock({ $0.provider }) else {
            return .nobody(reason: "this node takes no signed tokens; log in with a name")
        }
        do throws(TokenFault) {
            let token = try keyring.token(from: bytes.span, at: now)
            let principal = token.principal
            people.meet(Person(principal))
            return .caller(.token(principal, expires: token.expires + keyring.rules.skew))
        } catch {
            return .nobody(reason: error.description)
        }
    }

    /// Looks for a session in the store that memory does not know.
    package func recall(_ credentials: Credentials) async -> Finding {
        guard let token = credentials.token else { return find(credentials) }
        let key = Session.Key(token: token.revealed.span)
        let now = Self.now
        do throws(StoreFault) {
            guard
                let record = try await store.session(tokenHash: key.bytes, at: now),
                let session = PrincipalText.read(record.principal, key: key, seen: now.seconds)
            else { return .nobody(reason: "this session has ended; log in again") }
            let actions = state.withLock { state in
                state.ended.peek(key) == nil ? state.book.take(session, at: now) : nil
            }
            guard let actions else {
                return .nobody(reason: "this session has ended; log in again")
            }
            await perform(actions)
            return finding(session, credentials, at: now)
        } catch {
            log.error("a session could not be looked up", ["why": .error(error)])
            return .nobody(reason: "sessions can't be looked up right now; try again")
        }
    }

    /// Whether this person may make another request now.
    package func mayAsk(_ person: Identifier, of budget: Budget) -> Bool {
        let now = Loop.readClock()
        return state.withLock { state in
            switch budget {
            case .calls: state.requests.take(person, at: now) == .allowed
            case .chat: state.chatRequests.take(person, at: now) == .allowed
            }
        }
    }

    /// Whether a session still runs, for what was opened in its name. No use of it.
    package func runs(_ session: Session.Key) -> Bool {
        let now = Self.now
        return state.withLock { $0.book.runs(session, at: now) }
    }

    /// Whether somebody may try to log in from this address now.
    package func mayLogIn(from address: IPAddress) -> Bool {
        let now = Loop.readClock()
        return state.withLock { $0.logins.take(address.neighbourhood, at: now) == .allowed }
    }

    // MARK: - Keeping

    /// Forgets what has expired, here and in the store.
    package func tidy() async {
        let now = Self.now
        let actions = state.withLock { $0.book.receive(.woke, at: now) }
        await perform(actions)
        do throws(StoreFault) {
            while try await store.forgetSessions(expiredAt: now) > 0 {}
        } catch {
            log.warning("expired sessions could not be forgotten", ["why": .error(error)])
        }
    }

    private func perform(_ actions: [SessionBook.Action]) async {
        for case .end(let key) in actions {
            do throws(StoreFault) {
                _ = try await store.endSession(tokenHash: key.bytes)
            } catch {
                log.error("a session that has ended is still stored", ["why": .error(error)])
            }
        }
    }

    private func record(of session: Session) -> SessionRecord {
        let limits = state.withLock { $0.book.limits }
        return SessionRecord(
            tokenHash: session.key.bytes,
            principal: PrincipalText.write(session),
            expires: WallTime(seconds: session.began + limits.longestLife)
        )
    }

    private static var now: WallTime {
        let (seconds, nanoseconds) = Loop.readWallClock()
        return WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }

    private static let usersRemembered = 10_000
    private static let endedRemembered = 10_000
    private static let guestLife: Int64 = 86_400
}

/// Why nobody was logged in: for the client, and as a label.
package struct LoginRefusal: Error, Sendable {
    package var status: HTTPStatus
    package var code: String
    package var sentence: String

    init(_ status: HTTPStatus, _ code: String, _ sentence: String) {
        self.status = status
        self.code = code
        self.sentence = sentence
    }
}
