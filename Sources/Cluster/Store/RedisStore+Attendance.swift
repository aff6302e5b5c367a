internal import Basics
internal import IO
package import Store

extension RedisStore {
    /// Stands where the time would that somebody left.
    private static let here = String(repeating: "-", count: StoreTime.length)

    package func save(_ attendance: AttendanceRecord) async throws(StoreFault) {
        try StoreLimits.check(attendance.call, attendance.session, attendance.user)
        let joined = try StoreTime.text(attendance.joined)
        let left = if let time = attendance.left { try StoreTime.text(time) } else { Self.here }
        let words = [joined, attendance.session, attendance.user, left]
        try await perform(.saveAttendance) { () async throws(StoreFault) in
            let answer = try await run(
                .saveStay,
                [
                    keys.call + attendance.call, keys.stays + attendance.call,
                    keys.stayOrder + attendance.call, keys.callSums,
                ],
                words.map { Array($0.utf8) }
            )
            guard answer.value == .integer(1) else {
                throw StoreFault(
                    "there is no call \(attendance.call) that anybody could attend; save it first",
                    reason: .refused
                )
            }
        }
    }

    package func attendance(
        of call: String,
        after place: AttendanceRecord.Place?,
        limit: Int
    ) async throws(StoreFault) -> [AttendanceRecord] {
        let start = place.map {
            Array(StoreTime.text(nearest: $0.joined).utf8) + Array($0.session.utf8)
        }
        return try await perform(.attendance) { () async throws(StoreFault) in
            let records = try await records(
                by: keys.stayOrder + call,
                in: .fields(of: keys.stays + call, beginning: "s"),
                beyond: start,
                placeSize: 0,
                limit: limit
            )
            var stays: [AttendanceRecord] = []
            for record in records { stays.append(try stay(record, call)) }
            return stays
        }
    }

    private func stay(
        _ record: StoredRecord,
        _ call: String
    ) throws(StoreFault) -> AttendanceRecord {
        let size = StoreTime.length
        guard let value = record.value.bytes, value.count >= size,
            let joined = StoreTime.time(record.name.prefix(size))
        else { throw damaged(keys.stays + call) }
        let left = value.prefix(size)
        guard left.elementsEqual(Self.here.utf8) || StoreTime.time(left) != nil else {
            throw damaged(keys.stays + call)
        }
        return AttendanceRecord(
            call: call,
            session: String(decoding: record.name.dropFirst(size), as: UTF8.self),
            user: String(decoding: value.dropFirst(size), as: UTF8.self),
            joined: joined,
            left: StoreTime.time(left)
        )
    }
}
