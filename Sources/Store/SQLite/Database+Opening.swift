import Glibc

/// What opening a store found.
package struct StoreOpening: Sendable {
    /// The schema's version before and after.
    package var version: (was: Int, now: Int)
    /// How long the check of the file's integrity took.
    package var checked: Duration
    package var pageCount: Int
}

extension Database {
    /// Opens a store: makes its folder and file if they are missing, refuses what is not ours or not
    /// sound, and brings the schema up to date. The caller holds the ``StoreLock``.
    static func open(
        _ path: String,
        through steps: [Migration]
    ) throws(StoreFault) -> (Database, StoreOpening) {
        let isInMemory = path == ":memory:"
        if !isInMemory { try prepareFile(path) }
        let database = try Database(file: path)
        try database.refuseForeign()
        if !isInMemory { try database.beginWriteAheadLog() }
        // NORMAL syncs at checkpoints: a crash of the process loses nothing that was committed, a
        // power failure may lose the last moments, and neither damages the file.
        try database.script(
            """
            PRAGMA synchronous = NORMAL;
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA journal_size_limit = 16777216;
            """
        )
        let clock = ContinuousClock()
        let start = clock.now
        try database.refuseDamaged()
        let checked = clock.now - start
        let was = try database.migrate(through: steps)
        let pageCount = Int(try database.number("PRAGMA page_count"))
        return (
            database,
            StoreOpening(version: (was, steps.count), checked: checked, pageCount: pageCount)
        )
    }

    /// The file is made here and not by SQLite, so that only its owner may read it.
    private static func prepareFile(_ path: String) throws(StoreFault) {
        let file = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreFault(opening: path, error: errno) }
        // No lock of SQLite's can be lost by this: the connection does not exist yet.
        close(file)
    }

    private func refuseForeign() throws(StoreFault) {
        let application = try number("PRAGMA application_id")
        guard application != Database.applicationID else { return }
        guard application == 0, try number("SELECT count(*) FROM sqlite_schema") == 0 else {
            throw StoreFault(
                "\(path) is another program's database; set store.path to a file of roost's own",
                reason: .foreign
            )
        }
    }

    private func beginWriteAheadLog() throws(StoreFault) {
        let mode = try text("PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw StoreFault(
                "\(path) is on a file system that cannot share memory between processes (journal "
                    + "mode \(mode)); set store.path to a local disk",
                reason: .unreachable
            )
        }
    }

    private func refuseDamaged() throws(StoreFault) {
        let verdict = try text("PRAGMA quick_check(1)")
        guard verdict == "ok" else {
            throw StoreFault(code: 11, path: path, detail: verdict)
        }
    }
}

/// Makes the folder a file is to be in, and those above it.
func makeFolder(of path: String) throws(StoreFault) {
    var end = path.startIndex
    while let slash = path[end...].dropFirst().firstIndex(of: "/") {
        end = slash
        let folder = String(path[..<slash])
        guard unsafe mkdir(folder, 0o700) != 0 else { continue }
        let error = errno
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else {
            throw StoreFault(opening: folder, error: error)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreFault(
                "\(folder) is a file, and the store's folder is to be there; set store.path",
                reason: .unreachable
            )
        }
    }
}
