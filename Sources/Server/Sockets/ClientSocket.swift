internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Wire

/// One client's websocket: who it is, and what they say.
///
///     waiting ── authentication_challenge, or known from the upgrade ──▶ entering ──▶ known ──▶ gone
///        ╰────── too late, or refused ────────────────────────────────────────────────────────▲
///
/// Entering takes a moment where the client goes on with a line that another loop has; what it says
/// meanwhile waits. A session or token that ends, by hand or by time, takes its sockets with it, and the
/// participation in calls that was begun over them.
///
/// The server's first word to a known client is `hello`, with the connection's id; whoever has resumed a
/// connection hears first what it has missed. What calls tell comes from the ``SocketHall``, numbered; what
/// is said here answers one message, and bears that message's number.
actor ClientSocket: WebSocketListener {
    private enum Stage {
        case waiting
        case entering(LoginDesk.Caller, SocketSeat)
        case known(CallDirectory.Speaker, SocketSeat)
        case gone
    }

    /// What the upgrade says about who opens the socket.
    enum Owner: Sendable {
        case known(LoginDesk.Caller)
        /// Shows a session's token that only the store can know.
        case claims(Credentials)
        case stranger
    }

    /// What all sockets of a node share.
    struct Surroundings: Sendable {
        var desk: LoginDesk
        var lobby: SocketLobby
        var hall: SocketHall
        var calls: CallDirectory
        var paces: PersonPaces
        var figures: CallFigures
    }

    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let socket: WebSocketConnection
    private let around: Surroundings
    private let rules: ClientSocketRules
    private let owner: Owner
    private let hope: SocketHall.Hope?
    private var stage = Stage.waiting
    /// What was said while entering.
    private var backlog: [ClientFrame] = []
    /// One token at a time is looked up in the store, however many are sent.
    private var isRecalling = false
    /// The token that came with the upgrade is.
    private var isRecallingOwner = false
    private var bucket: TokenBucket
    private var lastRefusal: Instant?

    private var desk: LoginDesk { around.desk }
    private var lobby: SocketLobby { around.lobby }

    init(
        _ socket: WebSocketConnection,
        owner: Owner,
        hope: SocketHall.Hope?,
        around: Surroundings,
        rules: ClientSocketRules
    ) {
        self.socket = socket
        self.around = around
        self.rules = rules
        self.hope = hope
        loop = socket.loop
        bucket = TokenBucket(at: socket.loop.now)
        self.owner = owner
        if case .known = owner { return }
        if !around.lobby.enter(socket.request.client) { stage = .gone }
    }

    nonisolated func begin() {
        assumeIsolated { client in
            if case .known(let caller) = client.owner { return client.enter(caller) }
            guard case .waiting = client.stage else {
                let reason = "too many sockets wait to be authenticated"
                client.socket.close(.tryAgainLater, reason: reason)
                return
            }
            let end = client.loop.now + client.rules.authenticationTimeout
            client.loop.schedule(at: end) { [weak client] in
                client?.assumeIsolated { $0.authenticationIsDue() }
            }
            if case .claims(let credentials) = client.owner {
                client.isRecallingOwner = true
                client.loop.begin { await client.recallOwner(credentials) }
            }
        }
    }

    // MARK: - What the socket tells

    nonisolated func receive(text: [UInt8], from socket: WebSocketConnection) {
        assumeIsolated { client in
            client.take { () throws(ClientFrameFault) in try ClientFrame(text: text.span) }
        }
    }

    nonisolated func receive(binary: [UInt8], from socket: WebSocketConnection) {
        assumeIsolated { client in
            client.take { () throws(ClientFrameFault) in try ClientFrame(binary: binary.span) }
        }
    }

    nonisolated func fellBehind(_ socket: WebSocketConnection) {}

    nonisolated func hasReceipt(_ number: Int, from socket: WebSocketConnection) {
        assumeIsolated { client in
            guard case .known(let speaker, let seat) = client.stage else { return }
            client.around.hall.hasReceipt(number, for: speaker.connection, from: seat)
        }
    }

    nonisolated func ended(_ socket: WebSocketConnection, code: WebSocketCloseCode, reason: String)
    {
        assumeIsolated { client in
            switch client.stage {
            case .waiting: client.lobby.leave(client.socket.request.client)
            case .known(let speaker, let seat): client.lose(speaker, seat)
            // Once it has its line, it is found to be gone.
            case .entering, .gone: break
            }
            client.stage = .gone
            client.backlog = []
        }
    }

    private func lose(_ speaker: CallDirectory.Speaker, _ seat: SocketSeat) {
        around.hall.lose(speaker.connection, of: seat) { [calls = around.calls] in
            calls.lost(speaker.connection)
        }
    }

    // MARK: - Messages

    private func take(_ read: () throws(ClientFrameFault) -> ClientFrame) {
        guard maySpeak() else {
            // One answer a second: whoever floods is not answered as often as it asks.
            if lastRefusal.map({ loop.now - $0 >= .seconds(1) }) ?? true {
                lastRefusal = loop.now
                around.figures.refused("flood")
                refuse(.init(status: 429, "too many messages; this one is dropped"), to: nil)
            }
            return
        }
        do throws(ClientFrameFault) {
            take(try read())
        } catch {
            around.figures.refused("frame")
            refuse(.init(status: 400, error.description), to: error.sequence)
            // Clients of calls look at events alone.
            guard case .known(let speaker, _) = stage,
                error.action?.hasPrefix(ClientMessage.actionPrefix) == true
            else { return }
            if error.asksToComeIn {
                around.calls.turnAway(speaker, error.description)
            } else {
                around.calls.refuse(speaker, error.description)
            }
        }
    }

    private func maySpeak() -> Bool {
        guard bucket.take(rules.messages, at: loop.now) == .allowed else { return false }
        guard case .known(let speaker, _) = stage else { return true }
        return around.paces.mayAsk(speaker.person, at: loop.now)
    }

    private func take(_ frame: ClientFrame) {
        let number = frame.sequence
        switch (frame.content, stage) {
        case (_, .gone):
            return
        case (.authenticate(let token), .waiting):
            authenticate(with: token, number)
        case (.authenticate, _):
            accept(number, isPing: false)
        case (.ping, _):
            accept(number, isPing: true)
        case (_, .waiting)
        where (isRecalling || isRecallingOwner) && backlog.count < Self.strangersBacklogLimit:
            // A login from another node, or from before a restart, takes a moment to be found; clients that
            // come back say at once that they do.
            backlog.append(frame)
        case (_, .waiting):
            refuse(.init(status: 401, Self.challenge), to: number)
        case (_, .entering):
            guard backlog.count < Self.backlogLimit else {
                refuse(.init(status: 429, "wait for hello; this one is dropped"), to: number)
                return
            }
            backlog.append(frame)
        case (.calls(let message), .known(let speaker, _)):
            around.figures.came(message.name)
            around.calls.hear(message, from: speaker, on: loop)
        case (.unknown(let action), .known):
            let why = "there is no such action as \(action); see docs/PROTOCOL.md"
            refuse(.init(status: 400, why), to: number)
        }
    }

    /// More than a client has to say before it knows who it is.
    private static let backlogLimit = 32
    /// Of somebody of whom it is not known yet who they are.
    private static let strangersBacklogLimit = 4
    private static let challenge = "send authentication_challenge first"

    private func authenticate(with token: Secret, _ number: Int64?) {
        switch desk.find(.bearer(token)) {
        case .caller(let caller): welcome(caller, number)
        case .nobody(let reason): turnAway(reason, number)
        case .unknown(let credentials):
            guard !isRecalling else {
                refuse(
                    .init(status: 429, "the challenge before this one is being looked up"),
                    to: number
                )
                return
            }
            isRecalling = true
            loop.begin { [self] in await recall(credentials, number) }
        }
    }

    private func recall(_ credentials: Credentials, _ number: Int64?) async {
        let finding = await desk.recall(credentials)
        isRecalling = false
        switch finding {
        case .caller(let caller): welcome(caller, number)
        case .nobody(let reason): turnAway(reason, number)
        case .unknown: turnAway("log in first", number)
        }
    }

    /// Looks up whose token came with the upgrade. If it is nobody's, the socket waits for a challenge,
    /// as if none had come.
    private func recallOwner(_ credentials: Credentials) async {
        let finding = await desk.recall(credentials)
        isRecallingOwner = false
        guard case .waiting = stage else { return }
        guard case .caller(let caller) = finding else {
            for frame in backlog { refuse(.init(status: 401, Self.challenge), to: frame.sequence) }
            backlog = []
            return
        }
        lobby.leave(socket.request.client)
        enter(caller)
    }

    private func welcome(_ caller: LoginDesk.Caller, _ number: Int64?) {
        guard case .waiting = stage else { return }
        accept(number, isPing: false)
        lobby.leave(socket.request.client)
        enter(caller)
    }

    private func enter(_ caller: LoginDesk.Caller) {
        let seat = SocketSeat(socket, of: caller.principal)
        stage = .entering(caller, seat)
        around.hall.enter(seat, hoping: hope) { connection, isResumed in
            self.assumeIsolated { $0.know(caller, seat, connection, isResumed: isResumed) }
        }
    }

    private func know(
        _ caller: LoginDesk.Caller,
        _ seat: SocketSeat,
        _ connection: ConnectionID,
        isResumed: Bool
    ) {
        let speaker = CallDirectory.Speaker(connection: connection, principal: caller.principal)
        guard case .entering = stage else { return lose(speaker, seat) }
        stage = .known(speaker, seat)
        if isResumed { around.calls.resumed(connection, of: speaker.person) }
        watch(caller)
        let frames = backlog
        backlog = []
        for frame in frames { take(frame) }
    }

    /// Looks from time to time whether the login still counts in whose name the socket was opened, and
    /// closes the socket when it does not.
    private func watch(_ caller: LoginDesk.Caller) {
        let wait: Duration
        switch caller {
        case .session: wait = Self.sessionCheck
        case .token(_, let expires):
            // In steps, since the wall clock may be set meanwhile.
            let left = max(expires - Loop.readWallClock().seconds, 1)
            wait = .seconds(min(left, 600))
        }
        loop.schedule(at: loop.now + wait) { [weak self] in
            self?.assumeIsolated { client in
                guard case .known(let speaker, _) = client.stage else { return }
                if client.counts(caller) { return client.watch(caller) }
                client.expire(speaker)
            }
        }
    }

    private func counts(_ caller: LoginDesk.Caller) -> Bool {
        switch caller {
        case .session(let session, _): desk.runs(session.key)
        case .token(_, let expires): Loop.readWallClock().seconds < expires
        }
    }

    private func expire(_ speaker: CallDirectory.Speaker) {
        let hasOthers = around.hall.hasOthers(speaker.person)
        loop.begin { [calls = around.calls] in
            let isElsewhere = hasOthers ? true : await calls.connectsElsewhere(speaker.person)
            calls.expired(speaker, hasOthers: isElsewhere)
        }
        stage = .gone
        // The call has a word to say about it first.
        loop.schedule(at: loop.now + .milliseconds(250)) { [around, socket] in
            around.hall.end(speaker.connection)
            socket.close(.policyViolation, reason: "the login has ended; log in again")
        }
    }

    private func turnAway(_ reason: String, _ number: Int64?) {
        guard case .waiting = stage else { return }
        refuse(.init(status: 401, reason), to: number)
        socket.close(.policyViolation, reason: "not authenticated")
    }

    private func authenticationIsDue() {
        guard case .waiting = stage else { return }
        socket.close(.policyViolation, reason: "nobody authenticated in time")
    }

    /// An ended session's sockets are closed within ten seconds, as the Calls plugin does it.
    private static let sessionCheck = Duration.seconds(8)

    // MARK: - What is said

    private func accept(_ number: Int64?, isPing: Bool) {
        say { json in
            json.member("status", "OK")
            if isPing {
                json.key("data")
                json.beginObject()
                json.member("text", "pong")
                json.member("server_version", Version.protocolNumber)
                json.endObject()
            }
            if let number { json.member("seq_reply", number) }
        }
    }

    private struct Fault {
        var status: Int
        var message: String

        init(status: Int, _ message: String) {
            self.status = status
            self.message = message
        }
    }

    private func refuse(_ fault: Fault, to number: Int64?) {
        say { json in
            json.member("status", "FAIL")
            if let number { json.member("seq_reply", number) }
            json.key("error")
            json.beginObject()
            json.member("message", fault.message)
            json.member("status_code", fault.status)
            json.endObject()
        }
    }

    private func say(_ body: (inout JSONWriter) -> Void) {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            body(&json)
            json.endObject()
        }
        socket.send(text: bytes)
    }
}

/// What client sockets must keep to, as the settings say.
struct ClientSocketRules: Sendable {
    var authenticationTimeout: Duration
    var messages: TokenBucket.Rate
}
