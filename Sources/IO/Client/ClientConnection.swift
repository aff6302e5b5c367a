internal import Basics
internal import Crypto
internal import Wire

/// One connection to another server, on its client's loop.
///
///     connecting ──▶ securing ──▶ idle ◀──▶ talking ──▶ gone, as from any other
///          ╰──────── no TLS ───────▲
///
/// It speaks HTTP and tells the ``HTTPClient`` what came of it; when to give up, and what to do then,
/// the client decides.
actor ClientConnection: LoopHandler {
    enum Stage {
        case connecting
        case securing
        case idle
        case talking
        case gone
    }

    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let client: HTTPClient
    private let location: HTTPLocation
    private let tls: TLSContext?
    private let descriptor: Int32
    private let transport: Transport
    private var machine: HTTPResponseMachine
    private(set) var stage = Stage.connecting
    private(set) var restsUntil: Instant?

    // Of the exchange that is under way.
    private var isReused = false
    private var mayRepeat = false
    private var hasHeard = false
    private var bytesOutBefore: UInt64 = 0
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var isWhole = false
    private var refusal: HTTPRefusal?
    private var isSpoilt = false
    private var exchangeCount = 0

    /// Begins to connect.
    init(
        to address: SocketAddress,
        for location: HTTPLocation,
        tls: TLSContext?,
        limits: HTTPLimits,
        client: HTTPClient
    ) throws(SystemFault) {
        self.client = client
        self.location = location
        self.tls = tls
        loop = client.loop
        descriptor = try Socket.connect(to: address)
        transport = Transport(descriptor: descriptor, loop: client.loop)
        machine = HTTPResponseMachine(limits: limits)
    }

    // MARK: - What the loop tells

    nonisolated func isReady(_ readiness: Readiness, at now: Instant) {
        assumeIsolated { connection in
            connection.transport.note(readiness)
            if connection.stage == .connecting {
                guard !readiness.isDisjoint(with: [.write, .broken]) else { return }
                connection.settleConnecting()
            }
            connection.turn()
        }
    }

    nonisolated func isDue(at now: Instant) {}

    /// Asks the loop to watch. Nil if it does.
    func begin() -> SystemFault? {
        do throws(SystemFault) {
            try transport.attach(self)
            return nil
        } catch {
            return error
        }
    }

    private func settleConnecting() {
        if let code = Socket.settled(descriptor) {
            let fault = SystemFault(doing: "connect", code: code)
            end()
            client.assumeIsolated { $0.connectingFailed(self, fault.description) }
            return
        }
        guard let tls else {
            stage = .idle
            client.assumeIsolated { $0.connected(self) }
            return
        }
        stage = .securing
        do throws(TLSFault) {
            let machine = try TLSMachine.client(tls, serverName: location.host)
            transport.secure(with: machine, after: [UInt8]().span)
            transport.beginHandshake()
            client.assumeIsolated { $0.securing(self) }
        } catch {
            fail(.tls(origin: location.origin, error))
        }
    }

    // MARK: - An exchange

    /// Whether it can carry one more request. Looks at the socket itself: what the server did since
    /// the loop last slept, the loop has not told yet. Lets go if it can't.
    func isStillFit() -> Bool {
        guard stage == .idle else { return false }
        transport.note(.read)
        if case .drained = transport.pull({ take($0) }), !isSpoilt { return true }
        end()
        return false
    }

    /// Sends the request. Only when idle.
    func talk(_ request: OutgoingRequest) {
        stage = .talking
        restsUntil = nil
        isReused = exchangeCount > 0
        exchangeCount += 1
        mayRepeat = request.isIdempotent
        (hasHeard, bytesOutBefore) = (false, transport.bytesOut)
        (head, body, isWhole) = (nil, [], false)
        machine.begin(request.method)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + request.body.count)
        HTTPRequestWriter.writeHead(
            request.method,
            request.location,
            fields: request.fields,
            length: request.body.count,
            to: &bytes
        )
        bytes += request.body
        transport.send(bytes)
    }

    func rest(until instant: Instant) {
        restsUntil = instant
    }

    private func turn() {
        guard stage != .gone, stage != .connecting else { return }
        transport.flush()
        let pulled = transport.pull { take($0) }
        if stage == .securing, transport.isReady {
            stage = .idle
            client.assumeIsolated { $0.connected(self) }
            guard stage != .gone else { return }
            transport.flush()
        }
        if let refusal {
            fail(fault(for: refusal))
            return
        }
        if isWhole {
            finish(peerHasEnded: pulled.isEnd)
            return
        }
        switch pulled {
        case .drained: if isSpoilt { fail(closedFault("it spoke unasked")) }
        case .paused: isSpoilt ? fail(closedFault("it spoke unasked")) : transport.revisit()
        case .ended: peerEnded()
        case .failed(let reason): fail(closedFault(reason))
        case .failedTLS(let fault): fail(.tls(origin: location.origin, fault))
        }
    }

    /// Takes bytes from the server. False when the answer is whole or can't become so.
    private func take(_ input: Span<UInt8>) -> Bool {
        guard stage == .talking, !isWhole else {
            isSpoilt = true
            return false
        }
        hasHeard = true
        var offset = 0
        while true {
            switch machine.next(in: input, from: &offset) {
            case .needsMore:
                return true
            case .head(let head):
                self.head = head
            case .body(let range):
                // The machine has counted it against the limit.
                body.append(copying: input.extracting(range))
            case .end:
                isWhole = true
                isSpoilt = offset < input.count
                return false
            case .failed(let refusal):
                self.refusal = refusal
                return false
            }
        }
    }

    private func peerEnded() {
        guard stage == .talking else {
            let isSecuring = stage == .securing
            fail(
                isSecuring
                    ? .tls(origin: location.origin, .endedInHandshake)
                    : closedFault("it was closed")
            )
            return
        }
        guard case .end = machine.receiveEnd() else {
            fail(closedFault("the server closed it"))
            return
        }
        // Without a length only TLS can tell the end from a cut.
        guard !transport.isSecured || transport.hasEndedCleanly else {
            fail(closedFault("it was cut without a goodbye"))
            return
        }
        finish(peerHasEnded: true)
    }

    private func finish(peerHasEnded: Bool) {
        guard let head else { return }
        let response = IncomingResponse(head: head, body: body)
        let isReusable =
            head.keepAlive && !peerHasEnded && !isSpoilt && transport.unsentBytes == 0
            && machine.isIdle
        (self.head, body, isWhole) = (nil, [], false)
        if isReusable {
            stage = .idle
            // More may have come since; an end that goes unseen here would cost the next request.
            transport.revisit()
        } else {
            end()
        }
        client.assumeIsolated { $0.answered(self, response) }
    }

    // MARK: - Ending

    private func fault(for refusal: HTTPRefusal) -> HTTPClientFault {
        switch refusal.rule {
        case .headTooLarge, .tooManyFields, .trailersTooLarge:
            .headTooLarge(origin: location.origin, limit: client.rules.limits.headBytes)
        case .contentTooLarge:
            .bodyTooLarge(origin: location.origin, limit: client.rules.limits.bodyBytes)
        default:
            .malformed(origin: location.origin, refusal)
        }
    }

    private func closedFault(_ why: String) -> HTTPClientFault {
        .cutOff(origin: location.origin, why: why)
    }

    private func fail(_ fault: HTTPClientFault) {
        guard stage != .gone else { return }
        var isStale = false
        if case .cutOff = fault, stage == .talking, isReused {
            isStale = !hasHeard && (mayRepeat || transport.bytesOut == bytesOutBefore)
        }
        end()
        client.assumeIsolated { $0.failed(self, fault, isStale: isStale) }
    }

    /// Lets go. Says nothing to the client, who may be the one that asks.
    func end() {
        guard stage != .gone else { return }
        stage = .gone
        body = []
        transport.end()
    }
}

extension Transport.Pulled {
    fileprivate var isEnd: Bool {
        switch self {
        case .ended, .failed, .failedTLS: true
        case .drained, .paused: false
        }
    }
}
