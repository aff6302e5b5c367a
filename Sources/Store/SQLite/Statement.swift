import Basics
import CSQLite

/// One prepared statement. Belongs to a ``Database``, and like it to one thread at a time.
@safe final class Statement {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    /// Gives the values to the question marks, in order. Answers SQLite's code.
    func bind(_ values: [SQLValue]) -> Int32 {
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        // SQLite copies what it is given, since the buffers here end with the call.
        let copying = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null:
            return unsafe sqlite3_bind_null(handle, index)
        case .integer(let number):
            return unsafe sqlite3_bind_int64(handle, index, number)
        case .text(let text):
            var text = text
            return text.withUTF8 { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                    // A null pointer would mean NULL, and an empty text may have one.
                    guard let start = characters.baseAddress else {
                        return unsafe sqlite3_bind_text(handle, index, "", 0, copying)
                    }
                    let count = UInt64(characters.count)
                    let encoding = UInt8(SQLITE_UTF8)
                    return unsafe sqlite3_bind_text64(
                        handle,
                        index,
                        start,
                        count,
                        copying,
                        encoding
                    )
                }
            }
        case .blob(let blob):
            return unsafe blob.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else {
                    return unsafe sqlite3_bind_zeroblob(handle, index, 0)
                }
                return unsafe sqlite3_bind_blob64(
                    handle,
                    index,
                    start,
                    UInt64(bytes.count),
                    copying
                )
            }
        }
    }

    /// Moves to the next row, or to the end. Answers SQLite's code.
    func step() -> Int32 {
        unsafe sqlite3_step(handle)
    }

    /// Makes the statement ready for its next use, and forgets the values of this one.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// The row a query has come to. Valid inside the closure it is handed to.
    struct Row: ~Copyable, ~Escapable {
        private let statement: Statement

        @_lifetime(borrow statement)
        init(_ statement: borrowing Statement) {
            self.statement = copy statement
        }

        func integer(_ column: Int32) -> Int64 {
            unsafe sqlite3_column_int64(statement.handle, column)
        }

        func text(_ column: Int32) -> String {
            guard let start = unsafe sqlite3_column_text(statement.handle, column) else {
                return ""
            }
            let count = unsafe Int(sqlite3_column_bytes(statement.handle, column))
            return unsafe String(
                decoding: UnsafeBufferPointer(start: start, count: count),
                as: UTF8.self
            )
        }

        func blob(_ column: Int32) -> [UInt8] {
            guard let start = unsafe sqlite3_column_blob(statement.handle, column) else {
                return []
            }
            let count = unsafe Int(sqlite3_column_bytes(statement.handle, column))
            return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
        }

        func time(_ column: Int32) -> WallTime {
            WallTime(milliseconds: integer(column))
        }

        func isNull(_ column: Int32) -> Bool {
            unsafe sqlite3_column_type(statement.handle, column) == SQLITE_NULL
        }

        func optionalText(_ column: Int32) -> String? {
            isNull(column) ? nil : text(column)
        }

        func optionalTime(_ column: Int32) -> WallTime? {
            isNull(column) ? nil : time(column)
        }

        func optionalInteger(_ column: Int32) -> Int? {
            isNull(column) ? nil : Int(integer(column))
        }

        func optionalBool(_ column: Int32) -> Bool? {
            isNull(column) ? nil : integer(column) != 0
        }
    }
}
