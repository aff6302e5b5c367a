/// A ``TokenBucket`` for each key: an address, a person, a channel.
///
/// Bounded: of more than `capacity` keys, the one seen longest ago is forgotten, and starts anew if it
/// comes back. Whoever commands that many keys gets through more often; memory is worth more than
/// that, and such a crowd meets other limits.
package struct RateLimiter<Key: Hashable & Sendable>: Sendable {
    package let rate: TokenBucket.Rate
    @usableFromInline var buckets: RecentlyUsed<Key, TokenBucket>

    @inlinable package init(rate: TokenBucket.Rate, capacity: Int) {
        self.rate = rate
        buckets = RecentlyUsed(capacity: capacity)
    }

    @inlinable package var count: Int { buckets.count }

    @inlinable package mutating func take(_ key: Key, at now: Instant) -> TokenBucket.Answer {
        var bucket = buckets.peek(key) ?? TokenBucket(at: now)
        let answer = bucket.take(rate, at: now)
        buckets.set(key, to: bucket)
        return answer
    }

    /// Forgets keys whose buckets are full again, longest unseen first. Call it now and then; at most
    /// `limit` are looked at.
    @inlinable package mutating func sweep(at now: Instant, limit: Int = 100) {
        for _ in 0..<limit {
            guard let oldest = buckets.oldest, oldest.value.isFull(at: now) else { return }
            buckets.removeOldest()
        }
    }
}
