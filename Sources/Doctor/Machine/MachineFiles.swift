internal import Glibc

/// The files by which the kernel speaks of itself, below a root that tests replace.
package struct MachineFiles: Sendable {
    private let root: String

    package init(root: String = "") {
        self.root = root
    }

    /// A file's text, or nil if there is none to be read. At most 4 MiB.
    package func text(_ path: String) -> String? {
        ReadableFile.bytes(root + path, atMost: 4 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first number in a file.
    package func number(_ path: String) -> Int? {
        numbers(path)?.first
    }

    package func numbers(_ path: String) -> [Int]? {
        text(path)?.split { $0 == " " || $0 == "\t" || $0 == "\n" }.compactMap { Int($0) }
    }

    package func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(root + path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// What a symbolic link says.
    package func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe buffer.withUnsafeMutableBufferPointer { room in
            unsafe room.withMemoryRebound(to: CChar.self) { room in
                unsafe room.baseAddress.map { unsafe readlink(root + path, $0, room.count) } ?? -1
            }
        }
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}

/// A whole file, if it may be read.
enum ReadableFile {
    /// nil leaves the reason in `errno`.
    static func bytes(_ path: String, atMost limit: Int) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < limit {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, min($0.count, limit - bytes.count))
            }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}
