package import Basics
internal import IO
package import Store

extension RedisStore {
    package func save(_ job: JobRecord) async throws(StoreFault) {
        try StoreLimits.check(job.id, job.type)
        try StoreLimits.check(document: job.state)
        let created = try StoreTime.text(job.created)
        let updated = try StoreTime.text(job.updated)
        let words = [job.id, job.type, job.state, created, updated]
        try await perform(.saveJob) { () async throws(StoreFault) in
            try await run(
                .saveJob,
                [keys.job + job.id, keys.jobOrder, keys.jobsByUpdate, keys.recordings],
                words.map { Array($0.utf8) }
            )
        }
    }

    package func job(_ id: String) async throws(StoreFault) -> JobRecord? {
        try await perform(.job) { () async throws(StoreFault) in
            let value = try await ask(RedisCommand("HGETALL", keys.job + id))
            guard let fields = value.elements else { throw damaged(keys.job + id) }
            return fields.isEmpty ? nil : try job(id, value)
        }
    }

    package func jobs(after id: String?, limit: Int) async throws(StoreFault) -> [JobRecord] {
        try await perform(.jobs) { () async throws(StoreFault) in
            let records = try await records(
                by: keys.jobOrder,
                in: .keys(keys.job),
                beyond: id.map { Array($0.utf8) },
                placeSize: 0,
                limit: limit
            )
            var jobs: [JobRecord] = []
            for record in records { jobs.append(try job(record.text, record.value)) }
            return jobs
        }
    }

    package func forgetJobs(updatedBefore time: WallTime) async throws(StoreFault) -> Int {
        let bound = Array(StoreTime.text(nearest: time).utf8)
        return try await perform(.forgetJobs) { () async throws(StoreFault) in
            try await forget(
                .forgetJobs,
                [keys.jobsByUpdate, keys.jobOrder, keys.recordings],
                bound,
                [keys.job]
            )
        }
    }

    private func job(_ id: String, _ value: RedisValue) throws(StoreFault) -> JobRecord {
        guard let type = value["type"]?.text, let state = value["state"]?.text,
            let created = value["created"]?.bytes.flatMap(StoreTime.time),
            let updated = value["updated"]?.bytes.flatMap(StoreTime.time)
        else { throw damaged(keys.job + id) }
        return JobRecord(id: id, type: type, state: state, created: created, updated: updated)
    }
}
