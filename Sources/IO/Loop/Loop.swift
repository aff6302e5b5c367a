package import Basics
internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that waits on epoll, and the executor of every actor that lives on it.
///
/// A turn: run the jobs that are waiting, take up to 256 events, tell their handlers, tell those
/// whose time has come, and visit again those that asked for it. The clock is read once a turn. A loop
/// that was given a rest keeps to ``TurnPace``.
///
/// Actors name the loop as their executor, so a handler enters its actor with `assumeIsolated` and
/// two actors of one loop talk without a queue between them. Whoever is on another thread leaves a
/// job in the inbox; the bell (an eventfd) is rung only when the loop sleeps.
///
/// A task that awaits on a loop should be started with ``begin(_:)``. Without it, whatever waits for a
/// continuation is resumed on the shared pool first, and only then comes home: two wake-ups of a
/// thread for each wait, and none at all while the pool is busy.
///
/// Everything below the mark *on the loop* belongs to the loop's thread alone. That is what makes
/// the class safe to share, and it is checked on entry.
package final class Loop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// A handler's place on a loop. Stale ones (the handler has left) are recognised and ignored.
    package struct Registration: Hashable, Sendable {
        fileprivate var token: UInt64
        fileprivate var slot: Int { Int(truncatingIfNeeded: token & 0xFFFF_FFFF) }
    }

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var closures: [@Sendable () -> Void] = []
        var isAsleep = false
        /// The thread has ended.
        var isOver = false

        var isEmpty: Bool { jobs.isEmpty && closures.isEmpty }

        /// Whether the bell must be rung for what has just been put in. Once is enough.
        mutating func wake() -> Bool {
            defer { isAsleep = false }
            return isAsleep
        }
    }

    /// What is to be done at an instant, other than to tell a handler.
    private enum Plan {
        case closure(@Sendable () -> Void)
        case sleeper(CheckedContinuation<Void, Never>)
    }

    private struct Place {
        var handler: (any LoopHandler)?
        var generation: UInt32 = 1
    }

    /// Which of the node's loops this is, counted from 0. Metrics keep a cell for each.
    package let index: Int

    private let epoll: Int32
    private let bell: Int32
    private let inbox = Mutex(Inbox())
    /// How often something was left in the inbox. Asked by nobody: with it the thread sanitizer, which does not see
    /// Swift's locks, sees that what was left happened before what is done with it.
    private let left = Atomic<UInt>(0)
    private let thread = Atomic<UInt>(0)
    private let isStopping = Atomic<Bool>(false)

    // On the loop.
    private var localJobs: [UnownedJob] = []
    private var spareJobs: [UnownedJob] = []
    private var places: [Place] = []
    private var freeSlots: [Int] = []
    private var timers = TimerHeap()
    private var revisits: [UInt64] = []
    private var plans: [UInt64: Plan] = [:]
    private var nextPlan: UInt64 = 0
    private var turnStart = Loop.readClock()
    private var pace: TurnPace

    /// Bytes for whoever is being served right now; nothing may be left in them between two calls.
    package let scratch: Scratch

    /// Starts the thread, which runs until ``stop()``, on one CPU if it says which. If it is woken by
    /// the thousand, it rests so long between two turns.
    package init(
        index: Int = 0,
        name: String = "loop",
        cpu: Int? = nil,
        rest: Duration = .zero
    ) throws(SystemFault) {
        self.index = index
        pace = TurnPace(rest: rest)
        if let cpu, !Self.mayUse(cpu: cpu) {
            throw SystemFault(
                doing: "keep a thread on CPU \(cpu)",
                code: EINVAL,
                remedy: "this process has CPUs \(Self.usableCPUs)"
            )
        }
        epoll = epoll_create1(O_CLOEXEC)
        guard epoll >= 0 else { throw .last("create an epoll instance") }
        bell = eventfd(0, O_NONBLOCK | O_CLOEXEC)
        guard bell >= 0 else { throw .last("create an eventfd") }
        scratch = Scratch()
        guard roost_epoll_control(epoll, EPOLL_CTL_ADD, bell, EPOLLIN.rawValue, Self.bellToken) == 0
        else { throw .last("watch an eventfd") }
        try start(name: "\(name)-\(index)", cpu: cpu)
    }

    deinit {
        // Only now: a number that is closed too early is soon somebody else's, and would be rung.
        close(bell)
        close(epoll)
    }

    // MARK: - From any thread

    /// Runs the closure on the loop, soon. One that comes after the loop's end is let go.
    package func execute(_ closure: @escaping @Sendable () -> Void) {
        _ = admit(closure)
    }

    private func admit(_ closure: @escaping @Sendable () -> Void) -> Bool {
        let (isAdmitted, wakes) = inbox.withLock { inbox in
            guard !inbox.isOver else { return (false, false) }
            inbox.closures.append(closure)
            left.add(1, ordering: .releasing)
            return (true, inbox.wake())
        }
        ring(if: wakes)
        return isAdmitted
    }

    /// Waits without holding a thread, at least so long and up to a millisecond more, or until the
    /// loop ends.
    package func sleep(for duration: Duration) async {
        await withCheckedContinuation { done in
            let isAdmitted = admit { [self] in plan(.sleeper(done), at: now + duration) }
            if !isAdmitted { done.resume() }
        }
    }

    /// Starts a task that stays on this loop wherever it may, also when it comes back from waiting.
    @discardableResult
    package func begin(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await work() }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            localJobs.append(job)
            return
        }
        ring(
            if: inbox.withLock { inbox in
                inbox.jobs.append(job)
                left.add(1, ordering: .releasing)
                return inbox.wake()
            }
        )
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(isCurrent, "called from another thread than that of loop \(index)")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool {
        thread.load(ordering: .relaxed) == pthread_self()
    }

    /// Ends the thread after the jobs that are waiting now. Handlers still registered are let go.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        ring(if: true)
    }

    /// The CPUs that this process may use, in order.
    package static var usableCPUs: [Int] { (0..<1_024).filter { mayUse(cpu: $0) } }

    private static func mayUse(cpu: Int) -> Bool {
        Int32(exactly: cpu).map { roost_may_use_cpu($0) == 1 } ?? false
    }

    package static func readClock() -> Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Seconds since 1970 and the nanoseconds within the second, for what is shown to people.
    package static func readWallClock() -> (seconds: Int64, nanoseconds: Int64) {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec), Int64(time.tv_nsec))
    }

    // MARK: - On the loop

    /// The instant at which this turn began.
    package var now: Instant { turnStart }

    /// Watches a descriptor for reading, writing and ending, each told once per change.
    ///
    /// A datagram socket should be watched for reading only: it becomes writable again with every
    /// datagram that has left.
    package func register(
        _ descriptor: Int32,
        for changes: Readiness = [.read, .write, .peerEnded],
        handler: any LoopHandler
    ) throws(SystemFault) -> Registration {
        checkIsolated()
        let registration = takePlace(for: handler)
        let events = changes.rawValue | EPOLLET.rawValue
        guard
            roost_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, events, registration.token) == 0
        else {
            let fault = SystemFault.last("watch a descriptor")
            leavePlace(registration)
            throw fault
        }
        return registration
    }

    /// Puts another handler in the place of the one that registered, for the same descriptor.
    package func hand(_ registration: Registration, to handler: any LoopHandler) {
        checkIsolated()
        guard isTaken(registration.token) else { return }
        places[registration.slot].handler = handler
    }

    /// Stops watching. The descriptor stays open; it is the caller's.
    package func deregister(_ registration: Registration, _ descriptor: Int32) {
        checkIsolated()
        guard isTaken(registration.token) else { return }
        _ = roost_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0)
        leavePlace(registration)
    }

    /// Calls the handler's `isDue` at that instant or up to a millisecond later.
    package func schedule(_ registration: Registration, at instant: Instant) {
        checkIsolated()
        timers.insert(.init(instant: instant, token: registration.token))
    }

    /// Runs the closure on the loop at that instant or up to a millisecond later.
    package func schedule(at instant: Instant, _ closure: @escaping @Sendable () -> Void) {
        checkIsolated()
        plan(.closure(closure), at: instant)
    }

    private func plan(_ plan: Plan, at instant: Instant) {
        nextPlan += 1
        let token = Self.planBit | nextPlan
        plans[token] = plan
        timers.insert(.init(instant: instant, token: token))
    }

    /// Calls the handler's `isReady` with ``Readiness/again`` in the next turn, after others had one.
    package func revisit(_ registration: Registration) {
        checkIsolated()
        revisits.append(registration.token)
    }

    // MARK: - The thread

    private func start(name: String, cpu: Int?) throws(SystemFault) {
        let argument = unsafe Unmanaged.passRetained(Start(loop: self, name: name, cpu: cpu))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe pthread_setname_np(pthread_self(), start.name)
                // Or a rest would be longer by the 50 us by which the kernel may come late.
                if start.loop.pace.rest > .zero { roost_sleep_exactly() }
                // Taken away since it was asked for: the thread is slower elsewhere, not wrong.
                if let cpu = start.cpu { _ = roost_stay_on_cpu(Int32(cpu)) }
                start.loop.run()
                return nil
            },
            argument.toOpaque()
        )
        guard status == 0 else {
            unsafe argument.release()
            throw SystemFault(doing: "start a thread", code: status)
        }
        pthread_detach(thread)
    }

    private final class Start: Sendable {
        let loop: Loop
        let name: String
        let cpu: Int?

        init(loop: Loop, name: String, cpu: Int?) {
            self.loop = loop
            self.cpu = cpu
            self.name = String(name.utf8.prefix(15)) ?? "loop"
        }
    }

    private func run() {
        thread.store(pthread_self(), ordering: .relaxed)
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventsPerTurn)
        defer { unsafe events.deallocate() }
        while !isStopping.load(ordering: .acquiring) {
            turnStart = Self.readClock()
            runJobs()
            rest()
            let count = unsafe epoll_wait(epoll, events, Int32(Self.eventsPerTurn), patience())
            inbox.withLock { $0.isAsleep = false }
            turnStart = Self.readClock()
            if count > 0 { pace.began(at: turnStart) }
            for index in 0..<Int(max(count, 0)) {
                let token = unsafe roost_epoll_token(events + index)
                if token == Self.bellToken {
                    silence()
                } else if let handler = handler(of: token) {
                    unsafe handler.isReady(Readiness(rawValue: events[index].events), at: turnStart)
                }
            }
            fireTimers()
            visitAgain()
        }
        runJobs()
        places.removeAll()
        wakeSleepers()
        runJobs()
        let late = inbox.withLock { inbox in
            inbox.isOver = true
            defer { inbox.closures = [] }
            return inbox.closures
        }
        for closure in late { closure() }
        wakeSleepers()
        // The next thread may get this one's number, and must not be taken for it.
        thread.store(0, ordering: .relaxed)
    }

    private func runJobs() {
        let closures = inbox.withLock { inbox in
            localJobs.append(contentsOf: inbox.jobs)
            inbox.jobs.removeAll(keepingCapacity: true)
            let closures = inbox.closures
            if !closures.isEmpty { inbox.closures = [] }
            _ = left.load(ordering: .acquiring)
            return closures
        }
        for closure in closures { closure() }
        // A task is several jobs, each of which leads to the next. What they have to say leaves together if they
        // are done in one turn, and costs a call of the kernel each if they are not.
        var rounds = 0
        while !localJobs.isEmpty, rounds < Self.roundsPerTurn {
            rounds += 1
            swap(&localJobs, &spareJobs)
            for job in spareJobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
            spareJobs.removeAll(keepingCapacity: true)
        }
    }

    /// Lets a little more come, if that is the pace. Whoever has a job for the loop meanwhile has no
    /// need to ring.
    private func rest() {
        guard localJobs.isEmpty, revisits.isEmpty, let pause = pace.pause(at: turnStart) else {
            return
        }
        var time = timespec(tv_sec: 0, tv_nsec: Int(pause / .nanoseconds(1)))
        // Cut short by a signal, it was as long as it was.
        _ = unsafe nanosleep(&time, nil)
        turnStart = Self.readClock()
        runJobs()
    }

    /// How long epoll may sleep, in milliseconds rounded up: not at all while somebody waits.
    private func patience() -> Int32 {
        guard localJobs.isEmpty, revisits.isEmpty else { return 0 }
        let isIdle = inbox.withLock { inbox in
            inbox.isAsleep = inbox.isEmpty
            return inbox.isAsleep
        }
        guard isIdle else { return 0 }
        guard let deadline = timers.deadline else { return -1 }
        let wait = max(deadline.nanoseconds - Self.readClock().nanoseconds, 0)
        return Int32(clamping: (wait + 999_999) / 1_000_000)
    }

    private func fireTimers() {
        // An instant that lies ahead of this turn waits for a later one, so this ends.
        while let entry = timers.popDue(at: turnStart) {
            if entry.token & Self.planBit == 0 {
                handler(of: entry.token)?.isDue(at: turnStart)
                continue
            }
            switch plans.removeValue(forKey: entry.token) {
            case .closure(let closure): closure()
            case .sleeper(let sleeper): sleeper.resume()
            case nil: break
            }
        }
    }

    /// Whoever sleeps when the loop ends is woken early, or would be for ever asleep.
    private func wakeSleepers() {
        for case .sleeper(let sleeper) in plans.values { sleeper.resume() }
        plans.removeAll()
    }

    private func visitAgain() {
        guard !revisits.isEmpty else { return }
        let tokens = revisits
        revisits.removeAll(keepingCapacity: true)
        for token in tokens { handler(of: token)?.isReady(.again, at: turnStart) }
    }

    private func ring(if isAsleep: Bool) {
        guard isAsleep else { return }
        var one: UInt64 = 1
        _ = unsafe write(bell, &one, 8)
    }

    private func silence() {
        var count: UInt64 = 0
        _ = unsafe read(bell, &count, 8)
    }

    // MARK: - Places

    private func takePlace(for handler: any LoopHandler) -> Registration {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = places.count
            places.append(Place())
        }
        places[slot].handler = handler
        return Registration(token: UInt64(places[slot].generation) << 32 | UInt64(slot))
    }

    private func leavePlace(_ registration: Registration) {
        let slot = registration.slot
        places[slot].handler = nil
        // 31 bits, never 0: the top bit marks plans, and 0 would look like no registration.
        let next = (places[slot].generation + 1) & 0x7FFF_FFFF
        places[slot].generation = next == 0 ? 1 : next
        freeSlots.append(slot)
    }

    private func isTaken(_ token: UInt64) -> Bool { handler(of: token) != nil }

    private func handler(of token: UInt64) -> (any LoopHandler)? {
        let slot = Int(truncatingIfNeeded: token & 0xFFFF_FFFF)
        guard slot < places.count, UInt64(places[slot].generation) == token >> 32 else {
            return nil
        }
        return places[slot].handler
    }

    /// What jobs lead to, how far: others of the loop wait meanwhile.
    private static let roundsPerTurn = 32
    private static let eventsPerTurn = 256
    private static let bellToken = UInt64.max
    private static let planBit: UInt64 = 1 << 63
}
