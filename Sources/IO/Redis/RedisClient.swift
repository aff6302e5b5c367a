package import Basics
package import Crypto

/// What those hear who watch a ``RedisClient``.
package enum RedisClientNews: Equatable, Sendable {
    case connected(RedisStanding)
    /// There is no connection any more, or again none could be made.
    case lost(why: String)
    case confirmed(MasterConfirmation)
}

/// Commands to one Redis, over one connection that is kept.
///
/// It lives on one loop, with its connection. Commands of one turn leave in one write, and answers come in
/// the order of asking. Nothing waits for ever: who asks gets an answer or a ``RedisFault`` within the
/// time allowed, and the fault says whether the command may have run. Nothing is repeated by itself, for
/// only the asker knows what may be done twice; save a script that the server did not know, which has not
/// run then.
///
/// Closures are called on the loop. Call ``close()`` at the end.
package actor RedisClient {
    package nonisolated let place: RedisPlace
    package nonisolated let loop: Loop
    package nonisolated let rules: RedisRules
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let log: Log
    private var line: RedisLine?
    private var connection: RedisConnection?
    private var waiting: [RedisErrand] = []
    private var waitingBytes = 0
    private var lastReason: String?
    private var armed: Instant?
    private var watchers: [@Sendable (RedisClientNews) -> Void] = []
    private var isClosed = false

    /// The server it is connected to; nil if to none.
    package private(set) var standing: RedisStanding?
    /// What a majority of the sentinels said last.
    package private(set) var confirmation: MasterConfirmation?

    /// Begins to connect. `tls` is how a server's certificate is judged, for a place that is secure.
    package init(
        _ place: RedisPlace,
        loop: Loop,
        resolver: NameResolver,
        tls: TLSContext? = nil,
        rules: RedisRules = RedisRules(),
        log: Log = .silent
    ) {
        var mustBeMaster = false
        if case .sentinels = place.way { mustBeMaster = true }
        self.init(
            place,
            purpose: .data(mustBeMaster: mustBeMaster),
            loop: loop,
            resolver: resolver,
            tls: tls,
            rules: rules,
            log: log
        )
    }

    init(
        _ place: RedisPlace,
        purpose: RedisGreeting.Purpose,
        loop: Loop,
        resolver: NameResolver,
        tls: TLSContext?,
        rules: RedisRules,
        log: Log = .silent
    ) {
        self.place = place
        self.loop = loop
        self.rules = rules
        self.log = log
        onLoop { client in
            client.open(purpose, resolver, tls)
        }
    }

    private func open(
        _ purpose: RedisGreeting.Purpose,
        _ resolver: NameResolver,
        _ tls: TLSContext?
    ) {
        guard !isClosed else { return }
        let line = RedisLine(
            place,
            purpose: purpose,
            loop: loop,
            resolver: resolver,
            tls: tls,
            rules: rules
        ) { [weak self] event in
            self?.assumeIsolated { $0.hear(event) }
        }
        self.line = line
        line.open()
    }

    /// Ends the connection. Commands without an answer are told.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        connection = nil
        standing = nil
        line?.close("the client was closed")
        line = nil
        watchers = []
        let left = waiting
        (waiting, waitingBytes) = ([], 0)
        for errand in left { errand.settle(.failure(.closed)) }
    }

    /// Tells from now on what becomes of the connection, and at once if there is one.
    package func watch(_ tell: @escaping @Sendable (RedisClientNews) -> Void) {
        watchers.append(tell)
        if let standing { tell(.connected(standing)) }
        if let confirmation { tell(.confirmed(confirmation)) }
    }

    // MARK: - Asking

    /// Asks, and tells the answer with the instant at which the command was given to the kernel, or just
    /// before: what is promised for a time from its sending ends at that instant plus the time.
    ///
    /// Without a connection the command waits for one, as long as it may, unless it must be `atOnce`.
    package nonisolated func ask(
        _ command: RedisCommand,
        timeout: Duration? = nil,
        atOnce: Bool = false,
        _ answer:
            @escaping @Sendable (Result<RedisValue, RedisFault>, _ sentAt: Instant) -> Void
    ) {
        let timeout = timeout ?? rules.answerTimeout
        let errand = RedisErrand(command, timeout: timeout, atOnce: atOnce, answer)
        onLoop { $0.take(errand) }
    }

    /// Asks, and waits for the answer. A task that is cancelled stops waiting at once.
    package nonisolated func ask(
        _ command: RedisCommand,
        timeout: Duration? = nil,
        atOnce: Bool = false
    ) async throws(RedisFault) -> RedisValue {
        try await deliver { answer in
            ask(command, timeout: timeout, atOnce: atOnce) { result, _ in answer(result) }
        }
    }

    /// Runs a script by its digest, and with its text where the server does not know it (yet, or any
    /// more): then it runs after what was asked meanwhile, and the instant is that of its second sending.
    package nonisolated func run(
        _ script: RedisScript,
        keys: [String],
        arguments: [[UInt8]],
        timeout: Duration? = nil,
        atOnce: Bool = false,
        _ answer:
            @escaping @Sendable (Result<RedisValue, RedisFault>, _ sentAt: Instant) -> Void
    ) {
        let timeout = timeout ?? rules.answerTimeout
        let end = Loop.readClock() + timeout
        let short = script.command(keys, arguments, isKnown: true)
        ask(short, timeout: timeout, atOnce: atOnce) { [self] result, sentAt in
            guard case .failure(.refused(code: "NOSCRIPT", _)) = result else {
                answer(result, sentAt)
                return
            }
            let long = script.command(keys, arguments, isKnown: false)
            ask(long, timeout: max(end - Loop.readClock(), .zero), atOnce: atOnce, answer)
        }
    }

    /// Runs a script, as above, and waits for what it returns.
    package nonisolated func run(
        _ script: RedisScript,
        keys: [String],
        arguments: [[UInt8]],
        timeout: Duration? = nil,
        atOnce: Bool = false
    ) async throws(RedisFault) -> RedisValue {
        try await deliver { answer in
            run(script, keys: keys, arguments: arguments, timeout: timeout, atOnce: atOnce) {
                result,
                _ in answer(result)
            }
        }
    }

    private nonisolated func deliver(
        _ begin: (@escaping @Sendable (Result<RedisValue, RedisFault>) -> Void) -> Void
    ) async throws(RedisFault) -> RedisValue {
        let delivery = Delivery<Result<RedisValue, RedisFault>>()
        let result = await withTaskCancellationHandler {
            begin { delivery.deliver($0) }
            return await delivery.wait()
        } onCancel: {
            delivery.deliver(.failure(.cancelled))
        }
        return try result.get()
    }

    private nonisolated func onLoop(
        _ work: @escaping @Sendable (isolated RedisClient) -> Void
    ) {
        if loop.isCurrent {
            assumeIsolated { work($0) }
        } else {
            loop.execute { self.assumeIsolated { work($0) } }
        }
    }

    private func take(_ errand: RedisErrand) {
        guard !isClosed else {
            errand.settle(.failure(.closed))
            return
        }
        let owed = line?.connection?.owedCount ?? 0
        guard waiting.count + owed < rules.commands else {
            errand.settle(.failure(.overloaded(limit: rules.commands, of: "commands")))
            return
        }
        let size = errand.command.size
        guard waitingBytes + (line?.connection?.unsentBytes ?? 0) + size <= rules.bytes else {
            errand.settle(.failure(.overloaded(limit: rules.bytes, of: "bytes")))
            return
        }
        if let connection {
            connection.send(errand)
        } else if errand.mustBeAtOnce {
            errand.settle(.failure(unreachable))
            return
        } else {
            waiting.append(errand)
            waitingBytes += size
        }
        arm(errand.deadline)
    }

    private var unreachable: RedisFault {
        .unreachable(place: "\(place)", why: lastReason ?? "it is not connected yet")
    }

    // MARK: - What becomes of the connection

    private func hear(_ event: RedisLine.Event) {
        switch event {
        case .ready(let connection, let standing):
            log.info("connected", ["host": .string("\(standing.host)")])
            (self.connection, self.standing, lastReason) = (connection, standing, nil)
            let left = waiting
            (waiting, waitingBytes) = ([], 0)
            for errand in left where !errand.isSettled { connection.send(errand) }
            tell(.connected(standing))
        case .leaving(let why):
            (connection, standing, lastReason) = (nil, nil, why)
        case .lost(let why):
            if standing != nil || lastReason != why {
                log.warning("not connected", ["place": .string("\(place)"), "why": .string(why)])
            }
            (connection, standing, lastReason) = (nil, nil, why)
            tell(.lost(why: why))
        case .confirmed(let confirmation):
            self.confirmation = confirmation
            tell(.confirmed(confirmation))
        case .pushed:
            break
        }
    }

    private func tell(_ news: RedisClientNews) {
        for watcher in watchers { watcher(news) }
    }

    // MARK: - Time

    /// Asks to be called at the earliest deadline. An entry that is early just looks again.
    private func arm(_ deadline: Instant) {
        if let armed, armed <= deadline { return }
        armed = deadline
        loop.schedule(at: deadline) { [weak self] in
            self?.assumeIsolated { $0.checkTime(deadline) }
        }
    }

    private func checkTime(_ instant: Instant) {
        guard armed == instant else { return }
        armed = nil
        let now = loop.now
        var next: Instant?
        let fault = unreachable
        for errand in waiting where !errand.isSettled {
            if errand.deadline <= now {
                let late = RedisFault.timedOut(after: errand.timeout, wasSent: false)
                errand.settle(.failure(lastReason == nil ? late : fault))
            } else {
                next = min(next ?? errand.deadline, errand.deadline)
            }
        }
        line?.connection?.forEachOwed { errand in
            guard !errand.isSettled else { return }
            if errand.deadline <= now {
                let late = RedisFault.timedOut(
                    after: errand.timeout,
                    wasSent: errand.sentAt != nil
                )
                errand.settle(.failure(late))
            } else {
                next = min(next ?? errand.deadline, errand.deadline)
            }
        }
        waiting.removeAll { $0.isSettled }
        waitingBytes = waiting.reduce(0) { $0 + $1.command.size }
        if let next { arm(next) }
    }
}
