extension EmbeddedStore {
    package func register(_ client: ClientRecord) async throws(StoreFault) -> Bool {
        try StoreLimits.check(client.id)
        try StoreLimits.check(client.keyHash)
        return try await tell(.register) { database throws(StoreFault) in
            try database.change(
                "INSERT INTO clients (id, key_hash) VALUES (?, ?) ON CONFLICT DO NOTHING",
                .text(client.id),
                .blob(client.keyHash)
            ) == 1
        }
    }

    package func client(_ id: String) async throws(StoreFault) -> ClientRecord? {
        try await ask(.client) { database throws(StoreFault) in
            try database.rows("SELECT id, key_hash FROM clients WHERE id = ?", .text(id)) { row in
                ClientRecord(id: row.text(0), keyHash: row.blob(1))
            }.first
        }
    }

    package func unregister(_ id: String) async throws(StoreFault) -> Bool {
        try await tell(.unregister) { database throws(StoreFault) in
            try database.change("DELETE FROM clients WHERE id = ?", .text(id)) == 1
        }
    }
}
