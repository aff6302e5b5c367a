import Basics
import Testing

@Suite struct `A token bucket` {
    private let rate = TokenBucket.Rate(perSecond: 1, burst: 10)

    @Test func `lets a burst through, then one a second`() {
        var bucket = TokenBucket(at: seconds(0))
        for _ in 0..<10 { #expect(bucket.take(rate, at: seconds(0)) == .allowed) }
        #expect(bucket.take(rate, at: seconds(0)) == .refused(retryAfter: .seconds(1)))
        #expect(bucket.take(rate, at: seconds(1)) == .allowed)
        #expect(bucket.take(rate, at: seconds(1)) == .refused(retryAfter: .seconds(1)))
    }

    @Test func `holds no more than its burst, however long it rests`() {
        var bucket = TokenBucket(at: seconds(0))
        for _ in 0..<10 { #expect(bucket.take(rate, at: seconds(1_000_000)) == .allowed) }
        #expect(bucket.take(rate, at: seconds(1_000_000)) != .allowed)
    }

    /// The model counts tokens in a hundredth of a second.
    @Test(arguments: UInt64(0)..<50)
    func `agrees with a bucket that is counted`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let burst = Int.random(in: 1...20, using: &random)
        let rate = TokenBucket.Rate(perSecond: 4, burst: burst)
        var bucket = TokenBucket(at: seconds(5))
        var now = seconds(5)
        var quarters = burst * 1_000
        for _ in 0..<1_000 {
            let pause = Int64.random(in: 0...400, using: &random)
            now = now + .milliseconds(pause)
            quarters = min(burst * 1_000, quarters + Int(pause) * 4)
            let isAllowed = quarters >= 1_000
            if isAllowed { quarters -= 1_000 }
            #expect((bucket.take(rate, at: now) == .allowed) == isAllowed)
        }
    }

    @Test func `says exactly when to come back`() {
        var bucket = TokenBucket(at: seconds(0))
        let slow = TokenBucket.Rate(perSecond: 0.1, burst: 1)
        #expect(bucket.take(slow, at: seconds(0)) == .allowed)
        #expect(bucket.take(slow, at: seconds(4)) == .refused(retryAfter: .seconds(6)))
        #expect(bucket.take(slow, at: seconds(10)) == .allowed)
    }
}

@Suite struct `A rate limiter` {
    private let rate = TokenBucket.Rate(perSecond: 1, burst: 1)

    @Test func `counts each key for itself`() {
        var limiter = RateLimiter<String>(rate: rate, capacity: 10)
        #expect(limiter.take("a", at: seconds(0)) == .allowed)
        #expect(limiter.take("a", at: seconds(0)) != .allowed)
        #expect(limiter.take("b", at: seconds(0)) == .allowed)
    }

    @Test func `remembers so many keys and no more`() {
        var limiter = RateLimiter<Int>(rate: rate, capacity: 100)
        for key in 0..<10_000 { _ = limiter.take(key, at: seconds(0)) }
        #expect(limiter.count == 100)
        #expect(limiter.take(9_999, at: seconds(0)) != .allowed, "a recent key is remembered")
        #expect(limiter.take(0, at: seconds(0)) == .allowed, "an old one is forgotten")
    }

    @Test func `forgets keys that have rested`() {
        var limiter = RateLimiter<Int>(rate: rate, capacity: 100)
        for key in 0..<10 { _ = limiter.take(key, at: seconds(0)) }
        _ = limiter.take(10, at: seconds(1))
        limiter.sweep(at: seconds(1))
        #expect(limiter.count == 1)
    }
}

private func seconds(_ count: Int64) -> Instant {
    Instant(nanoseconds: count * 1_000_000_000)
}
