package import Basics

/// Bits a second over the last second, counted in eight buckets of 134 ms (a shift instead of a
/// division).
///
/// On the path of every packet: no allocation. 48 bytes.
package struct RateMeter: Sendable {
    private static let shift: Int64 = 27

    private var bytes = InlineArray<8, UInt32>(repeating: 0)
    private var newest: Int64 = .min
    private var first: Int64 = .min

    package init() {}

    package mutating func count(bytes count: Int, at now: Instant) {
        let bucket = now.nanoseconds >> Self.shift
        if bucket != newest { advance(to: bucket) }
        bytes[Int(bucket & 7)] &+= UInt32(truncatingIfNeeded: count)
    }

    /// Nil until a second has been seen since the first byte.
    package func rate(at now: Instant) -> Bitrate? {
        let bucket = now.nanoseconds >> Self.shift
        guard first != .min, bucket &- first >= 8 else { return nil }
        return Bitrate(fraction: recent(at: now))
    }

    /// The same without waiting for the first second to be over.
    func recent(at now: Instant) -> Double {
        let bucket = max(now.nanoseconds >> Self.shift, newest)
        guard first != .min, bucket &- newest < 8 else { return 0 }
        let oldest = max(bucket &- 7, first)
        var sum = 0
        for index in oldest...bucket where index <= newest { sum &+= Int(bytes[Int(index & 7)]) }
        let elapsed = now.nanoseconds &- oldest << Self.shift
        return Double(sum) * 8e9 / Double(max(elapsed, 1 << Self.shift))
    }

    private mutating func advance(to bucket: Int64) {
        if first == .min {
            first = bucket
            newest = bucket
        }
        // A clock that went back a little counts for the bucket of its time.
        guard bucket > newest else { return }
        for index in max(newest &+ 1, bucket &- 7)...bucket { bytes[Int(index & 7)] = 0 }
        newest = bucket
    }
}
