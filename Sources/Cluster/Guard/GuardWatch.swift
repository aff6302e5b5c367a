internal import Basics
internal import Coordination
internal import Crypto
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// The guard's own life, as `roost guard`: reads what its node tells over standard input, ends it if it stands still,
/// and when that ends without a farewell tells the others that the node is dead.
package enum GuardWatch {
    package enum Outcome: Sendable {
        /// The node has ended by itself.
        case relieved
        /// The node has died, and so many others were told of it.
        case told(Int)
        /// What came was nothing that a node says.
        case confused
    }

    /// Blocks until the node has ended, one way or the other.
    package static func run() -> Outcome {
        let node = getppid()
        var frames = GuardFrames()
        var stall: StallWatch?
        var watch: (cluster: String, MemberID, GuardCredentials)?
        var last: (Life, [GuardOrder.Neighbour])?
        reading: while true {
            switch listen(for: StallWatch.pause) {
            case .nothing: break
            case .ended: break reading
            case .came(let bytes):
                frames.take(bytes)
                stall?.heard(at: Loop.readClock())
            }
            while let bytes = frames.next() {
                // One that can't be read is answered below: a guard that is not told rightly is none.
                switch try? GuardOrder(packed: bytes) {
                case .watch(let cluster, let member, let credentials, let limit):
                    watch = (cluster, member, credentials)
                    stall = StallWatch(stoppedLimit: limit, at: Loop.readClock())
                case .tell(let life, let neighbours): last = (life, neighbours)
                case .alive: break
                case .farewell: return .relieved
                case nil: return .confused
                }
            }
            if frames.isSpoilt { return .confused }
            let isStalled = stall?.isStalled(isStopped: isStopped(node), at: Loop.readClock())
            // Its number is another's only once this one has another parent.
            if isStalled == true, getppid() == node { kill(node, SIGKILL) }
        }
        guard let watch, let last else { return .confused }
        let certificate = DeathCertificate(cluster: watch.cluster, member: watch.1, life: last.0)
        do {
            let courier = CertificateCourier(
                certificate,
                last.1.count,
                try watch.2.security(),
                try Loop(name: "guard"),
                try NameResolver(threads: 1)
            )
            return .told(courier.deliver(to: last.1))
        } catch {
            return .confused
        }
    }

    private enum News {
        case nothing
        case came(ArraySlice<UInt8>)
        case ended
    }

    /// Waits so long for the node to say something.
    private static func listen(for patience: Duration) -> News {
        var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        let count = unsafe poll(&input, 1, Int32(patience / .milliseconds(1)))
        guard count > 0 else { return .nothing }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let got = unsafe Glibc.read(0, &buffer, buffer.count)
        if got < 0, errno == EINTR { return .nothing }
        return got > 0 ? .came(buffer[..<got]) : .ended
    }

    /// Whether the kernel says that all of that process is stopped. One that a debugger has stopped is not meant.
    private static func isStopped(_ process: pid_t) -> Bool {
        // What can't be read is of a process that has ended, as the pipe will say.
        guard let text = try? FileContent.read("/proc/\(process)/stat"),
            let end = text.lastIndex(of: UInt8(ascii: ")")), end + 2 < text.count
        else { return false }
        return text[end + 2] == UInt8(ascii: "T")
    }
}

/// Brings a certificate to all others, each over a connection of its own, a few times if need be.
private final class CertificateCourier: @unchecked Sendable {
    private let certificate: DeathCertificate
    private let security: LinkSecurity
    private let loop: Loop
    private let resolver: NameResolver
    private let done = Mutex(0)
    private let told = Mutex(0)
    private let expected: Int

    init(
        _ certificate: DeathCertificate,
        _ expected: Int,
        _ security: LinkSecurity,
        _ loop: Loop,
        _ resolver: NameResolver
    ) {
        self.certificate = certificate
        self.security = security
        self.loop = loop
        self.expected = expected
        self.resolver = resolver
    }

    /// Blocks for at most two seconds. Answers how many took it.
    func deliver(to neighbours: [GuardOrder.Neighbour]) -> Int {
        for neighbour in neighbours {
            loop.execute { [self] in go(to: neighbour, attempts: 3) }
        }
        let end = Loop.readClock() + .seconds(2)
        while Loop.readClock() < end, done.withLock({ $0 }) < expected { usleep(5_000) }
        return told.withLock { $0 }
    }

    private func go(to neighbour: GuardOrder.Neighbour, attempts: Int) {
        guard attempts > 0 else { return done.withLock { $0 += 1 } }
        let again: @Sendable () -> Void = { [self] in
            loop.schedule(at: loop.now + .milliseconds(100)) { [self] in
                go(to: neighbour, attempts: attempts - 1)
            }
        }
        LinkAddress.find(neighbour.address, resolver) { [self] found in
            loop.execute { [self] in
                guard case .found(let place) = found else { return again() }
                do {
                    let trip = try CertificateTrip(
                        certificate,
                        to: place,
                        of: neighbour.name,
                        security,
                        on: loop
                    ) { [self] isTold in
                        guard isTold else { return again() }
                        told.withLock { $0 += 1 }
                        done.withLock { $0 += 1 }
                    }
                    try trip.begin()
                } catch {
                    again()
                }
            }
        }
    }
}

/// One connection that brings a certificate and ends.
private final class CertificateTrip: LoopHandler, @unchecked Sendable {
    private let certificate: DeathCertificate
    private let security: LinkSecurity
    private let descriptor: Int32
    private let transport: Transport
    private let name: String
    private let end: (Bool) -> Void
    private var isConnected = false
    private var hasSpoken = false
    private var isOver = false
    /// Itself, for as long as it is under way.
    private var me: CertificateTrip?

    init(
        _ certificate: DeathCertificate,
        to address: SocketAddress,
        of name: String,
        _ security: LinkSecurity,
        on loop: Loop,
        _ end: @escaping (Bool) -> Void
    ) throws {
        self.certificate = certificate
        self.security = security
        self.name = name
        self.end = end
        descriptor = try Socket.connect(to: address)
        transport = Transport(descriptor: descriptor, loop: loop)
    }

    func begin() throws {
        try transport.attach(self)
        transport.schedule(at: transport.loop.now + .milliseconds(500))
        me = self
    }

    func isReady(_ readiness: Readiness, at now: Instant) {
        transport.note(readiness)
        if !isConnected {
            guard !readiness.isDisjoint(with: [.write, .broken]) else { return }
            guard Socket.settled(descriptor) == nil, secure() else { return finish(false) }
            isConnected = true
        }
        transport.flush()
        // Whoever has taken it hangs up.
        switch transport.pull({ _ in true }) {
        case .drained, .paused: break
        case .ended: return finish(hasSpoken)
        case .failed, .failedTLS: return finish(false)
        }
        guard transport.isReady, !hasSpoken else { return }
        hasSpoken = true
        transport.send(ClusterFrame.certificate(certificate.packed).bytes)
    }

    func isDue(at now: Instant) { finish(false) }

    private func secure() -> Bool {
        guard let machine = try? TLSMachine.client(security.client, serverName: name) else {
            return false
        }
        transport.secure(with: machine, after: [UInt8]().span)
        transport.beginHandshake()
        return true
    }

    private func finish(_ isTold: Bool) {
        guard !isOver else { return }
        isOver = true
        transport.end()
        end(isTold)
        me = nil
    }
}
