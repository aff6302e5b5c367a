import Glibc

/// Keeps a second roost off the same store.
///
/// A lock on a file beside the store (`roost.db.lock`), with who holds it written inside for whoever
/// comes second. The kernel lets go of it when the process ends, however it ends; the file stays,
/// since removing it could take the lock from somebody who is just getting it.
///
/// SQLite has locks of its own. They are held for moments only, so that `sqlite3` and backups can
/// read a running node's store; two nodes writing one store is what this prevents.
@safe final class StoreLock {
    private let file: Int32

    init(store path: String) throws(StoreFault) {
        let lockPath = Self.withoutLinks(path) + ".lock"
        let opened = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw StoreFault(opening: lockPath, error: errno) }
        guard Self.lock(opened) else {
            let error = errno
            let holder = Self.read(opened)
            close(opened)
            guard error == EWOULDBLOCK else {
                throw StoreFault("\(lockPath) cannot be locked (\(systemText(error)))")
            }
            throw StoreFault(
                "\(path) is in use by \(holder); stop it or set store.path to another file",
                reason: .inUse
            )
        }
        file = opened
        let holder = Array("\(getpid()) \(Self.hostName)\n".utf8)
        let written = unsafe holder.withUnsafeBytes {
            unsafe pwrite(opened, $0.baseAddress, $0.count, 0)
        }
        guard written == holder.count, ftruncate(opened, written) == 0 else {
            let error = errno
            close(opened)
            throw StoreFault(opening: lockPath, error: error)
        }
    }

    deinit {
        close(file)
    }

    /// Asks for a moment before giving up: a process that is just ending, or a child that this one has
    /// forked and that has not yet become another program, lets go of the lock by itself.
    private static func lock(_ file: Int32) -> Bool {
        for attempt in 0..<patience {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK, attempt < patience - 1 else { return false }
            usleep(20_000)
        }
        return false
    }

    private static let patience = 15

    /// The file that a path leads to, so that two paths to one store find one lock.
    private static func withoutLinks(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }  // it is yet to be made
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static func read(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 300)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(file, $0.baseAddress, $0.count, 0)
        }
        let words = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
            .split { $0 == " " || $0 == "\n" }
        guard let process = words.first.flatMap({ Int32($0) }), words.count == 2 else {
            return "another process"  // it has the lock and has not yet said who it is
        }
        return "process \(process) (roost on \(words[1]))"
    }

    private static var hostName: String {
        var name = [UInt8](repeating: 0, count: 256)
        let code = unsafe name.withUnsafeMutableBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            return unsafe gethostname(start, bytes.count - 1)
        }
        let text = String(decoding: name.prefix { $0 != 0 && $0 > 0x20 }, as: UTF8.self)
        return code == 0 && !text.isEmpty ? text : "this-host"
    }
}

extension StoreFault {
    /// A file of the store that the system would not open.
    init(opening path: String, error: Int32) {
        switch error {
        case EACCES, EPERM, EROFS:
            self.init(
                "\(path) may not be written (\(systemText(error))); give the user that runs roost "
                    + "the right to write it, or set store.path to a place where it has it",
                reason: .readOnly
            )
        case ENOSPC, EDQUOT:
            self.init("no space is left for \(path); free some", reason: .full)
        default:
            self.init(
                "\(path) cannot be opened (\(systemText(error))); check store.path",
                reason: .unreachable
            )
        }
    }
}

/// What the system says about one of its error numbers.
func systemText(_ error: Int32) -> String {
    var bytes = [CChar](repeating: 0, count: 128)
    return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return "error \(error)" }
        return unsafe strerror_r(error, start, buffer.count) == 0
            ? String(cString: start) : "error \(error)"
    }
}
