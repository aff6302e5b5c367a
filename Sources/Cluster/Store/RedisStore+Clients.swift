internal import IO
package import Store

extension RedisStore {
    private static let markSize = 16

    package func register(_ client: ClientRecord) async throws(StoreFault) -> Bool {
        try StoreLimits.check(client.id)
        try StoreLimits.check(client.keyHash)
        let mark = Self.mark()
        return try await perform(.register) { () async throws(StoreFault) in
            try await run(
                .register,
                [keys.clients],
                [Array(client.id.utf8), mark, client.keyHash]
            ).value == .integer(1)
        }
    }

    package func client(_ id: String) async throws(StoreFault) -> ClientRecord? {
        try await perform(.client) { () async throws(StoreFault) in
            let value = try await ask(RedisCommand("HGET", keys.clients, id))
            if value.isNull { return nil }
            guard let bytes = value.bytes, bytes.count > Self.markSize else {
                throw damaged(keys.clients)
            }
            return ClientRecord(id: id, keyHash: Array(bytes.dropFirst(Self.markSize)))
        }
    }

    /// Said twice because the first answer was lost, it may answer that there is no such client any more.
    package func unregister(_ id: String) async throws(StoreFault) -> Bool {
        try await perform(.unregister) { () async throws(StoreFault) in
            try await ask(RedisCommand("HDEL", keys.clients, id)) == .integer(1)
        }
    }
}
