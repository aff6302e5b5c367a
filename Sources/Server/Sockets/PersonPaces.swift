internal import Basics
internal import Calls
internal import Synchronization

/// How much one person may say over all their websockets together.
///
/// In parts, so that people on different threads seldom wait for each other.
final class PersonPaces: Sendable {
    private let parts: [Shelf]

    private final class Shelf: Sendable {
        let limiter: Mutex<RateLimiter<PersonID>>

        init(_ rate: TokenBucket.Rate) {
            limiter = Mutex(RateLimiter(rate: rate, capacity: 2_000))
        }
    }

    init(_ rate: TokenBucket.Rate) {
        parts = (0..<16).map { _ in Shelf(rate) }
    }

    /// Takes over another rate, with which everybody begins anew.
    func apply(_ rate: TokenBucket.Rate) {
        for part in parts {
            part.limiter.withLock { limiter in
                if limiter.rate != rate { limiter = RateLimiter(rate: rate, capacity: 2_000) }
            }
        }
    }

    func mayAsk(_ person: PersonID, at now: Instant) -> Bool {
        let part = parts[Int(UInt(bitPattern: person.hashValue) % UInt(parts.count))]
        return part.limiter.withLock { $0.take(person, at: now) == .allowed }
    }
}
