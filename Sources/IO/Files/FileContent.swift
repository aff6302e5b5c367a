internal import CLinux
internal import Glibc

/// Small files, read whole. Blocks: for start, reload and figures, not for requests.
package enum FileContent {
    package static let limit = 16 << 20

    package static func read(_ path: String) throws(SystemFault) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("read \(path)") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return content }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .last("read \(path)")
            }
            content += buffer[..<count]
            guard content.count <= limit else {
                throw SystemFault(doing: "read \(path), which is larger than 16 MiB", code: EFBIG)
            }
        }
    }
}
