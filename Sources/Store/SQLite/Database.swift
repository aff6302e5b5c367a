import CSQLite

/// One SQLite file and the statements prepared on it.
///
/// Not `Sendable`: it belongs to one thread at a time, and every call may block on the disk. Errors
/// come as ``StoreFault``s that name the file.
@safe package final class Database {
    /// The file's name, as the operator wrote it.
    package let path: String
    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// `Roos`, in the file's header, so that no other program's file is taken for ours.
    package static let applicationID: Int64 = 0x526F_6F73

    /// Opens the file, creating an empty one where there is none. ``EmbeddedStore`` does all that a
    /// store needs besides; `:memory:` is a database that ends with the process.
    package init(file path: String) throws(StoreFault) {
        self.path = path
        var opened: OpaquePointer?
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw StoreFault(code: code, path: path, detail: nil)
        }
        unsafe handle = opened
        unsafe sqlite3_busy_timeout(handle, 2_000)
    }

    deinit {
        statements = [:]  // a connection with statements would only become a zombie
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs statements that take no values and answer nothing of interest.
    package func script(_ sql: String) throws(StoreFault) {
        try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// Runs one statement to its end and answers how many rows it changed.
    @discardableResult
    package func change(_ sql: String, _ values: SQLValue...) throws(StoreFault) -> Int {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        var code = SQLITE_ROW
        while code == SQLITE_ROW {
            code = statement.step()
        }
        guard code == SQLITE_DONE else { throw fault(code) }
        return unsafe Int(sqlite3_changes64(handle))
    }

    /// All rows of a query, each read by the closure.
    func rows<Value>(
        _ sql: String,
        _ values: SQLValue...,
        read: (borrowing Statement.Row) -> Value
    ) throws(StoreFault) -> [Value] {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        var found: [Value] = []
        while true {
            let code = statement.step()
            switch code {
            case SQLITE_ROW: found.append(read(Statement.Row(statement)))
            case SQLITE_DONE: return found
            default: throw fault(code)
            }
        }
    }

    /// The only number that a query answers.
    package func number(_ sql: String) throws(StoreFault) -> Int64 {
        try rows(sql) { $0.integer(0) }.first ?? 0
    }

    /// The only text that a query answers.
    package func text(_ sql: String) throws(StoreFault) -> String {
        try rows(sql) { $0.text(0) }.first ?? ""
    }

    /// Runs the body and commits, or undoes all of it if it throws.
    @discardableResult
    package func transaction<Value>(
        _ body: () throws(StoreFault) -> Value
    ) throws(StoreFault) -> Value {
        try script("BEGIN IMMEDIATE")
        do {
            let value = try body()
            try script("COMMIT")
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    /// Whether a transaction is open. SQLite ends one by itself when the disk fails under it.
    package var isInTransaction: Bool {
        unsafe sqlite3_get_autocommit(handle) == 0
    }

    /// Undoes the open transaction, if SQLite has not already done so.
    package func rollBack() {
        guard isInTransaction else { return }
        unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    private func prepared(
        _ sql: String,
        _ values: [SQLValue]
    ) throws(StoreFault) -> Statement {
        let statement: Statement
        if let known = statements[sql] {
            statement = known
        } else {
            var made: OpaquePointer?
            try check(
                unsafe sqlite3_prepare_v3(
                    handle,
                    sql,
                    -1,
                    UInt32(SQLITE_PREPARE_PERSISTENT),
                    &made,
                    nil
                )
            )
            guard let made = unsafe made else {
                throw StoreFault("\"\(sql)\" is no statement", reason: .refused)
            }
            statement = unsafe Statement(made)
            precondition(statements.count < 256, "statements are written down, not put together")
            statements[sql] = statement
        }
        let code = statement.bind(values)
        guard code == SQLITE_OK else {
            statement.reset()
            throw fault(code)
        }
        return statement
    }

    private func check(_ code: Int32) throws(StoreFault) {
        guard code == SQLITE_OK else { throw fault(code) }
    }

    private func fault(_ code: Int32) -> StoreFault {
        let detail = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) }
        return StoreFault(code: code, path: path, detail: detail)
    }
}

extension StoreFault {
    /// What one of SQLite's result codes means for the operator of this file.
    init(code: Int32, path: String, detail: String?) {
        let detail = unsafe detail ?? String(cString: sqlite3_errstr(code))
        switch code & 0xFF {
        case SQLITE_FULL:
            self.init(
                "no space is left for \(path); free some, and storing resumes by itself",
                reason: .full
            )
        case SQLITE_CORRUPT:
            self.init(
                "\(path) is damaged (\(detail)); stop roost, then restore a backup or move the "
                    + "file away to begin with an empty store",
                reason: .damaged
            )
        case SQLITE_NOTADB:
            self.init(
                "\(path) is not a database; set store.path to another file, or move this one away",
                reason: .foreign
            )
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            self.init(
                "\(path) may not be written (\(detail)); give the user that runs roost the right to "
                    + "write the file and its folder",
                reason: .readOnly
            )
        case SQLITE_CANTOPEN:
            self.init(
                "\(path) cannot be opened (\(detail)); check that its folder exists and that the "
                    + "user that runs roost may write there",
                reason: .unreachable
            )
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(
                "\(path) is locked by another program, perhaps sqlite3 or a backup; "
                    + "let it finish or stop it",
                reason: .inUse
            )
        case SQLITE_TOOBIG:
            self.init("what was to be stored in \(path) is too large", reason: .outOfBounds)
        case SQLITE_IOERR:
            self.init(
                "the disk under \(path) fails (\(detail), code \(code)); check the system's log and "
                    + "the file system",
                reason: .unreachable
            )
        case SQLITE_CONSTRAINT:
            self.init(
                "\(path) refused a row (\(detail)); this is a bug, report it",
                reason: .refused
            )
        default:
            self.init("\(path): \(detail) (SQLite code \(code))")
        }
    }
}
