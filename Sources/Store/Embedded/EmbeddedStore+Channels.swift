extension EmbeddedStore {
    package func save(_ channel: ChannelRecord) async throws(StoreFault) {
        try StoreLimits.check(channel.id)
        try StoreLimits.check(document: channel.props)
        try await tell(.saveChannel) { database throws(StoreFault) in
            try database.change(
                """
                INSERT INTO channels (id, enabled, props) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET enabled = excluded.enabled, props = excluded.props
                """,
                .text(channel.id),
                .bool(channel.isEnabled),
                .text(channel.props)
            )
        }
    }

    package func channel(_ id: String) async throws(StoreFault) -> ChannelRecord? {
        try await ask(.channel) { database throws(StoreFault) in
            try database.rows(
                "SELECT id, enabled, props FROM channels WHERE id = ?",
                .text(id),
                read: ChannelRecord.init
            ).first
        }
    }

    package func channels(
        after id: String?,
        limit: Int
    ) async throws(StoreFault) -> [ChannelRecord] {
        try await ask(.channels) { database throws(StoreFault) in
            // Every id is above the empty text, and none is empty.
            try database.rows(
                "SELECT id, enabled, props FROM channels WHERE id > ? ORDER BY id LIMIT ?",
                .text(id ?? ""),
                pageSize(limit),
                read: ChannelRecord.init
            )
        }
    }
}

extension ChannelRecord {
    fileprivate init(_ row: borrowing Statement.Row) {
        self.init(id: row.text(0), isEnabled: row.optionalBool(1), props: row.text(2))
    }
}
