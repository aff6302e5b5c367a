internal import Basics
internal import IO
internal import Store

/// Where the records are that an index puts in order.
enum RecordSource {
    /// Each in a field of one hash, whose name begins so.
    case fields(of: String, beginning: String)
    /// Each a hash of its own, whose key begins so.
    case keys(String)
}

/// One record as Redis has it.
struct StoredRecord {
    /// What the index has of it, without what comes before its name.
    var name: [UInt8]
    /// What comes before its name.
    var place: ArraySlice<UInt8>
    var value: RedisValue

    var text: String { String(decoding: name, as: UTF8.self) }
}

extension RedisStore {
    /// The records of an index from one member on, that one left out, until there are enough of them.
    /// Large ones come in several answers.
    func records(
        by index: String,
        in source: RecordSource,
        isDescending: Bool = false,
        beyond start: [UInt8]?,
        placeSize: Int,
        limit: Int
    ) async throws(StoreFault) -> [StoredRecord] {
        let wanted = StoreLimits.rows(limit)
        let (first, last) = isDescending ? ("+", "-") : ("-", "+")
        let (base, kind, beginning) =
            switch source {
            case .fields(let key, let beginning): (key, "fields", beginning)
            case .keys(let beginning): (beginning, "keys", "")
            }
        var bound = start.map { [UInt8(ascii: "(")] + $0 } ?? Array(first.utf8)
        var records: [StoredRecord] = []
        while records.count < wanted {
            let answer = try await run(
                .page,
                [index, base],
                [
                    Array((isDescending ? "down" : "up").utf8), bound, Array(last.utf8),
                    Array(String(wanted - records.count).utf8), Array(String(placeSize).utf8),
                    Array(kind.utf8), Array(beginning.utf8),
                ]
            )
            guard let parts = answer.value.elements, parts.count >= 2, parts.count % 2 == 0,
                let isLast = parts[0].number, let member = parts[1].bytes
            else { throw damaged(index) }
            for place in stride(from: 2, to: parts.count, by: 2) {
                guard let member = parts[place].bytes, member.count >= placeSize else {
                    throw damaged(index)
                }
                records.append(
                    StoredRecord(
                        name: Array(member[placeSize...]),
                        place: member[..<placeSize],
                        value: parts[place + 1]
                    )
                )
            }
            if isLast == 1 { break }
            bound = [UInt8(ascii: "(")] + member
        }
        return records
    }
}
