package import Basics
internal import IO
package import Store

extension RedisStore {
    /// How long after its time Redis keeps a login that nobody has forgotten by then.
    private static let grace: Int64 = 86_400_000

    package func save(_ session: SessionRecord) async throws(StoreFault) {
        try StoreLimits.check(session.tokenHash)
        try StoreLimits.check(document: session.principal)
        let expires = try StoreTime.text(session.expires)
        let hash = Hex.encode(session.tokenHash.span)
        let now = Loop.readWallClock().seconds * 1_000
        let end = max(session.expires.milliseconds, now) + Self.grace
        let words = [expires, session.principal, hash, String(end)]
        try await perform(.saveSession) { () async throws(StoreFault) in
            try await run(
                .saveLogin,
                [keys.login + hash, keys.loginsByExpiry],
                words.map { Array($0.utf8) }
            )
        }
    }

    package func session(
        tokenHash: [UInt8],
        at now: WallTime
    ) async throws(StoreFault) -> SessionRecord? {
        let key = keys.login + Hex.encode(tokenHash.span)
        return try await perform(.session) { () async throws(StoreFault) in
            let value = try await ask(RedisCommand("GET", key))
            if value.isNull { return nil }
            guard let bytes = value.bytes,
                let expires = StoreTime.time(bytes.prefix(StoreTime.length))
            else { throw damaged(key) }
            // Times are kept to the millisecond, and so compared.
            guard expires.milliseconds > now.milliseconds else { return nil }
            return SessionRecord(
                tokenHash: tokenHash,
                principal: String(decoding: bytes.dropFirst(StoreTime.length), as: UTF8.self),
                expires: expires
            )
        }
    }

    /// Said twice because the first answer was lost, it may answer that there is no such login any more.
    package func endSession(tokenHash: [UInt8]) async throws(StoreFault) -> Bool {
        let hash = Hex.encode(tokenHash.span)
        return try await perform(.endSession) { () async throws(StoreFault) in
            try await run(
                .endLogin,
                [keys.login + hash, keys.loginsByExpiry],
                [Array(hash.utf8)]
            ).value == .integer(1)
        }
    }

    package func forgetSessions(expiredAt now: WallTime) async throws(StoreFault) -> Int {
        let bound = Array(StoreTime.text(nearest: now).utf8)
        return try await perform(.forgetSessions) { () async throws(StoreFault) in
            try await forget(.forgetLogins, [keys.loginsByExpiry], bound, [keys.login])
        }
    }
}
