internal import CLinux
internal import Glibc
internal import IO

/// A process that the tool started. It is ended with ``end()``, or else when the tool ends.
///
/// Its environment is bare, so that what is set on the machine does not change what is measured. What
/// it says goes into a file of the workbench.
struct Child {
    let pid: pid_t
    private let output: String
    private let name: String

    /// - Parameter isBound: Whether it is killed as soon as the thread that starts it is gone, whatever ends
    ///   that. To be started by the first thread, then, which is gone with the tool.
    /// - Parameter space: The network to start it in; nil for the calling thread's.
    /// - Parameter variables: What its environment has besides, as `NAME=value`.
    init(
        _ program: String,
        _ arguments: [String],
        name: String,
        isBound: Bool = false,
        in space: Int32? = nil,
        variables others: [String] = []
    ) throws {
        let command =
            isBound
            ? ["/usr/bin/setpriv", "--pdeathsig", "KILL", program] + arguments
            : [program] + arguments
        self.name = name
        output = try Workbench.path("\(name).log")
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)

        // The tool blocks signals for itself; a child must hear them.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"] + others
        var words = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe variables.indices { unsafe free(variables[index]) }
        }
        var pid: pid_t = 0
        let home = try Self.enter(space)
        let status = unsafe posix_spawnp(
            &pid,
            command[0],
            &actions,
            &attributes,
            &words,
            &variables
        )
        try Self.leave(to: home)
        guard status == 0 else { throw SystemFault(doing: "start \(program)", code: status) }
        self.pid = pid
        Workbench.note(child: pid)
    }

    /// Takes the calling thread into a network, and says which one to return to.
    private static func enter(_ space: Int32?) throws -> Int32? {
        guard let space else { return nil }
        let home = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard home >= 0, roost_enter_network(space) == 0 else {
            throw SystemFault.last("enter a network")
        }
        return home
    }

    private static func leave(to home: Int32?) throws {
        guard let home else { return }
        defer { close(home) }
        guard roost_enter_network(home) == 0 else { throw SystemFault.last("return to a network") }
    }

    /// What it has said until now.
    func said() throws -> String {
        String(decoding: try FileContent.read(output), as: UTF8.self)
    }

    /// The same for a report's files, where one that can't be read is no reason to go without the others.
    var saidOrWhyNot: [UInt8] {
        do {
            return [UInt8](try said().utf8)
        } catch {
            return [UInt8]("unreadable: \(error)".utf8)
        }
    }

    /// Waits for its end, and says its exit code; negative if it died by a signal.
    func wait() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        Workbench.forget(child: pid)
        return Self.code(status)
    }

    /// Whether it has ended by itself. Does not wait.
    func hasEnded() -> Bool { ended() != nil }

    /// How it has ended, as ``wait()`` says it; nil if it has not. Does not wait.
    func ended() -> Int32? {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
        Workbench.forget(child: pid)
        return Self.code(status)
    }

    private static func code(_ status: Int32) -> Int32 {
        status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }

    func signal(_ number: Int32) -> Bool { kill(pid, number) == 0 }

    /// Asks it to end, and insists after five seconds. Does nothing if it has ended.
    func end() {
        guard Workbench.has(child: pid) else { return }
        kill(pid, SIGTERM)
        for _ in 0..<500 {
            if waitpid(pid, nil, WNOHANG) != 0 {
                Workbench.forget(child: pid)
                return
            }
            usleep(10_000)
        }
        kill(pid, SIGKILL)
        _ = wait()
    }
}
