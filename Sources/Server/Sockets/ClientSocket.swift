internal import Basics
internal import IO
internal import Identity
internal import Wire

/// One client's websocket: who it is, and the first words both sides say.
///
///     waiting ── authentication_challenge, or known from the upgrade ──▶ known ──▶ gone
///        ╰────── too late, or refused ─────────────────────────────────────────────▲
///
/// A session that ends, by hand or by time, takes its sockets with it.
///
/// The server's first word to a known client is `hello`, with the connection's id. Then the client
/// may say `ping` and is answered; an action that is not known is answered with an error that says so.
actor ClientSocket: WebSocketListener {
    private enum Stage {
        case waiting
        case known(LoginDesk.Caller)
        case gone
    }

    /// What the upgrade says about who opens the socket.
    enum Owner: Sendable {
        case known(LoginDesk.Caller)
        /// Shows a session's token that only the store can know.
        case claims(Credentials)
        case stranger
    }

    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let socket: WebSocketConnection
    private let desk: LoginDesk
    private let lobby: SocketLobby
    private let rules: ClientSocketRules
    private let id: Identifier
    private let owner: Owner
    private var stage = Stage.waiting
    /// One token at a time is looked up in the store, however many are sent.
    private var isRecalling = false
    private var bucket: TokenBucket
    private var sequence = 0
    private var lastRefusal: Instant?

    init(
        _ socket: WebSocketConnection,
        owner: Owner,
        id: Identifier,
        desk: LoginDesk,
        lobby: SocketLobby,
        rules: ClientSocketRules
    ) {
        self.socket = socket
        self.desk = desk
        self.lobby = lobby
        self.rules = rules
        self.id = id
        loop = socket.loop
        bucket = TokenBucket(at: socket.loop.now)
        self.owner = owner
        if case .known(let caller) = owner {
            stage = .known(caller)
        } else if !lobby.enter(socket.request.client) {
            stage = .gone
        }
    }

    nonisolated func begin() {
        assumeIsolated { client in
            switch client.stage {
            case .known(let caller):
                client.sayHello()
                client.watch(caller)
            case .gone:
                let reason = "too many sockets wait to be authenticated"
                client.socket.close(.tryAgainLater, reason: reason)
            case .waiting:
                let end = client.loop.now + client.rules.authenticationTimeout
                client.loop.schedule(at: end) { [weak client] in
                    client?.assumeIsolated { $0.authenticationIsDue() }
                }
                if case .claims(let credentials) = client.owner {
                    client.loop.begin { await client.recallOwner(credentials) }
                }
            }
        }
    }

    // MARK: - What the socket tells

    nonisolated func receive(text: [UInt8], from socket: WebSocketConnection) {
        assumeIsolated { $0.take(text) }
    }

    nonisolated func receive(binary: [UInt8], from socket: WebSocketConnection) {
        assumeIsolated { client in
            client.refuse(.init(status: 400, "binary messages are not understood here"), to: nil)
        }
    }

    nonisolated func fellBehind(_ socket: WebSocketConnection) {}

    nonisolated func ended(_ socket: WebSocketConnection, code: WebSocketCloseCode, reason: String)
    {
        assumeIsolated { client in
            if case .waiting = client.stage { client.lobby.leave(client.socket.request.client) }
            client.stage = .gone
        }
    }

    // MARK: - Messages

    private func take(_ text: [UInt8]) {
        guard bucket.take(rules.messages, at: loop.now) == .allowed else {
            // One answer a second: whoever floods is not answered as often as it asks.
            if lastRefusal.map({ loop.now - $0 >= .seconds(1) }) ?? true {
                lastRefusal = loop.now
                refuse(.init(status: 429, "too many messages; this one is dropped"), to: nil)
            }
            return
        }
        let message: JSONValue
        do throws(JSONFault) {
            message = try JSONValue(parsing: text.span)
        } catch {
            refuse(.init(status: 400, "the message is not JSON: \(error)"), to: nil)
            return
        }
        let number = message["seq"]?.integer
        guard let action = message["action"]?.string else {
            refuse(.init(status: 400, "the message has no action"), to: number)
            return
        }
        switch (action, stage) {
        case (_, .gone):
            return
        case ("authentication_challenge", .waiting):
            authenticate(with: message["data"]?["token"]?.string, number)
        case ("authentication_challenge", .known), ("ping", _):
            accept(number, isPing: action == "ping")
        case (_, .waiting):
            refuse(.init(status: 401, "send authentication_challenge first"), to: number)
        case (_, .known):
            let known = "ping, authentication_challenge"
            refuse(.init(status: 400, "there is no such action; known are: \(known)"), to: number)
        }
    }

    private func authenticate(with token: String?, _ number: Int64?) {
        guard let token else {
            refuse(.init(status: 400, "the challenge's data has no token"), to: number)
            return
        }
        switch desk.find(.bearer(Secret(token))) {
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
        guard case .caller(let caller) = await desk.recall(credentials) else { return }
        guard case .waiting = stage else { return }
        know(caller)
    }

    private func welcome(_ caller: LoginDesk.Caller, _ number: Int64?) {
        guard case .waiting = stage else { return }
        accept(number, isPing: false)
        know(caller)
    }

    private func know(_ caller: LoginDesk.Caller) {
        stage = .known(caller)
        lobby.leave(socket.request.client)
        sayHello()
        watch(caller)
    }

    /// Looks from time to time whether the session still runs in whose name the socket was opened, and
    /// closes the socket when it does not. A signed token has been believed at the door, and counts
    /// for as long as the socket lives.
    private func watch(_ caller: LoginDesk.Caller) {
        guard case .session(let session, _) = caller else { return }
        loop.schedule(at: loop.now + Self.sessionCheck) { [weak self] in
            self?.assumeIsolated { client in
                guard case .known = client.stage else { return }
                if client.desk.runs(session.key) {
                    client.watch(caller)
                } else {
                    client.socket.close(.policyViolation, reason: "the session has ended")
                }
            }
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

    private func sayHello() {
        say { json in
            json.member("event", "hello")
            json.key("data")
            json.beginObject()
            json.member("connection_id", id.description)
            json.member("server_version", Version.protocolNumber)
            json.endObject()
            json.key("broadcast")
            json.beginObject()
            json.key("omit_users")
            json.null()
            for name in ["user_id", "channel_id", "team_id", "connection_id"] {
                json.member(name, "")
            }
            json.endObject()
            json.member("seq", sequence)
        }
        sequence += 1
    }

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
