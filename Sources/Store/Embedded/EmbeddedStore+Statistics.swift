package import Basics

extension EmbeddedStore {
    package func statistics(at now: WallTime) async throws(StoreFault) -> CallStatistics {
        let day: Int64 = 86_400
        let month = WallTime(seconds: now.seconds - 30 * day)
        let year = WallTime(seconds: now.seconds - 365 * day)
        return try await ask(.statistics) { database throws(StoreFault) in
            var statistics = CallStatistics()
            statistics.calls = try database.count("SELECT COUNT(*) FROM calls")
            statistics.meanSeconds =
                try database.thousandths(
                    "SELECT AVG(ended - started) FROM calls WHERE ended IS NOT NULL"
                )
            statistics.meanPeople =
                try database.thousandths(
                    """
                    SELECT 1000 * AVG(people) FROM
                    (SELECT COUNT(DISTINCT user) AS people FROM attendance GROUP BY call)
                    """
                )
            statistics.videoSeconds = try database.count(
                "SELECT COALESCE(SUM(video_seconds), 0) FROM calls"
            )
            statistics.videoCalls = try database.count("SELECT COUNT(video_seconds) FROM calls")
            statistics.screenCalls = try database.count("SELECT COUNT(screen_seconds) FROM calls")
            let calls = "FROM calls WHERE started >= ?"
            statistics.callsByDay = try database.counts("%Y-%m-%d", "started", calls, month)
            statistics.callsByMonth = try database.counts("%Y-%m", "started", calls, year)
            let jobs = "FROM jobs WHERE type = 'recording' AND created >= ?"
            statistics.recordingsByDay = try database.counts("%Y-%m-%d", "created", jobs, month)
            statistics.recordingsByMonth = try database.counts("%Y-%m", "created", jobs, year)
            return statistics
        }
    }
}

extension Database {
    fileprivate func count(_ sql: String) throws(StoreFault) -> Int { Int(try number(sql)) }

    /// A mean that SQLite gives as thousandths, or 0 of nothing.
    fileprivate func thousandths(_ select: String) throws(StoreFault) -> Double {
        Double(try number("SELECT CAST(COALESCE((\(select)), 0) AS INTEGER)")) / 1_000
    }

    fileprivate func counts(
        _ format: String,
        _ column: String,
        _ source: String,
        _ start: WallTime
    ) throws(StoreFault) -> [(String, Int)] {
        try rows(
            """
            SELECT strftime('\(format)', \(column) / 1000.0, 'unixepoch') AS label, COUNT(*)
            \(source) GROUP BY label ORDER BY label
            """,
            .time(start)
        ) { row in (row.text(0), Int(row.integer(1))) }
    }
}
