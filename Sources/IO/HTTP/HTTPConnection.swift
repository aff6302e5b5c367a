package import Basics
internal import Crypto
internal import Wire

/// One person's HTTP/1.1 connection, from the first byte to the last.
///
///     arriving ──▶ idle ──▶ head ──▶ body ──▶ working ──╮ responding is a matter of `working`
///      (proxy      ▲ │                │                 │
///       header)    │ ╰────── now ─────┤                 │
///                  ╰──────────────────┴── response ─────╯
///     any of them ──▶ lingering ──▶ gone            working ──▶ gone (it is a websocket now)
///
/// An actor whose executor is its loop: what the loop tells it is handled in one synchronous step.
/// Requests are taken one after the other; while a service is at work on one, no more is read, and
/// what had come with it waits. All responses of one turn leave in one call to the kernel.
package actor HTTPConnection: LoopHandler, HTTPDoorway.Resident {
    enum Stage {
        /// A PROXY protocol header is awaited.
        case arriving
        /// Nothing of the next request has come.
        case idle
        case head
        case body
        /// A service is at work, or its response is still being written.
        case working
        /// The last response is on its way; what still comes is thrown away.
        case lingering
        case gone
    }

    package nonisolated let loop: Loop
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    let doorway: HTTPDoorway
    let rules: HTTPRules
    let transport: Transport
    let isTrusted: Bool
    let leave: @Sendable () -> Void

    var peer: SocketAddress
    var machine: HTTPRequestMachine
    var stage: Stage
    var exchange = HTTPExchange()
    /// What has come and can't be taken yet.
    var pending: [UInt8] = []
    var mustEnd = false
    var peerHasEnded = false
    /// Who takes over, if this connection has become a websocket.
    var successor: WebSocketConnection?
    var open: (@Sendable (WebSocketConnection) -> any WebSocketListener)?
    private var hasHandshaken = false
    private var proxyBytes: [UInt8] = []
    private var stageBegan: Instant
    private var progress: Instant
    private var bodyBytes: UInt64 = 0
    private var armed: Instant?

    init(
        _ transport: Transport,
        peer: SocketAddress,
        isTrusted: Bool,
        doorway: HTTPDoorway,
        leave: @escaping @Sendable () -> Void
    ) {
        self.transport = transport
        self.peer = peer
        self.isTrusted = isTrusted
        self.doorway = doorway
        self.leave = leave
        loop = doorway.loop
        rules = doorway.rules
        machine = HTTPRequestMachine(limits: doorway.rules.values.limits)
        stage = doorway.rules.values.takesProxyProtocol && isTrusted ? .arriving : .idle
        stageBegan = doorway.loop.now
        progress = doorway.loop.now
    }

    // MARK: - What the loop tells

    nonisolated func begin() {
        assumeIsolated { connection in
            if connection.stage != .arriving { connection.secure(after: [UInt8]().span) }
            connection.arm()
        }
    }

    /// Begins TLS, if the rules want it, with what has come of it.
    private func secure(after rest: Span<UInt8>) {
        guard let context = rules.values.tls else { return }
        do throws(TLSFault) {
            transport.secure(with: try .server(context), after: rest)
        } catch {
            failTLS(error)
        }
    }

    package nonisolated func isReady(_ readiness: Readiness, at now: Instant) {
        assumeIsolated { connection in
            connection.transport.note(readiness)
            connection.turn(isBroken: !readiness.isDisjoint(with: .broken))
        }
    }

    package nonisolated func isDue(at now: Instant) {
        assumeIsolated { $0.checkDeadline(at: now) }
    }

    package nonisolated func drain() {
        assumeIsolated { connection in
            connection.mustEnd = true
            if case .idle = connection.stage, !connection.machine.isMidMessage { connection.end() }
        }
    }

    package nonisolated func cut() {
        assumeIsolated { $0.end() }
    }

    // MARK: - A turn

    /// Takes what has come, answers what can be answered, sends what is ready.
    func turn(isBroken: Bool = false) {
        defer {
            if successor != nil {
                var bytes: [UInt8] = []
                swap(&bytes, &pending)
                beginSuccessor(with: bytes)
            }
        }
        guard stage != .gone else { return }
        if isBroken, !wantsInput || !pending.isEmpty {
            // Nobody is left to answer, and no read will come to say so.
            end()
            return
        }
        if transport.flush() { outputDrained() }
        takePending()
        if pending.isEmpty, wantsInput {
            switch transport.pull({ take($0) }) {
            case .drained: break
            case .paused: if pending.isEmpty, wantsInput { transport.revisit() }
            case .ended: inputEnded()
            case .failed(let reason): fail(reason)
            case .failedTLS(let fault): failTLS(fault)
            }
        }
        if transport.isSecured, transport.isReady, !hasHandshaken {
            hasHandshaken = true
            doorway.metrics.tlsHandshakes.add(cell: loop.index)
        }
        sendOutput()
        if stage == .lingering, peerHasEnded { end() }
        arm()
    }

    /// Whether what comes can be taken now. Not while a service is at work, nor while the client
    /// leaves too much of what it asked for unread.
    private var wantsInput: Bool {
        switch stage {
        case .arriving, .lingering: true
        case .idle, .head: transport.unsentBytes < Self.outputLimit
        case .body: !exchange.isReaderBehind
        case .working, .gone: false
        }
    }

    func takePending() {
        while !pending.isEmpty, wantsInput {
            var bytes: [UInt8] = []
            swap(&bytes, &pending)
            guard take(bytes.span) else { return }
        }
    }

    /// Takes bytes from the client. False if some had to be put by.
    private func take(_ input: Span<UInt8>) -> Bool {
        var offset = 0
        progress = loop.now
        if stage == .arriving {
            guard let count = takeProxyHeader(input) else { return true }
            if rules.values.tls != nil {
                secure(after: input.extracting(count..<input.count))
                return true
            }
            offset = count
        }
        while true {
            guard wantsInput else {
                if offset < input.count {
                    pending.append(copying: input.extracting(offset..<input.count))
                }
                return false
            }
            guard stage != .lingering else { return true }
            switch machine.next(in: input, from: &offset) {
            case .needsMore:
                if stage == .idle, machine.isMidHead { enter(.head) }
                return true
            case .head(let head):
                begin(head)
            case .body(let range):
                bodyBytes += UInt64(range.count)
                takeBody(input.extracting(range))
            case .end:
                endOfBody()
            case .refused(let refusal):
                refuse(refusal)
                return true
            }
        }
    }

    /// Reads who the proxy says is calling. How much of the input that took, or nil if more must come.
    private func takeProxyHeader(_ input: Span<UInt8>) -> Int? {
        let known = proxyBytes.count
        let room = max(ProxyHeader.mostBytes - known, 0)
        proxyBytes.append(copying: input.extracting(0..<min(room, input.count)))
        let length: Int
        switch ProxyHeader(parsing: proxyBytes.span) {
        case .needsMore:
            return nil
        case .relayed(let source, _, let count):
            peer = source
            length = count
        case .local(let count):
            length = count
        case .refused(let rule, _):
            doorway.metrics.refusals.child("proxy_header").add()
            fail(rule.rawValue)
            return nil
        }
        proxyBytes = []
        enter(.idle)
        return length - known
    }

    private func inputEnded() {
        peerHasEnded = true
        switch stage {
        case .working: mustEnd = true
        case .body: bodyCutOff()
        case .arriving, .idle, .head, .lingering: end()
        case .gone: break
        }
    }

    /// What was written in this turn leaves together.
    func sendOutput() {
        guard stage != .gone, !loop.scratch.outgoing.isEmpty else { return }
        transport.send(copying: loop.scratch.outgoing)
        loop.scratch.outgoing.removeAll(keepingCapacity: true)
        if transport.unsentBytes == 0 { outputDrained() }
    }

    private func outputDrained() {
        progress = loop.now
        guard transport.unsentBytes < Self.outputLimit else { return }
        exchange.writerMayGoOn()
    }

    // MARK: - Time

    func enter(_ stage: Stage) {
        self.stage = stage
        stageBegan = loop.now
        if stage == .body { bodyBytes = 0 }
    }

    /// When patience ends. Nil while a service is at work: that is the service's own time.
    private var deadline: Instant? {
        let values = rules.values
        let unsent: Instant? =
            transport.unsentBytes > 0 ? progress + values.bodyTimeout : nil
        let own: Instant? =
            switch stage {
            case .arriving, .head: stageBegan + values.headTimeout
            case .idle: stageBegan + (exchange.number == 0 ? values.headTimeout : values.keepAlive)
            case .body where exchange.isReaderBehind: nil
            case .body: stageBegan + values.bodyTimeout + allowance(for: bodyBytes)
            case .lingering: stageBegan + Self.lingering
            case .working, .gone: nil
            }
        guard let own, let unsent else { return own ?? unsent }
        return min(own, unsent)
    }

    /// What a client that keeps to the least pace may take for these bytes.
    private func allowance(for bytes: UInt64) -> Duration {
        .seconds(Int64(clamping: bytes / UInt64(max(rules.values.minimumBodyRate, 1))))
    }

    func arm() {
        guard stage != .gone, let deadline else { return }
        // An earlier entry is already in the heap, and will look again when it comes up.
        if let armed, armed <= deadline { return }
        armed = deadline
        transport.schedule(at: deadline)
    }

    private func checkDeadline(at now: Instant) {
        guard stage != .gone else { return }
        if let armed, armed <= now { self.armed = nil }
        guard let deadline, deadline <= now else {
            arm()
            return
        }
        switch stage {
        case .head:
            refuse(.requestTimeout, "the head of the request did not come in time", "slow_head")
        case .body:
            refuse(.requestTimeout, "the content came slower than allowed", "slow_body")
        case .idle where exchange.number > 0 && transport.unsentBytes == 0:
            end()
        case .arriving, .idle, .working, .lingering, .gone:
            if stage != .lingering { doorway.metrics.refusals.child("idle").add() }
            transport.unsentBytes > 0 ? abort() : end()
        }
        sendOutput()
        arm()
    }

    // MARK: - Ending

    /// Closes once the last response has been sent and read: closing at once while bytes are still
    /// coming would make the kernel reset the connection and the response with it.
    func linger() {
        guard stage != .gone else { return }
        enter(.lingering)
        pending = []
        sendOutput()
        transport.finish()
    }

    private func failTLS(_ fault: TLSFault) {
        doorway.metrics.tlsFailures.child(fault.code).add()
        fail(fault.description)
    }

    private func fail(_ reason: String) {
        doorway.log.debug(
            "a connection failed",
            ["peer": .string(peer.description), "why": .string(reason)]
        )
        end()
    }

    private func abort() {
        transport.abort()
        end()
    }

    func end() {
        guard stage != .gone else { return }
        let cell = loop.index
        doorway.metrics.bytesIn.add(transport.bytesIn, cell: cell)
        doorway.metrics.bytesOut.add(transport.bytesOut, cell: cell)
        transport.end()
        vacate()
        pending = []
        leave()
    }

    /// Leaves the doorway without closing: the transport has another owner from here on.
    func vacate() {
        stage = .gone
        exchange.abandon()
        doorway.leave(self)
    }

    static let outputLimit = 256 * 1024
    private static let lingering = Duration.seconds(2)
}
