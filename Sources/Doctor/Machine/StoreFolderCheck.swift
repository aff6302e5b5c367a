internal import Glibc

/// Whether the store can be written, and for how long.
package struct StoreFolderCheck: Check {
    private let path: String
    private let freeBytes: @Sendable (_ folder: String) -> UInt64?
    private let wished: UInt64 = 1 << 30
    private let needed: UInt64 = 64 << 20

    /// The store's file, which need not exist yet.
    package init(
        path: String,
        freeBytes: @escaping @Sendable (_ folder: String) -> UInt64? = Self.freeBytes
    ) {
        self.path = path
        self.freeBytes = freeBytes
    }

    package var name: String { "store" }

    package func look() -> Outcome {
        // Roost makes the last folder itself, so the nearest one that exists has to be writable.
        var folder = Self.parent(of: path)
        while unsafe access(folder, F_OK) != 0, folder != "/", folder != "." {
            folder = Self.parent(of: folder)
        }
        let owner = geteuid()
        let place = unsafe access(path, F_OK) == 0 ? path : folder
        guard unsafe access(place, W_OK) == 0, unsafe access(folder, W_OK | X_OK) == 0 else {
            return .fail(
                "\(place) may not be written by user \(owner)",
                remedy: "sudo chown -R \(owner) \(place)    # or set store.path to another place"
            )
        }
        guard let free = freeBytes(folder) else {
            return .skipped("\(folder) is writable; its disk doesn't say how full it is")
        }
        let seen = "\(path) is writable, \(free >> 20) MiB free"
        let remedy = "df -h \(folder)    # free some, or set store.path to a larger disk"
        if free < needed { return .fail(seen, remedy: remedy) }
        return free < wished ? .warn(seen, remedy: remedy) : .ok(seen)
    }

    package static func freeBytes(_ folder: String) -> UInt64? {
        var disk = statvfs()
        guard unsafe statvfs(folder, &disk) == 0 else { return nil }
        return UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        let parent = path[..<slash]
        return parent.isEmpty ? "/" : String(parent)
    }
}
