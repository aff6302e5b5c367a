package import Basics

extension EmbeddedStore {
    package func save(_ session: SessionRecord) async throws(StoreFault) {
        try StoreLimits.check(session.tokenHash)
        try StoreLimits.check(document: session.principal)
        try await tell(.saveSession) { database throws(StoreFault) in
            try database.change(
                """
                INSERT INTO sessions (token_hash, principal, expires) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET
                    principal = excluded.principal, expires = excluded.expires
                """,
                .blob(session.tokenHash),
                .text(session.principal),
                .time(session.expires)
            )
        }
    }

    package func session(
        tokenHash: [UInt8],
        at now: WallTime
    ) async throws(StoreFault) -> SessionRecord? {
        try await ask(.session) { database throws(StoreFault) in
            try database.rows(
                """
                SELECT token_hash, principal, expires FROM sessions
                WHERE token_hash = ? AND expires > ?
                """,
                .blob(tokenHash),
                .time(now)
            ) { row in
                SessionRecord(tokenHash: row.blob(0), principal: row.text(1), expires: row.time(2))
            }.first
        }
    }

    package func endSession(tokenHash: [UInt8]) async throws(StoreFault) -> Bool {
        try await tell(.endSession) { database throws(StoreFault) in
            try database.change("DELETE FROM sessions WHERE token_hash = ?", .blob(tokenHash)) == 1
        }
    }

    package func forgetSessions(expiredAt now: WallTime) async throws(StoreFault) -> Int {
        try await tell(.forgetSessions) { database throws(StoreFault) in
            try database.change(
                """
                DELETE FROM sessions WHERE token_hash IN
                (SELECT token_hash FROM sessions WHERE expires <= ? ORDER BY expires LIMIT ?)
                """,
                .time(now),
                pageSize(.max)
            )
        }
    }
}
