package import Basics
package import Coordination
internal import Glibc
package import IO
internal import Wire

/// The node's end of the pipe to its guard: a second, small process that tells the other nodes at once when
/// this one dies.
///
/// Silence proves little, so nodes wait for it to last before they take a call over. The kernel knows better: when a
/// process ends, however it ends, its end of a pipe is closed, and whoever reads the other end is told
/// within a millisecond. The guard then says so to all others, in the node's own name.
///
/// A process that is stopped has not ended, and keeps its websockets, whose clients hear nothing from anybody. So the
/// node says ten times a second that it is alive, and the guard ends it once it can be of no more use, see ``StallWatch``.
///
/// It is a help and never needed: where both are killed together, the others find out by the silence.
package final class NodeGuard: @unchecked Sendable {
    private let log: Log
    private let loop: Loop
    private let watch: GuardOrder
    // On the loop.
    private var pipe: Int32 = -1
    private var last: GuardOrder?
    private var births: [Instant] = []
    private var hasPulse = false
    private var isOver = false

    /// Begins on the loop with the first ``tell(_:_:)``.
    package init(
        _ member: MemberID,
        cluster: String,
        credentials: GuardCredentials,
        stall: Duration,
        loop: Loop,
        log: Log
    ) {
        watch = .watch(cluster: cluster, member, credentials, stall: stall)
        self.loop = loop
        self.log = log
    }

    deinit {
        if pipe >= 0 { close(pipe) }
    }

    /// On the loop: which life would be over, and whom to tell.
    package func tell(_ life: Life, _ others: [MemberID: String]) {
        let neighbours = others.map { member, address in
            GuardOrder.Neighbour(name: member.name.description, address: address)
        }
        last = .tell(life, neighbours.sorted())
        guard !isOver else { return }
        if pipe < 0 { begin() }
        say()
        guard !hasPulse else { return }
        hasPulse = true
        beat()
    }

    private func beat() {
        guard !isOver else { return }
        // One that does not take it has ended, or will be found to have by the next word to it.
        if pipe >= 0, !write(.alive) { say() }
        loop.schedule(at: loop.now + Self.pulse) { [weak self] in self?.beat() }
    }

    private static let pulse = Duration.milliseconds(100)

    /// On the loop: the node ends by itself.
    package func end() {
        isOver = true
        guard pipe >= 0 else { return }
        _ = write(.farewell)
        close(pipe)
        pipe = -1
    }

    private func say() {
        guard pipe >= 0, let last, !write(last) else { return }
        close(pipe)
        pipe = -1
        log.warning("this node's guard has ended; another is started")
        begin()
        if let last = self.last, pipe >= 0 { _ = write(last) }
    }

    private func begin() {
        let now = loop.now
        births = births.filter { now - $0 < .seconds(60) }
        guard births.count < Self.birthsAMinute else { return }
        births.append(now)
        guard let pipe = Self.spawn() else {
            return log.warning(
                "this node has no guard: others will notice its death by the silence",
                ["why": .error(SystemFault.last("start it"))]
            )
        }
        self.pipe = pipe
        if !write(watch) {
            close(pipe)
            self.pipe = -1
        }
    }

    private static let birthsAMinute = 5

    /// Length, then the order. What the pipe does not take at once is given up, as is the guard: nobody waits for it.
    private func write(_ order: GuardOrder) -> Bool {
        let bytes = order.packed
        var frame = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) }
        frame += bytes
        return unsafe Glibc.write(pipe, frame, frame.count) == frame.count
    }

    /// Starts this same program as a guard, in a session of its own, so that what ends the node by its
    /// terminal or its group does not end the guard. Answers our end of the pipe.
    private static func spawn() -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { return nil }
        let (theirs, ours) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ours, F_SETFL, O_NONBLOCK)
        defer { close(theirs) }
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, theirs, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        unsafe posix_spawnattr_setflags(&attributes, newSession)
        let words = ["roost", "guard"]
        let arguments = unsafe words.map { word in unsafe strdup(word) } + [nil]
        defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
        var child: pid_t = 0
        let status = unsafe posix_spawn(
            &child,
            "/proc/self/exe",
            &actions,
            &attributes,
            arguments,
            environ
        )
        guard status == 0 else {
            errno = status
            close(ours)
            return nil
        }
        // Who it was is of no interest: the pipe says when it is gone. Nobody waits for it but this.
        Self.reap(child)
        return ours
    }

    private static func reap(_ child: pid_t) {
        var thread = pthread_t()
        let box = unsafe UnsafeMutableRawPointer(bitPattern: Int(child))
        let isStarted =
            unsafe pthread_create(
                &thread,
                nil,
                { box in
                    var status: Int32 = 0
                    _ = unsafe waitpid(pid_t(Int(bitPattern: box)), &status, 0)
                    return nil
                },
                box
            ) == 0
        if isStarted { pthread_detach(thread) }
    }

    /// POSIX_SPAWN_SETSID, which glibc has as a macro of its own dialect.
    private static let newSession: Int16 = 0x80
}
