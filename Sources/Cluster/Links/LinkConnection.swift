internal import Basics
internal import Coordination
internal import Crypto
internal import IO
internal import Wire

/// One connection to another node, dialled or accepted, on the loop of the ``Links``.
///
///     connecting ──▶ securing ──▶ greeting ──▶ open ──▶ gone, as from any other
///      (dialled)                   hello and its answer
///
/// Until the other side has proved itself it may send one short frame and has two seconds for it. It
/// speaks frames; what they mean, and whether this connection is the link, the ``Links`` decide.
actor LinkConnection: LoopHandler {
    enum Stage {
        case connecting
        case securing
        case greeting
        case open
        case gone
    }

    /// Whom it leads to, as far as that is known.
    enum Peer {
        case dialled(MemberID)
        case stranger(SocketAddress)
        case known(MemberID)

        var member: MemberID? {
            switch self {
            case .dialled(let member), .known(let member): member
            case .stranger: nil
            }
        }
    }

    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private unowned let links: Links
    private let security: LinkSecurity
    private let descriptor: Int32
    private let transport: Transport
    private var reader = ClusterFrameReader(limit: strangersLimit)
    private(set) var peer: Peer
    private(set) var stage: Stage
    /// How many parcels our hello has said to have come.
    var greetedWith: UInt64 = 0
    private var heard: Instant
    /// How long nothing may come.
    private var patience = Duration.zero
    private var mustFlush = false

    /// Begins to connect.
    init(
        dialling address: SocketAddress,
        of member: MemberID,
        by links: Links,
        _ security: LinkSecurity
    ) throws(SystemFault) {
        descriptor = try Socket.connect(to: address)
        self.links = links
        self.security = security
        loop = links.loop
        transport = Transport(descriptor: descriptor, loop: links.loop)
        peer = .dialled(member)
        stage = .connecting
        heard = links.loop.now
    }

    /// Takes over a connection that was accepted.
    init(
        accepted descriptor: Int32,
        from address: SocketAddress,
        by links: Links,
        _ security: LinkSecurity
    ) {
        self.descriptor = descriptor
        self.links = links
        self.security = security
        loop = links.loop
        transport = Transport(descriptor: descriptor, loop: links.loop)
        peer = .stranger(address)
        stage = .securing
        heard = links.loop.now
    }

    /// Asks the loop to watch. Nil if it does.
    func begin() -> String? {
        do throws(SystemFault) {
            try transport.attach(self)
        } catch {
            return error.description
        }
        if stage == .securing, let fault = secure() { return fault }
        transport.schedule(at: loop.now + Self.greetingTime)
        return nil
    }

    // MARK: - What the loop tells

    nonisolated func isReady(_ readiness: Readiness, at now: Instant) {
        assumeIsolated { connection in
            connection.transport.note(readiness)
            if connection.stage == .connecting {
                guard !readiness.isDisjoint(with: [.write, .broken]) else { return }
                connection.settleConnecting()
            }
            connection.turn(at: now)
        }
    }

    nonisolated func isDue(at now: Instant) {
        assumeIsolated { connection in
            switch connection.stage {
            case .gone: break
            case .connecting, .securing, .greeting: connection.fail("it said no hello in time")
            case .open:
                guard now < connection.heard + connection.patience else {
                    return connection.fail("it has fallen silent", isSilent: true)
                }
                connection.links.assumeIsolated { $0.keepAlive(connection) }
                connection.transport.schedule(at: now + Links.aliveTime)
            }
        }
    }

    private func settleConnecting() {
        if let code = Socket.settled(descriptor) {
            return fail(SystemFault(doing: "connect", code: code).description)
        }
        stage = .securing
        if let fault = secure() { fail(fault) }
    }

    private func secure() -> String? {
        do throws(TLSFault) {
            switch peer {
            case .dialled(let member), .known(let member):
                transport.secure(
                    with: try .client(security.client, serverName: member.name.description),
                    after: [UInt8]().span
                )
                transport.beginHandshake()
            case .stranger:
                transport.secure(with: try .server(security.server), after: [UInt8]().span)
            }
            return nil
        } catch {
            return error.description
        }
    }

    private func turn(at now: Instant) {
        guard stage != .gone, stage != .connecting else { return }
        mustFlush = false
        transport.flush()
        let pulled = transport.pull { take($0, at: now) }
        if stage == .securing, transport.isReady { greet() }
        switch pulled {
        case .drained: break
        case .paused: if stage != .gone { transport.revisit() }
        case .ended: fail("it was closed")
        case .failed(let why): fail(why)
        case .failedTLS(let fault): fail("\(fault); \(security.advice)")
        }
    }

    private func greet() {
        stage = .greeting
        guard case .dialled(let member) = peer else { return }
        links.assumeIsolated { links in
            let hello = links.hello(to: member)
            self.assumeIsolated { connection in
                connection.greetedWith = hello.received
                connection.send(ClusterFrame.hello(hello).bytes)
            }
        }
    }

    private func take(_ bytes: Span<UInt8>, at now: Instant) -> Bool {
        if stage == .securing { greet() }
        heard = now
        reader.append(bytes)
        do throws(ClusterFrameReader.Fault) {
            while stage != .gone, let frame = try reader.next() { take(frame) }
        } catch {
            fail(error.description)
        }
        return stage != .gone
    }

    private func take(_ frame: ClusterFrame) {
        links.assumeIsolated { $0.take(frame, from: self) }
    }

    // MARK: - What the links decide

    /// The other side has proved who it is, and both have greeted.
    func open(to member: MemberID, patience: Duration) {
        guard stage == .greeting else { return }
        self.patience = patience
        peer = .known(member)
        stage = .open
        reader.lift(to: ClusterFrame.relayedLimit)
        transport.schedule(at: loop.now + Links.aliveTime)
    }

    /// Whether the certificate that was shown bears this name, if names are to be proved.
    func proves(_ member: MemberID) -> Bool {
        guard security.provesNames else { return true }
        return transport.peerCertificate?.names.contains(member.name.description) == true
    }

    /// Puts a frame behind those that wait; all of one turn leave together.
    func send(_ frame: [UInt8]) {
        guard stage != .gone else { return }
        guard transport.unsentBytes < Self.unsentLimit else {
            return fail("it does not take what it is sent")
        }
        transport.enqueue(frame)
        guard !mustFlush else { return }
        mustFlush = true
        transport.revisit()
    }

    /// What waits for the other side to take it.
    var unsentBytes: Int { transport.unsentBytes }

    /// Says why there is no link, and hangs up.
    func refuse(_ why: String) {
        guard stage != .gone else { return }
        transport.enqueue(ClusterFrame.refusal(why).bytes)
        hangUp()
    }

    /// Lets go once the kernel has what was said, which delivers it.
    func hangUp() {
        guard stage != .gone else { return }
        stage = .gone
        transport.flush()
        transport.finish()
        transport.end()
    }

    /// Lets go. Says nothing to the links, who may be the ones that ask.
    func end() {
        guard stage != .gone else { return }
        stage = .gone
        transport.end()
    }

    private func fail(_ why: String, isSilent: Bool = false) {
        guard stage != .gone else { return }
        end()
        links.assumeIsolated { $0.lost(self, why, isSilent: isSilent) }
    }

    /// A hello with the longest names is far below.
    private static let strangersLimit = 2_048
    private static let greetingTime = Duration.seconds(2)
    /// More than a ledger keeps for a member and is passed on to it from others: who takes nothing gets no more.
    private static let unsentLimit = 32 << 20
}
