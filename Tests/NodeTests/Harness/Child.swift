import Foundation
import Glibc

/// A process that a test has started. It ends with the test at the latest, and when the tests die, it
/// dies with them.
final class Child {
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    let folder: Folder
    let name: String
    let process: pid_t
    private var status: Int32?

    /// Starts a command, with nothing in its environment but a path and what is given.
    init(
        _ command: [String],
        as name: String = "child",
        in folder: Folder,
        environment: [String: String] = [:]
    ) throws {
        self.folder = folder
        self.name = name
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, kind) in [(STDOUT_FILENO, "out"), (STDERR_FILENO, "err")] {
            let flags = O_WRONLY | O_CREAT | O_APPEND
            let path = folder.path("\(name).\(kind)")
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o600)
        }
        let words = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "env", "-C", folder.path] + command
        var variables = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SWIFT_BACKTRACE": "enable=no"]
        // A node under a sanitizer is told what the tests are.
        for name in ["ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"] {
            variables[name] = ProcessInfo.processInfo.environment[name]
        }
        variables.merge(environment) { $1 }
        var process: pid_t = 0
        let result = unsafe Self.withCStrings(words) { words in
            unsafe Self.withCStrings(variables.map { "\($0)=\($1)" }) { variables in
                unsafe posix_spawn(&process, "/usr/bin/setpriv", &actions, nil, words, variables)
            }
        }
        guard result == 0 else { throw Fault(description: "\(command): errno \(result)") }
        self.process = process
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    /// What it has said on standard output.
    var output: String { folder.text("\(name).out") }
    /// What it has said on standard error, where logs go.
    var complaints: String { folder.text("\(name).err") }

    func signal(_ number: Int32) {
        if status == nil { kill(process, number) }
    }

    /// The exit code, if it has ended; 128 and the signal's number, if it was killed.
    var exitCode: Int32? {
        if status == nil {
            var word: Int32 = 0
            guard unsafe waitpid(process, &word, WNOHANG) == process else { return nil }
            status = word & 0x7f == 0 ? word >> 8 & 0xff : 128 + (word & 0x7f)
        }
        return status
    }

    func waitUntilEnd(_ patience: Duration = .seconds(20)) throws -> Int32 {
        guard eventually(within: patience, { exitCode != nil }), let exitCode else {
            throw Fault(description: "\(name) does not end; it said: \(complaints.suffix(2_000))")
        }
        return exitCode
    }

    /// Whether it keeps what it has freed, or several times what it has, for a sanitizer to look at: then
    /// its memory says nothing of the node.
    static let isSanitized =
        unsafe dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

    /// Resident memory in KiB.
    var residentKiB: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8))
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    private static func withCStrings<Result>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe copies.indices { unsafe free(copies[index]) }
        }
        return unsafe copies.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("it ends with nil") }
            return unsafe body(base)
        }
    }
}

/// A folder that goes when the test does.
final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "roost-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)  // a leftover harms nobody
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// A file's text, or nothing if there is no such file.
    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path(name)) ?? Data(), as: UTF8.self)
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, [UInt8](text.utf8))
    }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }
}

/// Whether something comes true in time, looked at a hundred times a second.
func eventually(
    within patience: Duration = .seconds(10),
    _ claim: () throws -> Bool
) rethrows
    -> Bool
{
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
        if try claim() { return true }
        usleep(10_000)
    }
    return try claim()
}
