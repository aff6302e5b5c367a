extension EmbeddedStore {
    package func value(of key: String) async throws(StoreFault) -> VersionedValue? {
        try await ask(.value) { database throws(StoreFault) in
            try database.rows("SELECT value, version FROM pairs WHERE key = ?", .text(key)) { row in
                VersionedValue(bytes: row.blob(0), version: row.integer(1))
            }.first
        }
    }

    package func write(
        _ bytes: [UInt8],
        to key: String,
        ifVersion version: Int64?
    ) async throws(StoreFault) -> Int64? {
        try StoreLimits.check(key)
        try StoreLimits.check(document: bytes)
        return try await tell(.write) { database throws(StoreFault) in
            guard let version else {
                let isNew = try database.change(
                    "INSERT INTO pairs (key, value, version) VALUES (?, ?, 1) ON CONFLICT DO NOTHING",
                    .text(key),
                    .blob(bytes)
                )
                return isNew == 1 ? 1 : nil
            }
            return try database.rows(
                """
                UPDATE pairs SET value = ?, version = version + 1
                WHERE key = ? AND version = ? RETURNING version
                """,
                .blob(bytes),
                .text(key),
                .integer(version)
            ) { $0.integer(0) }.first
        }
    }

    package func remove(key: String, ifVersion version: Int64) async throws(StoreFault) -> Bool {
        try await tell(.remove) { database throws(StoreFault) in
            try database.change(
                "DELETE FROM pairs WHERE key = ? AND version = ?",
                .text(key),
                .integer(version)
            ) == 1
        }
    }
}
