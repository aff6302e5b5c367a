internal import Basics
internal import Crypto

/// Keeps one greeted connection to a place, for as long as it is wanted.
///
///     finding ──▶ connecting ──▶ greeting ──▶ ready ──▶ leaving (answers are still owed)
///        ▲            │             │           │           │
///        ╰── pausing ◀┴─────────────┴───────────┴───────────╯
///
/// Pauses double from a short one to a long one, and are drawn, so that the nodes of a cluster don't come
/// back all at once. A connection that was of use is followed by one without a pause. It
/// belongs to its owner and to their loop.
final class RedisLine: @unchecked Sendable {
    enum Event {
        case ready(RedisConnection, RedisStanding)
        /// The connection takes no more commands; those that are owed an answer may still get it.
        case leaving(why: String)
        /// The connection is gone, or could not be made.
        case lost(why: String)
        case pushed(RedisValue)
        case confirmed(MasterConfirmation)
    }

    private enum Stage {
        case finding
        case connecting
        case greeting
        case ready
        case leaving
        case pausing
        case closed
    }

    private let place: RedisPlace
    private let purpose: RedisGreeting.Purpose
    private let loop: Loop
    private let resolver: NameResolver
    private let tls: TLSContext?
    private let rules: RedisRules
    private let tell: (Event) -> Void
    private let sentinels: SentinelWatch?

    private var stage = Stage.pausing
    private(set) var connection: RedisConnection?
    /// Counts attempts, so that what concerns an earlier one is known to.
    private var attempt = 0
    private var failures = 0
    private var choice: SentinelPoll.Choice?
    private var addresses: [SocketAddress] = []
    private var answers: [Result<RedisValue, RedisFault>] = []
    private var leftAt: Instant?
    private var isConnectedSince: Instant?

    init(
        _ place: RedisPlace,
        purpose: RedisGreeting.Purpose,
        loop: Loop,
        resolver: NameResolver,
        tls: TLSContext?,
        rules: RedisRules,
        tell: @escaping (Event) -> Void
    ) {
        precondition(
            !place.isSecure || tls?.role == .client,
            "rediss:// needs a client's TLS context"
        )
        self.place = place
        self.purpose = purpose
        self.loop = loop
        self.resolver = resolver
        self.tls = place.isSecure ? tls : nil
        self.rules = rules
        self.tell = tell
        if case .sentinels(let hosts, let master) = place.way {
            sentinels = SentinelWatch(
                hosts,
                master: master,
                place: place,
                loop: loop,
                resolver: resolver,
                tls: tls,
                rules: rules
            )
        } else {
            sentinels = nil
        }
    }

    func open() {
        sentinels?.open { [weak self] news in
            switch news {
            case .master(let choice): self?.follow(choice)
            case .confirmed(let confirmation): self?.tell(.confirmed(confirmation))
            }
        }
        find()
    }

    func close(_ why: String) {
        guard stage != .closed else { return }
        stage = .closed
        attempt += 1
        sentinels?.close()
        connection?.end(why, isLast: true)
        connection = nil
    }

    // MARK: - From a place to a connection

    private func find() {
        stage = .finding
        attempt += 1
        let attempt = attempt
        schedule(after: rules.connectTimeout) { line in
            switch line.stage {
            case .finding, .connecting, .greeting:
                line.fail("no connection within \(line.rules.connectTimeout)")
            case .ready, .leaving, .pausing, .closed:
                break
            }
        }
        if let sentinels {
            sentinels.find { [weak self] result in
                guard let self, self.attempt == attempt, stage == .finding else { return }
                switch result {
                case .success(let choice):
                    self.choice = choice
                    resolve(choice.host)
                case .failure(let fault):
                    fail(fault.why)
                }
            }
        } else if case .plain(let host) = place.way {
            resolve(host)
        }
    }

    private func resolve(_ host: RedisHost) {
        let attempt = attempt
        resolver.resolve(host.name) { [weak self, loop] answer in
            loop.execute { [weak self] in
                guard let self, self.attempt == attempt, self.stage == .finding else { return }
                switch answer {
                case .success(let addresses):
                    self.addresses = addresses.map { SocketAddress(ip: $0, port: host.port) }
                    self.connectNext(host, "it has no address")
                case .failure(let fault):
                    self.fail("\(fault)")
                }
            }
        }
    }

    /// Tries the next address. One that doesn't answer uses up its share of the time.
    private func connectNext(_ host: RedisHost, _ lastReason: String) {
        stage = .connecting
        var reason = lastReason
        while !addresses.isEmpty {
            let share = rules.connectTimeout / (addresses.count + 1)
            let address = addresses.removeFirst()
            do throws(SystemFault) {
                let connection = try RedisConnection(
                    to: address,
                    host: host,
                    tls: tls,
                    loop: loop,
                    answerLimit: rules.answerBytes
                ) { [weak self] connection, event in self?.hear(event, of: connection) }
                self.connection = connection
                guard !addresses.isEmpty else { return }
                schedule(after: share) { [weak connection] line in
                    guard line.stage == .connecting, let connection, line.connection === connection
                    else { return }
                    connection.end("it does not answer")
                    line.connectNext(host, "it does not answer")
                }
                return
            } catch {
                reason = error.description
            }
        }
        fail(reason)
    }

    private func greet(_ connection: RedisConnection) {
        stage = .greeting
        let greeting = RedisGreeting(place, name: rules.name, purpose: purpose)
        let attempt = attempt
        answers = []
        for command in greeting.commands {
            connection.send(
                RedisErrand(command, timeout: rules.connectTimeout) { [weak self] answer, _ in
                    guard let self, self.attempt == attempt, stage == .greeting else { return }
                    answers.append(answer)
                    if answers.count == greeting.commands.count { judge(greeting, connection) }
                }
            )
        }
    }

    private func judge(_ greeting: RedisGreeting, _ connection: RedisConnection) {
        do throws(RedisGreeting.Fault) {
            let findings = try greeting.judge(answers)
            let standing = RedisStanding(
                host: connection.host,
                runID: findings.runID,
                isMaster: findings.isMaster,
                generation: choice?.generation,
                since: loop.now
            )
            stage = .ready
            isConnectedSince = loop.now
            watchSilence()
            tell(.ready(connection, standing))
        } catch {
            fail(error.why)
        }
    }

    // MARK: - What becomes of it

    private func hear(_ event: RedisConnection.Event, of connection: RedisConnection) {
        guard connection === self.connection else { return }
        switch event {
        case .open: greet(connection)
        case .pushed(let value): tell(.pushed(value))
        case .readOnly: leave("the server has become a replica")
        case .drained where stage == .leaving: fail("the server has become a replica")
        case .drained: break
        case .ended(let why):
            if stage == .connecting {
                connectNext(connection.host, why)
            } else {
                fail(why)
            }
        }
    }

    /// Looks for the master, once what is owed has come. A name that keeps leading to a replica is not
    /// left again at once: reading from it works.
    private func leave(_ why: String) {
        guard stage == .ready else { return }
        if let leftAt, sentinels == nil, loop.now - leftAt < Self.leastStay { return }
        leftAt = loop.now
        stage = .leaving
        tell(.leaving(why: why))
        guard stage == .leaving, connection?.owedCount == 0 else { return }
        fail(why)
    }

    /// The sentinels have named a master of a later generation, or another one of the same: the one that leads a
    /// failover has the new generation before it has the new master.
    private func follow(_ choice: SentinelPoll.Choice) {
        guard let current = self.choice, choice.generation >= current.generation,
            choice.host != current.host
        else { return }
        switch stage {
        case .ready, .leaving, .greeting, .connecting:
            failures = 0
            fail("the master is \(choice.host) now")
        case .finding, .pausing, .closed:
            break
        }
    }

    /// Gives up this attempt or this connection, and begins another after a pause.
    private func fail(_ why: String) {
        guard stage != .closed, stage != .pausing else { return }
        let wasReady = stage == .ready || stage == .leaving
        if wasReady, let since = isConnectedSince, loop.now - since >= rules.longestPause {
            failures = 0
        }
        stage = .pausing
        attempt += 1
        isConnectedSince = nil
        addresses = []
        let connection = connection
        self.connection = nil
        connection?.end(why)
        guard stage == .pausing else { return }
        let pause = pause()
        failures += 1
        if pause == .zero {
            let attempt = attempt
            loop.execute { [weak self] in
                guard let self, self.attempt == attempt, self.stage == .pausing else { return }
                self.find()
            }
        } else {
            schedule(after: pause) { $0.find() }
        }
        tell(.lost(why: why))
    }

    private func pause() -> Duration {
        guard failures > 0 else { return .zero }
        var pause = rules.firstPause
        for _ in 1..<min(failures, 16) { pause = min(pause * 2, rules.longestPause) }
        return pause * Double.random(in: 0.5...1)
    }

    private func watchSilence() {
        schedule(after: min(rules.silenceLimit / 4, rules.heartbeat / 4)) { line in
            guard line.stage == .ready || line.stage == .leaving, let connection = line.connection
            else { return }
            let now = line.loop.now
            if let since = connection.isSilentSince, now - since >= line.rules.silenceLimit {
                line.fail("it has owed an answer for \(line.rules.silenceLimit)")
                return
            }
            if connection.owedCount == 0, now - connection.lastHeardAt >= line.rules.heartbeat {
                line.askWhetherItLives(connection)
            }
            line.watchSilence()
        }
    }

    private func askWhetherItLives(_ connection: RedisConnection) {
        guard connection.isSubscribed else {
            connection.send(
                RedisErrand(RedisCommand("PING"), timeout: rules.silenceLimit) { _, _ in }
            )
            return
        }
        // Among news, the answer is news as well.
        guard connection.lastHeardAt + rules.heartbeat + rules.silenceLimit > loop.now else {
            fail("it says nothing any more")
            return
        }
        connection.send(unanswered: RedisCommand("PING"))
    }

    /// Does it later, if it is still about the same attempt.
    private func schedule(after pause: Duration, _ work: @escaping @Sendable (RedisLine) -> Void) {
        let attempt = attempt
        loop.schedule(at: loop.now + pause) { [weak self] in
            guard let self, self.attempt == attempt else { return }
            work(self)
        }
    }

    private static let leastStay = Duration.seconds(1)
}
