package import Basics

extension EmbeddedStore {
    package func save(_ call: CallRecord) async throws(StoreFault) {
        try StoreLimits.check(call.id, call.channel, call.owner)
        try StoreLimits.check(document: call.title)
        try await tell(.saveCall) { database throws(StoreFault) in
            try database.change(
                """
                INSERT INTO calls (\(callColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET
                    ended = excluded.ended, title = excluded.title, owner = excluded.owner,
                    screen_seconds = excluded.screen_seconds,
                    video_seconds = excluded.video_seconds
                """,
                .text(call.id),
                .text(call.channel),
                .time(call.started),
                .time(call.ended),
                .text(call.title),
                .text(call.owner),
                .optional(call.screenSeconds),
                .optional(call.videoSeconds)
            )
        }
    }

    package func call(_ id: String) async throws(StoreFault) -> CallRecord? {
        try await ask(.call) { database throws(StoreFault) in
            try database.rows(
                "SELECT \(callColumns) FROM calls WHERE id = ?",
                .text(id),
                read: CallRecord.init
            ).first
        }
    }

    package func calls(
        in channel: String?,
        before place: CallRecord.Place?,
        limit: Int
    ) async throws(StoreFault) -> [CallRecord] {
        let started: SQLValue = place.map { .time($0.started) } ?? .integer(.max)
        let id: SQLValue = .text(place?.id ?? "")
        return try await ask(.calls) { database throws(StoreFault) in
            guard let channel else {
                return try database.rows(
                    """
                    SELECT \(callColumns) FROM calls WHERE (started, id) < (?, ?)
                    ORDER BY started DESC, id DESC LIMIT ?
                    """,
                    started,
                    id,
                    pageSize(limit),
                    read: CallRecord.init
                )
            }
            return try database.rows(
                """
                SELECT \(callColumns) FROM calls WHERE channel = ? AND (started, id) < (?, ?)
                ORDER BY started DESC, id DESC LIMIT ?
                """,
                .text(channel),
                started,
                id,
                pageSize(limit),
                read: CallRecord.init
            )
        }
    }

    package func unendedCalls(limit: Int) async throws(StoreFault) -> [CallRecord] {
        try await ask(.unendedCalls) { database throws(StoreFault) in
            try database.rows(
                "SELECT \(callColumns) FROM calls WHERE ended IS NULL ORDER BY id LIMIT ?",
                pageSize(limit),
                read: CallRecord.init
            )
        }
    }

    package func forgetCalls(endedBefore time: WallTime) async throws(StoreFault) -> Int {
        try await tell(.forgetCalls) { database throws(StoreFault) in
            try database.change(
                """
                DELETE FROM calls WHERE id IN
                (SELECT id FROM calls WHERE ended < ? ORDER BY ended LIMIT ?)
                """,
                .time(time),
                pageSize(.max)
            )
        }
    }

    package func save(_ attendance: AttendanceRecord) async throws(StoreFault) {
        try StoreLimits.check(attendance.call, attendance.session, attendance.user)
        try await tell(.saveAttendance) { database throws(StoreFault) in
            try database.change(
                """
                INSERT INTO attendance (call, session, user, joined, "left")
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET "left" = excluded."left"
                """,
                .text(attendance.call),
                .text(attendance.session),
                .text(attendance.user),
                .time(attendance.joined),
                .time(attendance.left)
            )
        }
    }

    package func attendance(
        of call: String,
        after place: AttendanceRecord.Place?,
        limit: Int
    ) async throws(StoreFault) -> [AttendanceRecord] {
        let joined: SQLValue = place.map { .time($0.joined) } ?? .integer(.min)
        let session: SQLValue = .text(place?.session ?? "")
        return try await ask(.attendance) { database throws(StoreFault) in
            try database.rows(
                """
                SELECT call, session, user, joined, "left" FROM attendance
                WHERE call = ? AND (joined, session) > (?, ?) ORDER BY joined, session LIMIT ?
                """,
                .text(call),
                joined,
                session,
                pageSize(limit)
            ) { row in
                AttendanceRecord(
                    call: row.text(0),
                    session: row.text(1),
                    user: row.text(2),
                    joined: row.time(3),
                    left: row.optionalTime(4)
                )
            }
        }
    }
}

private let callColumns =
    "id, channel, started, ended, title, owner, screen_seconds, video_seconds"

extension CallRecord {
    fileprivate init(_ row: borrowing Statement.Row) {
        self.init(
            id: row.text(0),
            channel: row.text(1),
            started: row.time(2),
            ended: row.optionalTime(3),
            title: row.text(4),
            owner: row.text(5),
            screenSeconds: row.optionalInteger(6),
            videoSeconds: row.optionalInteger(7)
        )
    }
}
