package import Basics
internal import IO
package import Store

extension RedisStore {
    package func save(_ call: CallRecord) async throws(StoreFault) {
        try StoreLimits.check(call.id, call.channel, call.owner)
        try StoreLimits.check(document: call.title)
        let started = try StoreTime.text(call.started)
        let ended = if let time = call.ended { try StoreTime.text(time) } else { "" }
        let words = [
            call.id, call.channel, started, ended, call.title, call.owner,
            call.screenSeconds.map { String($0) } ?? "", call.videoSeconds.map { String($0) } ?? "",
        ]
        try await perform(.saveCall) { () async throws(StoreFault) in
            try await run(
                .saveCall,
                [
                    keys.call + call.id, keys.callsByStart, keys.callsOfChannel + call.channel,
                    keys.callsRunning, keys.callsByEnd, keys.callSums,
                ],
                words.map { Array($0.utf8) }
            )
        }
    }

    package func call(_ id: String) async throws(StoreFault) -> CallRecord? {
        try await perform(.call) { () async throws(StoreFault) in
            let value = try await ask(RedisCommand("HGETALL", keys.call + id))
            guard let fields = value.elements else { throw damaged(keys.call + id) }
            return fields.isEmpty ? nil : try call(id, value)
        }
    }

    package func calls(
        in channel: String?,
        before place: CallRecord.Place?,
        limit: Int
    ) async throws(StoreFault) -> [CallRecord] {
        let start = place.map {
            Array(StoreTime.text(nearest: $0.started).utf8) + Array($0.id.utf8)
        }
        return try await perform(.calls) { () async throws(StoreFault) in
            let records = try await records(
                by: channel.map { keys.callsOfChannel + $0 } ?? keys.callsByStart,
                in: .keys(keys.call),
                isDescending: true,
                beyond: start,
                placeSize: StoreTime.length,
                limit: limit
            )
            return try calls(records)
        }
    }

    package func unendedCalls(limit: Int) async throws(StoreFault) -> [CallRecord] {
        try await perform(.unendedCalls) { () async throws(StoreFault) in
            let records = try await records(
                by: keys.callsRunning,
                in: .keys(keys.call),
                beyond: nil,
                placeSize: 0,
                limit: limit
            )
            return try calls(records)
        }
    }

    package func forgetCalls(endedBefore time: WallTime) async throws(StoreFault) -> Int {
        let bound = Array(StoreTime.text(nearest: time).utf8)
        return try await perform(.forgetCalls) { () async throws(StoreFault) in
            try await forget(
                .forgetCalls,
                [keys.callsByEnd, keys.callsByStart, keys.callSums],
                bound,
                [keys.call, keys.callsOfChannel, keys.stays, keys.stayOrder]
            )
        }
    }

    /// Forgets a page, in steps that hold up nobody else's questions.
    func forget(
        _ script: StoreScript,
        _ keys: [String],
        _ bound: [UInt8],
        _ beginnings: [String]
    ) async throws(StoreFault) -> Int {
        let step = 100
        var forgotten = 0
        while forgotten < StoreLimits.page {
            let count = min(step, StoreLimits.page - forgotten)
            let answer = try await run(
                script,
                keys,
                [bound, Array(String(count).utf8)] + beginnings.map { Array($0.utf8) }
            )
            guard let gone = answer.value.number else { throw damaged(keys.first ?? "") }
            forgotten += Int(clamping: gone)
            if gone < count { break }
        }
        return forgotten
    }

    private func calls(_ records: [StoredRecord]) throws(StoreFault) -> [CallRecord] {
        var calls: [CallRecord] = []
        for record in records { calls.append(try call(record.text, record.value)) }
        return calls
    }

    private func call(_ id: String, _ value: RedisValue) throws(StoreFault) -> CallRecord {
        guard let channel = value["channel"]?.text, let owner = value["owner"]?.text,
            let started = value["started"]?.bytes.flatMap(StoreTime.time)
        else { throw damaged(keys.call + id) }
        return CallRecord(
            id: id,
            channel: channel,
            started: started,
            ended: value["ended"]?.bytes.flatMap(StoreTime.time),
            title: value["title"]?.text ?? "",
            owner: owner,
            screenSeconds: value["screen"]?.number.map { Int(clamping: $0) },
            videoSeconds: value["video"]?.number.map { Int(clamping: $0) }
        )
    }
}
