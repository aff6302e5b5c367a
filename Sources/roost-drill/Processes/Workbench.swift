internal import Basics
internal import Glibc
internal import IO
internal import Synchronization

/// What the tool has put up and must take down again: a folder or two, and the processes it started.
enum Workbench {
    private struct State {
        /// By what they lie in.
        var folders: [String: String] = [:]
        var children: [pid_t] = []
        var isInterrupted = false
    }

    private static let state = Mutex(State())

    /// Has SIGINT and SIGTERM clear the workbench. Before any thread is started.
    static func takeSignals() {
        signal(SIGPIPE, SIG_IGN)
        var set = endings
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            nil,
            { _ in
                var set = Workbench.endings
                var number: Int32 = 0
                while unsafe sigwait(&set, &number) != 0 {}
                Workbench.state.withLock { $0.isInterrupted = true }
                Workbench.clear()
                exit(128 + number)
            },
            nil
        )
        precondition(status == 0, "a process that can't start its first thread can't start at all")
    }

    private static var endings: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        return set
    }

    /// The path of a file in the folder of this run, which is made when it is first asked for.
    static func path(_ name: String) throws -> String { try path(name, in: "/tmp") }

    /// The same, of what must not wait for a disk that others keep busy: in memory, where the system has files there.
    static func memoryPath(_ name: String) throws -> String {
        let memory = "/dev/shm"
        return try path(name, in: unsafe access(memory, W_OK | X_OK) == 0 ? memory : "/tmp")
    }

    private static func path(_ name: String, in place: String) throws -> String {
        try state.withLock { state in
            guard !state.isInterrupted else { throw DrillFault("interrupted") }
            if let folder = state.folders[place] { return "\(folder)/\(name)" }
            var template = [CChar]("\(place)/roost-drill-XXXXXX".utf8CString)
            guard unsafe mkdtemp(&template) != nil else { throw SystemFault.last("make a folder") }
            let folder = String(
                decoding: template.dropLast().map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
            state.folders[place] = folder
            return "\(folder)/\(name)"
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFault.last("write \(path)") }
        defer { close(descriptor) }
        let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
        guard count == bytes.count else { throw SystemFault.last("write \(path)") }
    }

    /// The program that was built together with this one.
    static func neighbour(_ name: String) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe buffer.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe readlink("/proc/self/exe", base, buffer.count)
        }
        guard count > 0 else { throw SystemFault.last("read /proc/self/exe") }
        let own = String(decoding: buffer[..<count], as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/\(name)"
    }

    /// A port of the loopback that nobody has at the moment. None that the kernel gives to those who connect: it may have
    /// done so by the time a server wants it.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_768)
            // Taken, or whatever else it is that befalls all hundred: another.
            guard
                let (descriptor, _) = try? Socket.listen(
                    on: SocketAddress(ip: .loopback, port: port)
                )
            else { continue }
            close(descriptor)
            return port
        }
        throw DrillFault("a hundred ports of the loopback are taken")
    }

    static func note(child: pid_t) {
        state.withLock { state in
            if state.isInterrupted { kill(child, SIGKILL) }
            state.children.append(child)
        }
    }

    static func has(child: pid_t) -> Bool { state.withLock { $0.children.contains(child) } }
    static func forget(child: pid_t) {
        state.withLock { state in state.children.removeAll { $0 == child } }
    }

    /// Does not return if a signal has come: whatever fails then fails because of that, and the
    /// thread that took the signal ends the process.
    static func standStillIfInterrupted() {
        guard state.withLock({ $0.isInterrupted }) else { return }
        while true { sleep(1) }
    }

    /// Ends what runs and removes the folders.
    static func clear() {
        let (children, folders) = state.withLock { state in
            defer {
                state.children = []
                state.folders = [:]
            }
            return (state.children, state.folders.values)
        }
        for child in children {
            kill(child, SIGTERM)
            // One that a drill has stopped would never hear it.
            kill(child, SIGCONT)
            var status: Int32 = 0
            unsafe waitpid(child, &status, 0)
        }
        for folder in folders { remove(folder) }
    }

    private static func remove(_ path: String) {
        if unsafe unlink(path) == 0 { return }
        guard let folder = unsafe opendir(path) else { return }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        unsafe closedir(folder)
        for name in names { remove("\(path)/\(name)") }
        unsafe rmdir(path)
    }
}
