package import Basics
internal import CLinux
internal import Glibc
internal import Synchronization

/// A listening socket on one loop, which deals the connections it accepts to all loops in turn.
///
/// When the process has no descriptor left, the connection at the head of the queue would keep the
/// socket readable for ever. One descriptor is kept in reserve for that: it is let go, the connection
/// accepted and closed at once, and the reserve taken again; then the listener rests for a moment.
package final class Listener: LoopHandler, @unchecked Sendable {
    package typealias Deal =
        @Sendable (_ descriptor: Int32, _ peer: SocketAddress, _ index: Int) -> Void

    package let bound: SocketAddress
    private let loop: Loop
    private let descriptor: Int32
    private let deal: Deal
    private let log: Log
    private let starved: Counter
    // On the loop.
    private var registration: Loop.Registration?
    private var reserve: Int32
    private var dealt = 0
    private var isResting = false
    private var lastComplaint: Instant?

    /// Binds and listens; ``open()`` begins to accept.
    package init(
        on address: SocketAddress,
        loop: Loop,
        starved: Counter,
        log: Log,
        deal: @escaping Deal
    ) throws(SystemFault) {
        (descriptor, bound) = try Socket.listen(on: address)
        self.loop = loop
        self.starved = starved
        self.log = log
        self.deal = deal
        reserve = unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    deinit {
        if reserve >= 0 { Glibc.close(reserve) }
        Glibc.close(descriptor)
    }

    package func open() {
        loop.execute { [self] in
            do {
                registration = try loop.register(descriptor, handler: self)
            } catch {
                log.error("could not begin to accept", ["why": .error(error)])
            }
        }
    }

    /// Stops accepting. Connections already dealt live on.
    package func close() {
        loop.execute { [self] in
            guard let registration else { return }
            loop.deregister(registration, descriptor)
            self.registration = nil
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }

    package func isReady(_ readiness: Readiness, at now: Instant) {
        guard let registration, !isResting else { return }
        for _ in 0..<Self.connectionsPerTurn {
            switch Socket.accept(descriptor) {
            case .connection(let descriptor, let peer):
                dealt += 1
                deal(descriptor, peer, dealt)
            case .gone:
                continue
            case .nobody:
                return
            case .noDescriptor:
                turnOneAway(at: now)
                rest(at: now)
                return
            }
        }
        loop.revisit(registration)
    }

    package func isDue(at now: Instant) {
        isResting = false
        isReady(.again, at: now)
    }

    private func turnOneAway(at now: Instant) {
        starved.add()
        if lastComplaint.map({ now - $0 >= Self.betweenComplaints }) ?? true {
            lastComplaint = now
            log.error(
                "no file descriptor is left; connections are turned away until one is free",
                ["remedy": "raise LimitNOFILE (ulimit -n), or lower http.max_connections"]
            )
        }
        guard reserve >= 0 else { return }
        Glibc.close(reserve)
        if case .connection(let descriptor, _) = Socket.accept(descriptor) {
            Glibc.close(descriptor)
        }
        reserve = unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    private func rest(at now: Instant) {
        guard let registration else { return }
        isResting = true
        loop.schedule(registration, at: now + Self.rest)
    }

    private static let connectionsPerTurn = 64
    private static let rest = Duration.milliseconds(100)
    private static let betweenComplaints = Duration.seconds(10)
}
