/// Lets something happen so often in the long run, and a few times more at once.
///
/// A bucket that holds `burst` tokens and gains `perSecond`; each use takes one. It is kept as one
/// moment, the one when the bucket was or will be full, so that a bucket costs eight bytes and never
/// has to be filled by a timer (the generic cell rate algorithm).
package struct TokenBucket: Hashable, Sendable {
    package struct Rate: Hashable, Sendable {
        package let burst: Int
        /// The time one token takes to come back.
        fileprivate let interval: Int64
        fileprivate let span: Int64

        /// Up to a billion a second, and a burst that takes at most a century to come back.
        package init(perSecond: Double, burst: Int) {
            precondition(perSecond > 0 && perSecond <= 1e9, "a rate is more than 0 and at most 1e9")
            precondition(burst > 0, "a bucket without tokens lets nothing through")
            let longest: Int64 = 3_000_000_000_000_000_000
            self.burst = burst
            interval = Int64(min(1e9 / perSecond, Double(longest / Int64(burst))))
            span = interval * Int64(burst)
        }
    }

    package enum Answer: Hashable, Sendable {
        case allowed
        /// Too soon: the next token comes after this long.
        case refused(retryAfter: Duration)
    }

    /// When the bucket is full again if nothing is taken.
    private var full: Int64

    /// A full bucket.
    package init(at now: Instant) {
        full = now.nanoseconds
    }

    /// Takes a token if there is one.
    package mutating func take(_ rate: Rate, at now: Instant) -> Answer {
        let base = max(full, now.nanoseconds)
        let next = base + rate.interval
        let wait = next - now.nanoseconds - rate.span
        guard wait <= 0 else { return .refused(retryAfter: .nanoseconds(wait)) }
        full = next
        return .allowed
    }

    /// Whether it is as good as new, so that it may be forgotten.
    package func isFull(at now: Instant) -> Bool {
        full <= now.nanoseconds
    }
}
