internal import CLinux
internal import Glibc

/// A log file that is put aside when it has grown to its limit, and reopened if somebody else has
/// put it aside (logrotate).
///
///     roost.log   roost.log.1   roost.log.2   …   the oldest is deleted
package struct LogFile: ~Copyable {
    private let path: String
    private let limit: Int
    private let keep: Int
    private var descriptor: Int32 = -1
    private var size = 0
    private var inode: UInt64 = 0

    /// Opens the file for appending, and makes it if it is not there.
    package init(path: String, limit: Int, keep: Int) throws(SystemFault) {
        self.path = path
        self.limit = limit
        self.keep = keep
        try open()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends whole lines. What can't be written is lost, and the fault says why.
    package mutating func write(_ lines: [UInt8]) throws(SystemFault) {
        if size > 0, size + lines.count > limit { try rotate() }
        var sent = 0
        while sent < lines.count {
            let count = unsafe lines.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw .last("write to the log file \(path)")
            }
            sent += count
            size += count
        }
    }

    /// Opens the file anew if its name no longer leads to it.
    package mutating func reopenIfMoved() throws(SystemFault) {
        var status = stat()
        if unsafe stat(path, &status) == 0, UInt64(status.st_ino) == inode { return }
        try open()
    }

    private mutating func rotate() throws(SystemFault) {
        if keep > 0 {
            for number in stride(from: keep - 1, through: 1, by: -1) {
                // A gap in the row of old files is not a fault.
                _ = unsafe rename("\(path).\(number)", "\(path).\(number + 1)")
            }
            guard unsafe rename(path, "\(path).1") == 0 else {
                throw .last("put the full log file \(path) aside")
            }
        } else {
            guard unsafe unlink(path) == 0 else { throw .last("delete the full log file \(path)") }
        }
        try open()
    }

    private mutating func open() throws(SystemFault) {
        let opened = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard opened >= 0 else { throw .last("open the log file \(path)") }
        if descriptor >= 0 { close(descriptor) }
        descriptor = opened
        var status = stat()
        guard unsafe fstat(opened, &status) == 0 else {
            throw .last("look at the log file \(path)")
        }
        size = Int(status.st_size)
        inode = UInt64(status.st_ino)
    }
}
