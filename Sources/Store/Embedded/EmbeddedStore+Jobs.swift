package import Basics

extension EmbeddedStore {
    package func save(_ job: JobRecord) async throws(StoreFault) {
        try StoreLimits.check(job.id, job.type)
        try StoreLimits.check(document: job.state)
        try await tell(.saveJob) { database throws(StoreFault) in
            try database.change(
                """
                INSERT INTO jobs (id, type, state, created, updated) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET state = excluded.state, updated = excluded.updated
                """,
                .text(job.id),
                .text(job.type),
                .text(job.state),
                .time(job.created),
                .time(job.updated)
            )
        }
    }

    package func job(_ id: String) async throws(StoreFault) -> JobRecord? {
        try await ask(.job) { database throws(StoreFault) in
            try database.rows(
                "SELECT id, type, state, created, updated FROM jobs WHERE id = ?",
                .text(id),
                read: JobRecord.init
            ).first
        }
    }

    package func jobs(after id: String?, limit: Int) async throws(StoreFault) -> [JobRecord] {
        try await ask(.jobs) { database throws(StoreFault) in
            try database.rows(
                """
                SELECT id, type, state, created, updated FROM jobs
                WHERE id > ? ORDER BY id LIMIT ?
                """,
                .text(id ?? ""),
                pageSize(limit),
                read: JobRecord.init
            )
        }
    }

    package func forgetJobs(updatedBefore time: WallTime) async throws(StoreFault) -> Int {
        try await tell(.forgetJobs) { database throws(StoreFault) in
            try database.change(
                """
                DELETE FROM jobs WHERE id IN
                (SELECT id FROM jobs WHERE updated < ? ORDER BY updated LIMIT ?)
                """,
                .time(time),
                pageSize(.max)
            )
        }
    }
}

extension JobRecord {
    fileprivate init(_ row: borrowing Statement.Row) {
        self.init(
            id: row.text(0),
            type: row.text(1),
            state: row.text(2),
            created: row.time(3),
            updated: row.time(4)
        )
    }
}
