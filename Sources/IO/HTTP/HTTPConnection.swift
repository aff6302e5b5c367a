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
    /// The machine was not asked to the end: it may still say that a request is whole, also when no
    /// byte is left to tell it of.
    private var isHeldBack = false
    private var proxyBytes: [UInt8] = []
    private var stageBegan: Instant
    private var bodyBytes: UInt64 = 0
    private var bodyPace: ContentPace
    /// While something waits to be sent.
    private var outputPace: ContentPace?
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
        bodyPace = ContentPace(from: 0, at: doorway.loop.now)
    }

    // MARK: - What the loop tells

    nonisolated func begin() {
        assumeIsolated { connection in
            // A doorway that is being drained has let it go at once.
            guard connection.stage != .gone else { return }
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
            switch connection.stage {
            case .arriving,
                .idle where !connection.machine.isMidMessage:
                connection.linger(orEnd: true)
            case .idle, .head, .body, .working, .lingering, .gone:
                break
            }
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
        let hadUnsent = transport.unsentBytes > 0
        if transport.flush(), hadUnsent { outputDrained() }
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
        if stage == .lingering, peerHasEnded, transport.unsentBytes == 0 { end() }
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
        while isHeldBack || !pending.isEmpty, wantsInput {
            isHeldBack = false
            var bytes: [UInt8] = []
            swap(&bytes, &pending)
            guard take(bytes.span) else { return }
        }
    }

    /// Takes bytes from the client. False if some had to be put by.
    private func take(_ input: Span<UInt8>) -> Bool {
        var offset = 0
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
                isHeldBack = true
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
        case .arriving, .idle, .head: linger()
        case .lingering, .gone: break
        }
    }

    /// What was written in this turn leaves together. If the connection has gone, it goes nowhere;
    /// it must not stay in the loop's buffer, or somebody else would get it.
    func sendOutput() {
        guard !loop.scratch.outgoing.isEmpty else { return }
        transport.send(copying: loop.scratch.outgoing)
        loop.scratch.outgoing.removeAll(keepingCapacity: true)
        if transport.unsentBytes == 0 { outputDrained() }
    }

    /// Nothing waits to be sent any more.
    private func outputDrained() {
        // The client's time to think, or to close, begins when it has its answer.
        if stage == .idle || stage == .lingering { stageBegan = loop.now }
        exchange.writerMayGoOn()
    }

    /// The body is being read again, so that the client may send again.
    func readerCaughtUp() {
        bodyPace = ContentPace(from: bodyBytes, at: loop.now)
        transport.revisit()
    }

    // MARK: - Time

    func enter(_ stage: Stage) {
        self.stage = stage
        stageBegan = loop.now
        if stage == .body {
            bodyBytes = 0
            bodyPace = ContentPace(from: 0, at: loop.now)
        }
    }

    /// When patience ends. Nil while a service is at work: that is the service's own time. A client
    /// that is still being sent its answer is asked for nothing but to take it.
    private var deadline: Instant? {
        let values = rules.values
        let unsent = outputPace?.deadline(rules: values)
        let own: Instant? =
            switch stage {
            case .arriving, .head: stageBegan + values.headTimeout
            case .idle where unsent != nil, .lingering where unsent != nil: nil
            case .idle: stageBegan + (exchange.number == 0 ? values.headTimeout : values.keepAlive)
            case .body where exchange.isReaderBehind: nil
            case .body: bodyPace.deadline(rules: values)
            case .lingering: stageBegan + values.lingering
            case .working, .gone: nil
            }
        guard let own, let unsent else { return own ?? unsent }
        return min(own, unsent)
    }

    func arm() {
        guard stage != .gone else { return }
        if transport.unsentBytes == 0 {
            outputPace = nil
        } else if outputPace == nil {
            outputPace = ContentPace(from: transport.acknowledgedBytes, at: loop.now)
        }
        guard let deadline else { return }
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
        let values = rules.values
        if let pace = outputPace, pace.deadline(rules: values) <= now {
            let acknowledged = transport.acknowledgedBytes
            guard pace.isKept(by: acknowledged, rules: values) else {
                doorway.metrics.refusals.child("slow_reader").add()
                abort()
                return
            }
            outputPace = ContentPace(from: acknowledged, at: now)
            arm()
            return
        }
        switch stage {
        case .head:
            refuse(.requestTimeout, "the head of the request did not come in time", "slow_head")
        case .body where bodyPace.isKept(by: bodyBytes, rules: values):
            bodyPace = ContentPace(from: bodyBytes, at: now)
        case .body:
            refuse(.requestTimeout, "the content came slower than allowed", "slow_body")
        case .idle where exchange.number == 0, .arriving:
            doorway.metrics.refusals.child("idle").add()
            end()
        case .idle, .lingering:
            end()
        case .working, .gone:
            break
        }
        sendOutput()
        arm()
    }

    // MARK: - Ending

    /// Closes once the last response has been sent and read: closing at once while bytes are still
    /// coming would make the kernel reset the connection and the response with it.
    func linger(orEnd mayEnd: Bool = false) {
        guard stage != .gone else { return }
        enter(.lingering)
        pending = []
        sendOutput()
        transport.finish()
        if mayEnd, transport.unsentBytes == 0 { end() }
        arm()
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

    /// Ends with a reset: the client must not take what it has for the whole.
    func abort() {
        transport.abort()
        end()
    }

    func end() {
        guard stage != .gone else { return }
        sendOutput()
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
}
