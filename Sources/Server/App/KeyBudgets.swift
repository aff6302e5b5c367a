internal import Basics
internal import IO
internal import Synchronization

/// How much may still be asked by each of the application's keys, which go by their place in the settings.
final class KeyBudgets: Sendable {
    private let buckets = Mutex<[Int: TokenBucket]>([:])

    /// Whether another request may be made. The rate may change at any time.
    func take(_ key: Int, perSecond rate: Double) -> Bool {
        let now = Loop.readClock()
        let rate = TokenBucket.Rate(perSecond: rate, burst: Int(rate) * 5)
        return buckets.withLock { buckets in
            buckets[key, default: TokenBucket(at: now)].take(rate, at: now) == .allowed
        }
    }
}
