package import Basics
internal import CLinux
internal import Glibc
internal import Synchronization
internal import Wire

/// HTTP/1.1 and websockets on any number of addresses, over all loops.
package final class HTTPServer: Sendable {
    private struct State {
        var rules: HTTPRules
        var gate: ConnectionGate
        var listeners: [Listener] = []
    }

    private let loops: [Loop]
    private let doorways: [HTTPDoorway]
    private let state: Mutex<State>
    private let metrics: HTTPMetrics
    private let starved: Counter
    private let log: Log

    package init(
        loops: [Loop],
        service: any HTTPService,
        rules: HTTPRules,
        connectionLimit: Int,
        connectionLimitPerAddress: Int,
        metrics: HTTPMetrics,
        log: Log
    ) {
        precondition(!loops.isEmpty, "a server needs a loop to live on")
        self.loops = loops
        self.metrics = metrics
        self.log = log
        starved = metrics.connectionsRefused.child("no_descriptor")
        doorways = loops.map {
            HTTPDoorway(loop: $0, service: service, rules: rules, metrics: metrics, log: log)
        }
        state = Mutex(
            State(
                rules: rules,
                gate: ConnectionGate(
                    limit: connectionLimit,
                    limitPerAddress: connectionLimitPerAddress
                )
            )
        )
    }

    /// Binds the address and begins to accept. Returns the address with its real port.
    package func listen(on address: SocketAddress) throws(SystemFault) -> SocketAddress {
        let listener = try Listener(
            on: address,
            loop: loops[0],
            starved: starved,
            log: log
        ) { [weak self] descriptor, peer, number in
            guard let self else {
                close(descriptor)
                return
            }
            admit(descriptor, peer, number)
        }
        state.withLock { $0.listeners.append(listener) }
        listener.open()
        return listener.bound
    }

    /// Puts new rules and limits in place. Connections that are open keep to those they began with.
    package func apply(
        _ rules: HTTPRules,
        connectionLimit: Int,
        connectionLimitPerAddress: Int
    ) {
        state.withLock { state in
            state.rules = rules
            state.gate.limit = connectionLimit
            state.gate.limitPerAddress = connectionLimitPerAddress
        }
        for doorway in doorways { doorway.loop.execute { doorway.apply(rules) } }
    }

    /// Stops accepting, lets everybody finish, and returns when all have gone or patience has ended.
    /// Says how many had to be cut off.
    package func drain(within patience: Duration) async -> Int {
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener.close() }
        for doorway in doorways { doorway.loop.execute { doorway.drain() } }
        let end = Loop.readClock() + patience
        while state.withLock({ $0.gate.count }) > 0, Loop.readClock() < end {
            await loops[0].sleep(for: .milliseconds(10))
        }
        var count = 0
        for doorway in doorways {
            count += await withCheckedContinuation { done in
                doorway.loop.execute { done.resume(returning: doorway.cut()) }
            }
        }
        return count
    }

    /// Stops accepting and cuts everybody off, soon.
    package func cut() {
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener.close() }
        for doorway in doorways { doorway.loop.execute { _ = doorway.cut() } }
    }

    package var connectionCount: Int { state.withLock { $0.gate.count } }

    /// Lets an accepted connection in, or turns it away. On the listener's loop.
    private func admit(_ descriptor: Int32, _ peer: SocketAddress, _ number: Int) {
        let (refusal, isTrusted) = state.withLock { state in
            let isTrusted = state.rules.trusts(peer.ip)
            return (state.gate.enter(peer.ip, isTrusted: isTrusted), isTrusted)
        }
        if let refusal {
            metrics.connectionsRefused.child(refusal.rawValue).add()
            turnAway(descriptor)
            return
        }
        metrics.connections.add()
        let doorway = doorways[number % doorways.count]
        let leave: @Sendable () -> Void = { [self] in
            metrics.connections.add(-1)
            state.withLock { $0.gate.leave(peer.ip, isTrusted: isTrusted) }
        }
        if doorway.loop.isCurrent {
            doorway.open(descriptor, peer: peer, isTrusted: isTrusted, leave: leave)
        } else {
            doorway.loop.execute {
                doorway.open(descriptor, peer: peer, isTrusted: isTrusted, leave: leave)
            }
        }
    }

    /// Closes with a reset, which leaves nothing behind in the kernel either.
    private func turnAway(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let length = socklen_t(MemoryLayout.size(ofValue: linger))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, length)
        close(descriptor)
    }
}
