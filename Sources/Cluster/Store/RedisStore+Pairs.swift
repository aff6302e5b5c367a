internal import IO
package import Store

extension RedisStore {
    package func value(of key: String) async throws(StoreFault) -> VersionedValue? {
        try await perform(.value) { () async throws(StoreFault) in
            let value = try await ask(RedisCommand("GET", keys.value + key))
            if value.isNull { return nil }
            let parts = value.bytes?.split(
                separator: UInt8(ascii: " "),
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard let parts, parts.count == 3,
                let version = Int64(String(decoding: parts[0], as: UTF8.self))
            else { throw damaged(keys.value + key) }
            return VersionedValue(bytes: Array(parts[2]), version: version)
        }
    }

    package func write(
        _ bytes: [UInt8],
        to key: String,
        ifVersion version: Int64?
    ) async throws(StoreFault) -> Int64? {
        try StoreLimits.check(key)
        try StoreLimits.check(document: bytes)
        let mark = Self.mark()
        let old = version.map { String($0) } ?? ""
        return try await perform(.write) { () async throws(StoreFault) in
            let answer = try await run(.write, [keys.value + key], [Array(old.utf8), mark, bytes])
            if answer.value.isNull { return nil }
            guard let new = answer.value.number else { throw damaged(keys.value + key) }
            return new
        }
    }

    package func remove(key: String, ifVersion version: Int64) async throws(StoreFault) -> Bool {
        try await perform(.remove) { () async throws(StoreFault) in
            let answer = try await run(
                .remove,
                [keys.value + key],
                [Array(String(version).utf8)]
            )
            // Gone before an attempt that got no answer was made again: it was that attempt.
            return answer.value == .integer(1)
                || (answer.value == .integer(-1) && answer.isRepeated)
        }
    }
}
