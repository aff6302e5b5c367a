internal import Basics
internal import Coordination
internal import Crypto
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// The guard's own life, as `roost guard`: reads what its node tells over standard input, and when that ends
/// without a farewell tells the others that the node is dead.
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
        var watch: (cluster: String, MemberID, GuardCredentials)?
        var last: (Life, [GuardOrder.Neighbour])?
        while let bytes = readFrame() {
            switch try? GuardOrder(packed: bytes) {
            case .watch(let cluster, let member, let credentials):
                watch = (cluster, member, credentials)
            case .tell(let life, let neighbours): last = (life, neighbours)
            case .farewell: return .relieved
            case nil: return .confused
            }
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

    /// Nil at the end, or when what comes has no sense.
    private static func readFrame() -> [UInt8]? {
        guard let head = read(4) else { return nil }
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        return length <= 1 << 20 ? read(length) : nil
    }

    private static func read(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < count {
            let got = unsafe Glibc.read(0, &buffer, min(buffer.count, count - bytes.count))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            bytes += buffer[..<got]
        }
        return bytes
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
