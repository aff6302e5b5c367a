package import Basics
package import Coordination
package import IO
internal import Synchronization

/// Global mutexes: one holder in the whole cluster, in the order of asking, with a fence.
///
///     try await mutexes.withMutex(.ensureBot) { hold in
///         try hold.check()
///         await store.write(…, fence: hold.fence)
///     }
///
/// It gives each ``MutexClaim`` a Redis and time, on the loop of the client. Those of this node stand in a
/// queue of their own; the node stands in Redis' once. Who releases hands over to who waits longest and
/// publishes it, so nobody polls; who waits says so now and then, so that Redis passes over the dead.
///
/// Nothing hot may want one: a call's own affairs are decided by its owner, in order.
package actor ClusterMutex {
    package nonisolated let loop: Loop
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    package typealias Answer = @Sendable (Result<MutexHold, MutexFault>) -> Void

    /// Somebody on this node, from wanting to having let go.
    private final class Guest: @unchecked Sendable {
        let name: MutexName
        let ticket: MutexTicket
        let came: Instant
        let patience: Duration
        /// It may be cancelled before it has come in.
        let isCancelled = Atomic<Bool>(false)
        // On the loop.
        var began: Instant?
        var gate: HoldGate?
        private var answer: Answer?

        init(
            _ name: MutexName,
            _ ticket: MutexTicket,
            patience: Duration,
            _ answer: @escaping Answer
        ) {
            self.name = name
            self.answer = answer
            self.ticket = ticket
            self.patience = patience
            came = Loop.readClock()
        }

        /// When it will have waited long enough, if it still waits then.
        var deadline: Instant? { began == nil ? came + patience : nil }

        func settle(_ result: Result<MutexHold, MutexFault>) {
            answer?(result)
            answer = nil
        }
    }

    private let member: MemberID
    private var life = Life.first
    private var isFenced = false
    private let gate: HoldGate
    private let terms: MutexTerms
    private let client: RedisClient
    private let subscriber: RedisSubscriber
    private let registry: MutexRegistry
    private let figures: MutexFigures
    private let log: Log

    private var claims: [MutexName: MutexClaim] = [:]
    private var guests: [MutexTicket: Guest] = [:]
    private nonisolated let tickets = Atomic<UInt64>(0)
    private var generation: Generation?
    private var generationSince = Instant(nanoseconds: 0)
    private var run: RedisRun?
    private var confirmedAt: Instant?
    private var events: [(MutexName, MutexEvent)] = []
    private var isFeeding = false
    private var nextVisit: Instant?
    /// Not after anybody's patience ends.
    private var nextExpiry: Instant?
    private var complaints = LogLimiter(linesPerSecond: 1)
    /// What spreads the beats of those who wait.
    private var seeds = SeededRandom(seed: .random(in: .min ... .max))
    private var isOpen = false
    private var isClosed = false

    /// The client and the subscriber must live on one loop, and be to one place.
    ///
    /// - Parameter gate: The member's own: nothing is held while it is shut.
    package init(
        _ member: MemberID,
        cluster: String,
        gate: HoldGate,
        client: RedisClient,
        subscriber: RedisSubscriber,
        terms: MutexTerms,
        figures: MutexFigures,
        log: Log
    ) {
        precondition(client.loop === subscriber.loop, "one turn must see both")
        loop = client.loop
        self.member = member
        self.gate = gate
        self.terms = terms
        self.client = client
        self.subscriber = subscriber
        registry = MutexRegistry(cluster: cluster, client: client, terms: terms)
        self.figures = figures
        self.log = log
        onLoop { $0.open() }
    }

    private nonisolated func onLoop(_ work: @escaping @Sendable (isolated ClusterMutex) -> Void) {
        if loop.isCurrent {
            assumeIsolated { work($0) }
        } else {
            loop.execute { self.assumeIsolated { work($0) } }
        }
    }

    private func open() {
        guard !isOpen, !isClosed else { return }
        isOpen = true
        client.assumeIsolated { client in
            client.watch { [weak self] news in self?.onLoop { $0.hear(news) } }
        }
        subscriber.subscribe(registry.channel(of: member)) { [weak self] news in
            self?.onLoop { $0.hear(news) }
        }
    }

    /// Those who wait are told; those who hold lose it, and it is handed over.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        for guest in guests.values {
            guest.gate?.set(until: nil)
            guest.settle(.failure(.closed))
        }
        // Those who wait go first, or would be given what those who hold let go.
        let leaving = guests.values.sorted { $0.ticket > $1.ticket }
        guests = [:]
        for guest in leaving { feed(guest.name, .leave(guest.ticket)) }
        claims = [:]
    }

    // MARK: - What the cluster knows

    /// Redis' data are of this generation, as the members have agreed; nil while they have not.
    package nonisolated func follow(_ generation: Generation?) {
        onLoop { mutex in
            guard mutex.generation != generation else { return }
            mutex.generation = generation
            mutex.generationSince = mutex.loop.now
            mutex.tellEra()
        }
    }

    /// The members have agreed that this one is dead in that life: who waits for it need not wait any longer.
    package nonisolated func note(dead member: MemberID, _ life: Life) {
        onLoop { $0.tellAll(.died(member, life)) }
    }

    /// This member has lost its right to host: the others may be told that it is dead, and take at once what
    /// it holds. Its gate must be shut, and stay so until this has been heard.
    package nonisolated func fence() {
        onLoop { mutex in
            mutex.isFenced = true
            mutex.tellAll(.fenced)
        }
    }

    /// This member is in the cluster, in this life. What it held in another it has lost.
    package nonisolated func join(_ life: Life) {
        onLoop { mutex in
            mutex.isFenced = false
            mutex.life = life
            mutex.tellAll(.joined(life))
        }
    }

    private var era: MutexEra? {
        guard let generation, let run else { return nil }
        return MutexEra(generation: generation, run: run)
    }

    private func tellEra() {
        for name in claims.keys { feed(name, .era(era, since: generationSince)) }
    }

    private func hear(_ news: RedisClientNews) {
        switch news {
        case .connected(let standing):
            run = standing.runID.flatMap { RedisRun($0) }
            tellEra()
            tellAll(.noticed)
        case .lost:
            break
        case .confirmed(let confirmation):
            let standing = client.assumeIsolated { $0.standing }
            guard standing?.host == confirmation.host else { return }
            confirmedAt = confirmation.sentAt
            tellAll(.confirmed(sentAt: confirmation.sentAt))
        }
    }

    private func hear(_ news: RedisNews) {
        switch news {
        case .began: tellAll(.noticed)
        case .message(let bytes):
            guard let name = MutexName(String(decoding: bytes, as: UTF8.self)) else { return }
            feed(name, .noticed)
        case .cut: break
        }
    }

    private func tellAll(_ event: MutexEvent) {
        for name in claims.keys { feed(name, event) }
    }

    // MARK: - Holding

    /// Waits for the mutex, at most so long, and does the work while it is held. Throws
    /// ``MutexFault/lost(_:)`` after the work if it was not held to the end.
    package nonisolated func withMutex<Value: Sendable>(
        _ name: MutexName,
        within patience: Duration = .seconds(10),
        _ work: (MutexHold) async throws -> Value
    ) async throws -> Value {
        let hold = try await grab(name, within: patience)
        do {
            let value = try await work(hold)
            guard release(hold) else { throw MutexFault.lost(name) }
            return value
        } catch {
            release(hold)
            throw error
        }
    }

    /// Waits for the mutex, at most so long. Whoever has it must ``release(_:)`` it, whatever happens;
    /// ``withMutex(_:within:_:)`` sees to that.
    package nonisolated func grab(
        _ name: MutexName,
        within patience: Duration = .seconds(10)
    ) async throws(MutexFault) -> MutexHold {
        let delivery = Delivery<Result<MutexHold, MutexFault>>()
        let guest = guest(name, patience) { delivery.deliver($0) }
        let result = await withTaskCancellationHandler {
            onLoop { $0.enter(guest) }
            return await delivery.wait()
        } onCancel: {
            guest.isCancelled.store(true, ordering: .relaxed)
            onLoop { $0.giveUp(guest, .cancelled) }
        }
        return try result.get()
    }

    /// The same for those who have no task to wait in: tells on the loop.
    package nonisolated func grab(
        _ name: MutexName,
        within patience: Duration = .seconds(10),
        _ answer: @escaping Answer
    ) {
        let guest = guest(name, patience, answer)
        onLoop { $0.enter(guest) }
    }

    private nonisolated func guest(
        _ name: MutexName,
        _ patience: Duration,
        _ answer: @escaping Answer
    ) -> Guest {
        let number = tickets.add(1, ordering: .relaxed).newValue
        return Guest(name, MutexTicket(number: number), patience: patience, answer)
    }

    /// Lets go, and says whether it was held to the end. Doing so again does nothing.
    @discardableResult
    package nonisolated func release(_ hold: MutexHold) -> Bool {
        let wasHeld = hold.isHeld
        onLoop { mutex in
            guard let guest = mutex.guests[hold.ticket] else { return }
            mutex.leave(guest)
        }
        return wasHeld
    }

    private func enter(_ guest: Guest) {
        let name = guest.name
        guard !isClosed else { return guest.settle(.failure(.closed)) }
        guard !guest.isCancelled.load(ordering: .relaxed) else {
            return guest.settle(.failure(.cancelled))
        }
        guard guests.count < Self.mostGuests, claims[name] != nil || claims.count < Self.mostNames
        else { return guest.settle(.failure(.tooMany(name))) }
        guests[guest.ticket] = guest
        let expiry = guest.came + guest.patience
        nextExpiry = min(nextExpiry ?? expiry, expiry)
        if claims[name] == nil {
            begin(name, with: guest.ticket)
        } else {
            feed(name, .enter(guest.ticket))
        }
    }

    /// A claim that nobody has entered would be idle, and let go.
    private func begin(_ name: MutexName, with ticket: MutexTicket) {
        claims[name] = MutexClaim(name, me: member, life: life, terms: terms, seed: seeds.next())
        feed(name, .enter(ticket))
        if isFenced { feed(name, .fenced) }
        feed(name, .era(era, since: generationSince))
        if let confirmedAt { feed(name, .confirmed(sentAt: confirmedAt)) }
    }

    /// One that waits does not any longer. One that holds is left alone.
    private func giveUp(_ guest: Guest, _ fault: MutexFault) {
        guard guests[guest.ticket] != nil, guest.began == nil else { return }
        guests[guest.ticket] = nil
        feed(guest.name, .leave(guest.ticket))
        guest.settle(.failure(fault))
    }

    private func leave(_ guest: Guest) {
        guard guests.removeValue(forKey: guest.ticket) != nil else { return }
        guest.gate?.set(until: nil)
        if let began = guest.began { figures.noteHold(guest.name, took: Loop.readClock() - began) }
        feed(guest.name, .leave(guest.ticket))
    }

    // MARK: - A turn

    private func feed(_ name: MutexName, _ event: MutexEvent) {
        events.append((name, event))
        guard !isFeeding else { return }
        isFeeding = true
        while !events.isEmpty {
            let batch = events
            events = []
            for (name, event) in batch { take(event, for: name) }
        }
        isFeeding = false
        visitLater()
    }

    private func take(_ event: MutexEvent, for name: MutexName) {
        guard var claim = claims.removeValue(forKey: name) else { return }
        let retries = claim.retries
        let actions = claim.receive(event, at: Loop.readClock())
        figures.noteRetries(name, claim.retries - retries)
        if !claim.isIdle { claims[name] = claim }
        for action in actions { perform(action, claim) }
        extend(claim)
    }

    /// Lets the holder's gate stay open for as long as the mutex is held now.
    private func extend(_ claim: MutexClaim) {
        guard let ticket = claim.holder, let guest = guests[ticket] else { return }
        guest.gate?.set(until: claim.holdsUntil)
    }

    private func perform(_ action: MutexAction, _ claim: MutexClaim) {
        switch action {
        case .ask(let request):
            ask(request)
        case .begin(let ticket, let fence):
            guard let guest = guests[ticket] else { return }
            let now = Loop.readClock()
            guest.began = now
            let gate = HoldGate(until: claim.holdsUntil ?? now)
            guest.gate = gate
            figures.noteGrab(guest.name, took: now - guest.came)
            guest.settle(
                .success(
                    MutexHold(
                        name: guest.name,
                        fence: fence,
                        ticket: ticket,
                        gate: gate,
                        membership: self.gate
                    )
                )
            )
        case .lose(let ticket, let why):
            guard let guest = guests[ticket] else { return }
            guest.gate?.set(until: nil)
            log.limited(
                .warning,
                by: &complaints,
                at: loop.now,
                "a global mutex was lost while it was held",
                ["mutex": .string("\(guest.name)"), "why": .string(why.rawValue)]
            )
        case .refuse(let ticket):
            guard let guest = guests.removeValue(forKey: ticket) else { return }
            guest.settle(.failure(.tooMany(guest.name)))
        }
    }

    private func ask(_ request: MutexRequest) {
        // Another run than the one that was meant may know of other holders.
        let standing = client.assumeIsolated { $0.standing }
        guard standing?.runID == request.era.run.description else {
            events.append((request.name, .failed(request)))
            return
        }
        registry.ask(request) { [weak self] result, sentAt in
            self?.onLoop { mutex in
                switch result {
                case .success(let answer):
                    mutex.feed(request.name, .answered(answer, to: request, sentAt: sentAt))
                case .failure(let fault):
                    mutex.complain(of: fault)
                    mutex.feed(request.name, .failed(request))
                }
            }
        }
    }

    private func complain(of fault: MutexRegistryFault) {
        log.limited(
            .warning,
            by: &complaints,
            at: loop.now,
            "Redis was not asked about a mutex",
            ["why": .string("\(fault)")]
        )
    }

    private func visitLater() {
        var due = nextExpiry
        for claim in claims.values {
            guard let deadline = claim.deadline else { continue }
            due = min(due ?? deadline, deadline)
        }
        guard let due, nextVisit.map({ due < $0 }) ?? true else { return }
        nextVisit = due
        loop.schedule(at: due) { [weak self] in
            self?.assumeIsolated { $0.visit(due) }
        }
    }

    private func visit(_ visit: Instant) {
        if nextVisit == visit { nextVisit = nil }
        let now = Loop.readClock()
        if let expiry = nextExpiry, expiry <= now { expire(now) }
        for (name, claim) in claims {
            guard let deadline = claim.deadline, deadline <= now else { continue }
            feed(name, .woke)
        }
        visitLater()
    }

    private func expire(_ now: Instant) {
        nextExpiry = nil
        for guest in guests.values {
            guard let deadline = guest.deadline else { continue }
            if deadline <= now {
                giveUp(guest, .timedOut(guest.name, after: guest.patience))
            } else {
                nextExpiry = min(nextExpiry ?? deadline, deadline)
            }
        }
    }

    /// Bounds of one node, far above what its few users want.
    private static let mostNames = 1_024
    private static let mostGuests = 4_096
}
