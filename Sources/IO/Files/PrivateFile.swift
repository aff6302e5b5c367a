internal import CLinux
internal import Glibc

/// Files that only their owner may read: keys. Blocks, so not for requests.
package enum PrivateFile {
    /// Makes a file that was not there before, and sees it safely on disk.
    package static func write(_ bytes: [UInt8], to path: String) throws(SystemFault) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last("make \(path)") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last("write \(path)") }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw .last("write \(path)") }
    }
}
