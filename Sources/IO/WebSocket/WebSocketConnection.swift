package import Basics
internal import Crypto
package import Wire

/// One websocket, from its handshake to its end (RFC 6455).
///
///     open ──▶ closing ──▶ gone       closing: our close frame is out, the peer's is awaited
///       ╰───────────────────▲         a peer that breaks off is gone at once
///
/// Lives on its loop like the HTTP connection it was. At rest it owns no buffer. A peer that does not
/// take what it is sent is told so by a close frame, after a grace in which it may catch up, and is
/// then cut: what others are sent never waits for it.
package actor WebSocketConnection: LoopHandler, HTTPDoorway.Resident {
    private enum Stage {
        case open
        case closing(since: Instant)
        case gone
    }

    package nonisolated let loop: Loop
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    /// The request that asked for it.
    package nonisolated let request: HTTPRequest
    /// The subprotocol agreed on, if any.
    package nonisolated let subprotocol: String?

    private let doorway: HTTPDoorway
    private let rules: WebSocketRules
    private let transport: Transport
    private let agreement: WebSocketDeflate.Agreement?
    private let leave: @Sendable () -> Void
    private var listener: (any WebSocketListener)?
    private var machine: WebSocketMachine
    private var stage = Stage.open
    private var lastHeard: Instant
    private var lastPinged: Instant
    private var behindSince: Instant?
    /// The receipt that the peer owes: the last that it was asked for.
    private var receipt: Int?
    /// Messages of this turn wait to leave together.
    private var isFlushBooked = false
    /// How it ended, until the listener has been told.
    private var ending: (code: WebSocketCloseCode, reason: String)?
    private var armed: Instant?

    init(
        taking transport: Transport,
        of doorway: HTTPDoorway,
        request: HTTPRequest,
        rules: WebSocketRules,
        subprotocol: String?,
        agreement: WebSocketDeflate.Agreement?,
        leave: @escaping @Sendable () -> Void
    ) {
        self.transport = transport
        self.doorway = doorway
        self.request = request
        self.rules = rules
        self.subprotocol = subprotocol
        self.agreement = agreement
        self.leave = leave
        loop = doorway.loop
        machine = WebSocketMachine(
            role: .server,
            limits: WebSocketMachine.Limits(
                frameBytes: rules.messageBytes,
                messageBytes: rules.messageBytes,
                fragments: rules.fragments
            ),
            deflate: agreement
        )
        lastHeard = doorway.loop.now
        lastPinged = doorway.loop.now
    }

    /// Opens for business, with whatever came behind the handshake.
    nonisolated func begin(
        _ open: @Sendable (WebSocketConnection) -> any WebSocketListener,
        with bytes: [UInt8]
    ) {
        assumeIsolated { socket in
            socket.doorway.metrics.webSockets.add()
            socket.listener = open(socket)
            // Whoever opened it may have ended it in the same breath.
            if let ending = socket.ending { socket.tellEnd(ending.code, ending.reason) }
            if !bytes.isEmpty { _ = socket.take(bytes.span) }
            socket.turn()
        }
    }

    // MARK: - What the loop tells

    package nonisolated func isReady(_ readiness: Readiness, at now: Instant) {
        assumeIsolated { socket in
            socket.transport.note(readiness)
            socket.turn()
        }
    }

    package nonisolated func isDue(at now: Instant) {
        assumeIsolated { $0.checkDeadline(at: now) }
    }

    package nonisolated func drain() {
        assumeIsolated { socket in
            socket.close(.serviceRestart, reason: "this node is going away; connect again")
        }
    }

    package nonisolated func cut() {
        assumeIsolated { $0.end(.goingAway, "the node has gone") }
    }

    // MARK: - Sending

    /// Sends a message, from any thread.
    package nonisolated func send(_ message: WebSocketMessage) {
        if loop.isCurrent {
            assumeIsolated { $0.put(message) }
        } else {
            loop.execute { self.assumeIsolated { $0.put(message) } }
        }
    }

    /// Sends text to this peer alone, from any thread.
    package nonisolated func send(text: [UInt8]) {
        if loop.isCurrent {
            assumeIsolated { $0.put(text: text) }
        } else {
            loop.execute { self.assumeIsolated { $0.put(text: text) } }
        }
    }

    /// Sends text to this peer, the start of which others are sent as well, from any thread.
    ///
    /// What `isHeldBack` is left until something else is sent or ``flush()`` is called, which the caller
    /// then has to do.
    package nonisolated func send(text start: [UInt8], then end: [UInt8], isHeldBack: Bool = false)
    {
        if loop.isCurrent {
            assumeIsolated { $0.put(start, then: end, isHeldBack) }
        } else {
            loop.execute { self.assumeIsolated { $0.put(start, then: end, isHeldBack) } }
        }
    }

    /// Sends what was held back, from any thread.
    package nonisolated func flush() {
        if loop.isCurrent {
            assumeIsolated { $0.pushHeldBack() }
        } else {
            loop.execute { self.assumeIsolated { $0.pushHeldBack() } }
        }
    }

    /// Asks the peer to say that it has all that was sent so far, from any thread. The listener is told with the
    /// number, once the peer has answered; of several that are asked for one after the other, of the last.
    ///
    /// It leaves with what is sent in the same turn. A peer answers pings in the order in which it reads, so that its
    /// pong vouches for everything before (RFC 6455 section 5.5.3).
    package nonisolated func askReceipt(_ number: Int) {
        if loop.isCurrent {
            assumeIsolated { $0.putPing(for: number) }
        } else {
            loop.execute { self.assumeIsolated { $0.putPing(for: number) } }
        }
    }

    /// Sends a message to many, wherever they live, with one visit to each loop.
    package static func send(_ message: WebSocketMessage, to sockets: [WebSocketConnection]) {
        var rest = sockets[...]
        var others: [ObjectIdentifier: (loop: Loop, sockets: [WebSocketConnection])] = [:]
        while let socket = rest.popFirst() {
            if socket.loop.isCurrent {
                socket.assumeIsolated { $0.put(message) }
            } else {
                let key = ObjectIdentifier(socket.loop)
                others[key, default: (socket.loop, [])].sockets.append(socket)
            }
        }
        for (loop, sockets) in others.values {
            loop.execute {
                for socket in sockets { socket.assumeIsolated { $0.put(message) } }
            }
        }
    }

    /// Says goodbye, from any thread. The listener is told when the peer has answered, or did not.
    package nonisolated func close(_ code: WebSocketCloseCode, reason: String) {
        if loop.isCurrent {
            assumeIsolated { $0.beginClosing(code, reason) }
        } else {
            loop.execute { self.assumeIsolated { $0.beginClosing(code, reason) } }
        }
    }

    private var canCompress: Bool { agreement?.serverWindowBits == 15 }

    private func put(text: [UInt8]) { put(text, then: [], false) }

    private func put(_ start: [UInt8], then end: [UInt8], _ isHeldBack: Bool) {
        guard case .open = stage else { return }
        if canCompress, start.count + end.count >= rules.compressionFrom {
            let whole = start + end
            let frame = WebSocketFrame.deflated(
                .text,
                whole.span,
                threshold: rules.compressionFrom,
                using: doorway.codec
            )
            put(frame: frame ?? WebSocketFrame.text(whole.span), isHeldBack)
        } else {
            put(frame: WebSocketFrame.text(start.span, then: end.span), isHeldBack)
        }
    }

    private func put(_ message: WebSocketMessage) {
        if message.isDispensable, behindSince != nil { return }
        put(frame: canCompress ? message.compressed ?? message.plain : message.plain, false)
    }

    private func put(frame: [UInt8], _ isHeldBack: Bool) {
        guard case .open = stage else { return }
        transport.enqueue(frame)
        if transport.unsentFrames >= Self.framesPerFlush {
            transport.flush()
        } else if !isFlushBooked, !isHeldBack {
            isFlushBooked = true
            transport.revisit()
        }
        doorway.metrics.webSocketMessages.outgoing.add(cell: loop.index)
        checkPace()
    }

    private func putPing(for number: Int) {
        guard case .open = stage else { return }
        receipt = number
        transport.enqueue(WebSocketFrame.ping(Self.payload(of: number).span))
        guard !isFlushBooked else { return }
        isFlushBooked = true
        transport.revisit()
    }

    private func takePong(_ payload: [UInt8]) {
        guard let number = receipt, payload == Self.payload(of: number) else { return }
        receipt = nil
        guard case .open = stage, let listener else { return }
        listener.hasReceipt(number, from: self)
    }

    private static func payload(of receipt: Int) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: receipt >> $0) }
    }

    private func pushHeldBack() {
        guard case .open = stage, !isFlushBooked, transport.unsentFrames > 0 else { return }
        transport.flush()
        checkPace()
    }

    /// Whether the peer keeps up; if not, since when.
    private func checkPace() {
        let bytes = transport.unsentBytes
        let frames = transport.unsentFrames
        if bytes > rules.queueBytes * Self.queueFactor
            || frames > rules.queueFrames * Self.queueFactor
        {
            giveUpOnSlow()
        } else if bytes > rules.queueBytes || frames > rules.queueFrames {
            guard behindSince == nil else { return }
            behindSince = loop.now
            arm()
            listener?.fellBehind(self)
        } else if bytes <= rules.queueBytes / 2, frames <= rules.queueFrames / 2 {
            behindSince = nil
        }
    }

    private func giveUpOnSlow() {
        guard case .open = stage else { return }
        doorway.metrics.webSocketsEnded.child("too_slow").add()
        _ = transport.dropUnbegun()
        beginClosing(Self.tooSlow, "you read more slowly than you are sent to; connect again")
        transport.finish()
    }

    // MARK: - Receiving

    private func turn() {
        if case .gone = stage { return }
        isFlushBooked = false
        if transport.flush() || behindSince != nil { checkPace() }
        switch transport.pull({ take($0) }) {
        case .drained: break
        case .paused: transport.revisit()
        case .ended: end(.abnormal, "the peer closed the connection without a word")
        case .failed(let reason): end(.abnormal, reason)
        case .failedTLS(let fault): end(.abnormal, fault.description)
        }
        arm()
    }

    private func take(_ input: Span<UInt8>) -> Bool {
        lastHeard = loop.now
        var offset = 0
        while true {
            if case .gone = stage { return true }
            switch machine.next(in: input, from: &offset, using: doorway.codec) {
            case .needsMore:
                return true
            case .text(let text):
                hear { $0.receive(text: text, from: self) }
            case .binary(let bytes):
                hear { $0.receive(binary: bytes, from: self) }
            case .ping(let payload):
                if case .open = stage {
                    transport.send(WebSocketFrame.pong(payload.span))
                    checkPace()
                }
            case .pong(let payload):
                takePong(payload)
            case .close(let code, let reason):
                peerCloses(code, reason)
            case .failed(let code, let reason):
                doorway.metrics.webSocketsEnded.child("protocol_error").add()
                beginClosing(code, reason)
                transport.finish()
            }
        }
    }

    private func hear(_ tell: (any WebSocketListener) -> Void) {
        guard case .open = stage, let listener else { return }
        doorway.metrics.webSocketMessages.incoming.add(cell: loop.index)
        tell(listener)
    }

    // MARK: - Time

    private var deadline: Instant? {
        switch stage {
        case .gone: return nil
        case .closing(let since): return since + rules.closingTimeout
        case .open:
            var first = min(
                max(lastHeard, lastPinged) + rules.pingInterval,
                lastHeard + rules.idleTimeout
            )
            if let behindSince { first = min(first, behindSince + rules.slowGrace) }
            return first
        }
    }

    private func arm() {
        guard let deadline else { return }
        if let armed, armed <= deadline { return }
        armed = deadline
        transport.schedule(at: deadline)
    }

    private func checkDeadline(at now: Instant) {
        if let armed, armed <= now { self.armed = nil }
        guard let deadline else { return }
        if deadline <= now {
            switch stage {
            case .gone:
                return
            case .closing:
                end(.abnormal, "the peer did not answer our goodbye")
                return
            case .open where lastHeard + rules.idleTimeout <= now:
                doorway.metrics.webSocketsEnded.child("silent").add()
                end(.abnormal, "nothing was heard from the peer")
                return
            case .open where (behindSince.map { $0 + rules.slowGrace <= now } ?? false):
                giveUpOnSlow()
            case .open:
                lastPinged = now
                transport.send(Self.ping)
            }
        }
        arm()
    }

    // MARK: - Ending

    private func beginClosing(_ code: WebSocketCloseCode, _ reason: String) {
        guard case .open = stage else { return }
        stage = .closing(since: loop.now)
        transport.send(WebSocketFrame.close(code, reason: reason))
        tellEnd(code, reason)
        arm()
    }

    private func peerCloses(_ code: WebSocketCloseCode?, _ reason: String) {
        if case .open = stage {
            stage = .closing(since: loop.now)
            transport.send(WebSocketFrame.close(code))
            tellEnd(code ?? .normal, reason)
        }
        // Both goodbyes have been said. The peer should let go first (RFC 6455 section 7.1.1); the
        // deadline of closing is for one that does not.
        transport.finish()
        arm()
    }

    private func end(_ code: WebSocketCloseCode, _ reason: String) {
        if case .gone = stage { return }
        if case .open = stage { tellEnd(code, reason) }
        stage = .gone
        let cell = loop.index
        doorway.metrics.bytesIn.add(transport.bytesIn, cell: cell)
        doorway.metrics.bytesOut.add(transport.bytesOut, cell: cell)
        doorway.metrics.webSockets.add(-1)
        transport.end()
        doorway.leave(self)
        leave()
    }

    private func tellEnd(_ code: WebSocketCloseCode, _ reason: String) {
        guard let listener = listener.take() else {
            ending = (code, reason)
            return
        }
        ending = nil
        listener.ended(self, code: code, reason: reason)
    }

    /// So many may wait for the end of a turn.
    private static let framesPerFlush = 32
    private static let ping = WebSocketFrame.ping([UInt8]().span)
    private static let tooSlow = WebSocketCloseCode(rawValue: 4408)
    /// Beyond this many times its queue a reader is not given any grace.
    private static let queueFactor = 4
}

extension WebSocketCloseCode {
    /// The connection broke off; never on the wire (RFC 6455 section 7.4.1).
    package static let abnormal = WebSocketCloseCode(rawValue: 1006)
}
