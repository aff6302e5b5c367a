/// One step from a version of the schema to the next.
///
/// Steps are numbered from 1 in the order they were written, and never changed once released. Each
/// runs in one transaction together with the number in the file's header, so after a crash in the
/// middle the file is what it was before.
package struct Migration: Sendable {
    package let sql: String

    package init(_ sql: String) {
        self.sql = sql
    }
}

extension Database {
    /// Brings the schema to the last of the steps, and answers the version it had.
    package func migrate(through steps: [Migration]) throws(StoreFault) -> Int {
        let version = Int(try number("PRAGMA user_version"))
        guard version >= 0, version <= steps.count else {
            throw StoreFault(
                "\(path) was written by a newer roost (its schema is \(version), this one knows "
                    + "\(steps.count)); start that version, or restore a backup from before it",
                reason: .newer
            )
        }
        for (index, step) in steps.enumerated().dropFirst(version) {
            try transaction { () throws(StoreFault) in
                try script(step.sql)
                try script("PRAGMA user_version = \(index + 1)")
                try script("PRAGMA application_id = \(Database.applicationID)")
            }
        }
        return version
    }
}
