internal import Basics
package import Crypto
internal import Wire

/// Our own calls to other servers: HTTP/1.1, plain or under TLS, over connections that are kept.
///
/// It lives on one loop with all its connections, so nothing is locked and every event is one step.
/// TLS verifies chain and name as the context it is given says. A kept connection is used again only
/// if the last answer was read whole; if it proves to have been closed meanwhile, the request is sent
/// once more on a fresh one, provided that it is idempotent or that nothing of it had been sent.
///
/// It does not follow redirects: where a secret goes is for the caller to decide, not for the answer.
/// It does not look at proxies in the environment, keeps no cookies, and asks for no compression.
///
/// A task that is cancelled gets its answer, ``HTTPClientFault/cancelled``, at once, and its connection
/// is closed. Call ``close()`` at the end; connections at rest go by themselves.
package actor HTTPClient {
    private struct Origin: Hashable {
        var isSecure: Bool
        var host: String
        var port: UInt16

        init(_ location: HTTPLocation) {
            (isSecure, host, port) = (location.isSecure, location.host, location.port)
        }
    }

    package nonisolated let loop: Loop
    package nonisolated let rules: HTTPClientRules
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let resolver: NameResolver
    private let tls: TLSContext
    /// Those that have a place among the connections, with the one they hold.
    private var live: [ClientExchange] = []
    private var waiting: [ClientExchange] = []
    /// Connections at rest, the longest rested first.
    private var resting: [(origin: Origin, connection: ClientConnection)] = []
    private var placesTaken: [Origin: Int] = [:]
    private var armed: Instant?
    private var isClosed = false

    package init(
        loop: Loop,
        resolver: NameResolver,
        tls: TLSContext,
        rules: HTTPClientRules = HTTPClientRules()
    ) {
        precondition(tls.role == .client, "our own calls need a client's context")
        precondition(
            rules.connections > 0 && rules.connectionsPerOrigin > 0,
            "a client needs at least one connection"
        )
        self.loop = loop
        self.resolver = resolver
        self.tls = tls
        self.rules = rules
    }

    /// Sends the request and waits for the whole answer, whatever its status.
    package nonisolated func send(
        _ request: OutgoingRequest
    ) async throws(HTTPClientFault) -> IncomingResponse {
        let exchange = ClientExchange(request)
        let result = await withTaskCancellationHandler {
            loop.execute { self.assumeIsolated { $0.begin(exchange) } }
            return await exchange.delivery.wait()
        } onCancel: {
            exchange.delivery.deliver(.failure(.cancelled))
            loop.execute { self.assumeIsolated { $0.giveUp(exchange, .cancelled) } }
        }
        return try result.get()
    }

    /// Ends every call that is under way, and every connection.
    package func close() {
        isClosed = true
        for exchange in waiting + live { giveUp(exchange, .closed) }
        for (_, connection) in resting { connection.assumeIsolated { $0.end() } }
        resting = []
    }

    /// Connections that are open or being opened.
    package var connectionCount: Int { resting.count + live.count }

    package var waitingCount: Int { waiting.count }

    // MARK: - Whose turn it is

    private func begin(_ exchange: ClientExchange) {
        guard exchange.stage == .waiting else { return }
        let origin = exchange.origin
        guard !isClosed else {
            settle(exchange, .failure(.closed))
            return
        }
        exchange.wholeDeadline = loop.now + rules.exchangeTimeout
        waiting.append(exchange)
        admitWaiting()
        if exchange.stage == .waiting, waiting.count > rules.waiting {
            waiting.removeAll { $0 === exchange }
            settle(exchange, .failure(.tooManyWaiting(origin: origin, limit: rules.waiting)))
        }
        arm()
    }

    /// Gives connections to those that wait, in order, as far as there are any.
    private func admitWaiting() {
        var index = 0
        while index < waiting.count {
            let exchange = waiting[index]
            let origin = Origin(exchange.request.location)
            if !exchange.needsFresh, let connection = takeResting(for: origin) {
                waiting.remove(at: index)
                hold(exchange, origin)
                exchange.connection = connection
                start(exchange)
            } else if makeRoom(for: origin) {
                waiting.remove(at: index)
                hold(exchange, origin)
                resolve(exchange)
            } else {
                index += 1
            }
        }
    }

    private func hold(_ exchange: ClientExchange, _ origin: Origin) {
        placesTaken[origin, default: 0] += 1
        live.append(exchange)
    }

    /// The connection that has rested least, which is the least likely to have been closed. One that
    /// was closed is let go: what may not be repeated must not be said to nobody.
    private func takeResting(for origin: Origin) -> ClientConnection? {
        while let index = resting.lastIndex(where: { $0.origin == origin }) {
            let connection = resting.remove(at: index).connection
            if connection.assumeIsolated({ $0.isStillFit() }) { return connection }
        }
        return nil
    }

    /// Whether one more connection may be opened; one at rest is closed for it if need be.
    private func makeRoom(for origin: Origin) -> Bool {
        let own = resting.count { $0.origin == origin }
        if (placesTaken[origin] ?? 0) + own >= rules.connectionsPerOrigin {
            guard let index = resting.firstIndex(where: { $0.origin == origin }) else {
                return false
            }
            resting.remove(at: index).connection.assumeIsolated { $0.end() }
        } else if connectionCount >= rules.connections {
            guard !resting.isEmpty else { return false }
            resting.removeFirst().connection.assumeIsolated { $0.end() }
        }
        return true
    }

    // MARK: - From name to connection

    private func resolve(_ exchange: ClientExchange) {
        exchange.stage = .resolving
        exchange.stageDeadline = loop.now + rules.resolveTimeout
        resolver.resolve(exchange.request.location.host) { [self, loop] answer in
            loop.execute { self.assumeIsolated { $0.resolved(exchange, answer) } }
        }
        arm()
    }

    private func resolved(_ exchange: ClientExchange, _ answer: NameResolver.Answer) {
        guard exchange.stage == .resolving else { return }
        switch answer {
        case .failure(let fault):
            giveUp(exchange, .nameUnknown(origin: exchange.origin, fault))
        case .success(let addresses):
            exchange.stage = .connecting
            exchange.stageDeadline = loop.now + rules.connectTimeout
            exchange.addresses = addresses
            connectNext(exchange, "it has no address")
        }
    }

    /// Tries the next address, with its share of the time that is left.
    private func connectNext(_ exchange: ClientExchange, _ lastReason: String) {
        var reason = lastReason
        while let end = exchange.stageDeadline, end > loop.now, !exchange.addresses.isEmpty {
            let left = end - loop.now
            exchange.addressDeadline = loop.now + left / exchange.addresses.count
            let location = exchange.request.location
            let address = SocketAddress(ip: exchange.addresses.removeFirst(), port: location.port)
            do throws(SystemFault) {
                let connection = try ClientConnection(
                    to: address,
                    for: location,
                    tls: location.isSecure ? tls : nil,
                    limits: rules.limits,
                    client: self
                )
                exchange.connection = connection
                if let fault = connection.assumeIsolated({ $0.begin() }) { throw fault }
                arm()
                return
            } catch {
                reason = error.description
                exchange.connection?.assumeIsolated { $0.end() }
                exchange.connection = nil
            }
        }
        giveUp(exchange, .unreachable(origin: exchange.origin, why: reason))
    }

    func connectingFailed(_ connection: ClientConnection, _ why: String) {
        guard let exchange = exchange(of: connection) else { return }
        exchange.connection = nil
        connectNext(exchange, why)
    }

    func securing(_ connection: ClientConnection) {
        guard let exchange = exchange(of: connection) else { return }
        exchange.stage = .securing
        exchange.addressDeadline = nil
        exchange.stageDeadline = loop.now + rules.handshakeTimeout
        arm()
    }

    func connected(_ connection: ClientConnection) {
        guard let exchange = exchange(of: connection) else { return }
        start(exchange)
    }

    private func start(_ exchange: ClientExchange) {
        exchange.stage = .talking
        exchange.stageDeadline = nil
        exchange.addressDeadline = nil
        exchange.connection?.assumeIsolated { $0.talk(exchange.request) }
    }

    // MARK: - What came of it

    func answered(_ connection: ClientConnection, _ response: IncomingResponse) {
        guard let exchange = exchange(of: connection) else { return }
        exchange.connection = nil
        leave(exchange)
        if connection.assumeIsolated({ $0.stage == .idle }) {
            connection.assumeIsolated { $0.rest(until: loop.now + rules.idleTimeout) }
            resting.append((Origin(exchange.request.location), connection))
        }
        settle(exchange, .success(response))
        admitWaiting()
        arm()
    }

    func failed(_ connection: ClientConnection, _ fault: HTTPClientFault, isStale: Bool) {
        resting.removeAll { $0.connection === connection }
        if let exchange = exchange(of: connection) {
            exchange.connection = nil
            if isStale, !exchange.needsFresh {
                leave(exchange)
                exchange.needsFresh = true
                exchange.stage = .waiting
                waiting.insert(exchange, at: 0)
            } else {
                giveUp(exchange, fault)
            }
        }
        admitWaiting()
        arm()
    }

    private func giveUp(_ exchange: ClientExchange, _ fault: HTTPClientFault) {
        guard exchange.stage != .done else { return }
        waiting.removeAll { $0 === exchange }
        exchange.connection?.assumeIsolated { $0.end() }
        exchange.connection = nil
        leave(exchange)
        settle(exchange, .failure(fault))
        admitWaiting()
    }

    private func leave(_ exchange: ClientExchange) {
        guard let index = live.firstIndex(where: { $0 === exchange }) else { return }
        live.remove(at: index)
        let origin = Origin(exchange.request.location)
        let count = (placesTaken[origin] ?? 1) - 1
        placesTaken[origin] = count > 0 ? count : nil
    }

    private func settle(
        _ exchange: ClientExchange,
        _ result: Result<IncomingResponse, HTTPClientFault>
    ) {
        exchange.stage = .done
        exchange.delivery.deliver(result)
    }

    private func exchange(of connection: ClientConnection) -> ClientExchange? {
        live.first { $0.connection === connection }
    }

    // MARK: - Time

    /// Asks to be called at the earliest deadline. An entry that is early just looks again.
    private func arm() {
        var next: Instant?
        for exchange in live { next = min(next ?? exchange.deadline, exchange.deadline) }
        for exchange in waiting { next = min(next ?? exchange.deadline, exchange.deadline) }
        for (_, connection) in resting {
            guard let end = connection.assumeIsolated({ $0.restsUntil }) else { continue }
            next = min(next ?? end, end)
        }
        guard let next else { return }
        if let armed, armed <= next { return }
        armed = next
        loop.schedule(at: next) { [self] in assumeIsolated { $0.checkTime(next) } }
    }

    private func checkTime(_ instant: Instant) {
        if armed == instant { armed = nil }
        let now = loop.now
        for exchange in live + waiting where exchange.deadline <= now { expire(exchange, now) }
        resting.removeAll { entry in
            entry.connection.assumeIsolated { connection in
                guard let end = connection.restsUntil, end <= now else { return false }
                connection.end()
                return true
            }
        }
        arm()
    }

    private func expire(_ exchange: ClientExchange, _ now: Instant) {
        let origin = exchange.origin
        if exchange.wholeDeadline <= now {
            giveUp(exchange, .exchangeTimedOut(origin: origin, after: rules.exchangeTimeout))
            return
        }
        switch exchange.stage {
        case .resolving:
            giveUp(exchange, .resolveTimedOut(origin: origin, after: rules.resolveTimeout))
        case .connecting
        where exchange.addresses.isEmpty || exchange.stageDeadline.map { $0 <= now } == true:
            giveUp(exchange, .connectTimedOut(origin: origin, after: rules.connectTimeout))
        case .connecting:
            exchange.connection?.assumeIsolated { $0.end() }
            exchange.connection = nil
            connectNext(exchange, "it did not answer in time")
        case .securing:
            giveUp(exchange, .handshakeTimedOut(origin: origin, after: rules.handshakeTimeout))
        case .waiting, .talking, .done:
            break
        }
    }
}
