/// What arrives at the viewer, in bits a second, counted on the viewer's own clock.
///
/// Thirty-two buckets of 50 ms, which late reports may still add to. Two windows: the short one
/// follows a path that collapses, the long one bridges the pauses between frames.
package struct AcknowledgedRate: Sendable {
    private static let buckets: Int64 = 32
    private static let width: Int64 = 50_000

    private var bytes = InlineArray<32, UInt32>(repeating: 0)
    private var first: Int64?
    private var latest: Int64 = 0

    package init() {}

    /// `arrival` in microseconds.
    package mutating func add(bytes count: Int, arrival: Int64) {
        let bucket = Self.bucket(arrival)
        let newest = Self.bucket(latest)
        guard let start = first, bucket &- newest < 100, newest &- bucket < 100 else {
            // The first, or the viewer's clock jumped.
            self = AcknowledgedRate()
            first = arrival
            latest = arrival
            put(count, bucket)
            return
        }
        guard newest &- bucket < Self.buckets else { return }
        if bucket > newest {
            for index in max(newest + 1, bucket - Self.buckets + 1)...bucket {
                bytes[Int(index & (Self.buckets - 1))] = 0
            }
        }
        put(count, bucket)
        latest = max(latest, arrival)
        first = min(start, arrival)
    }

    /// Packets whose report is missing. They are taken to have come, evenly since the last that is
    /// known of; else a lost report would look like a path that collapsed.
    mutating func add(untold count: Int, until arrival: Int64) {
        guard first != nil, arrival > latest else { return }
        let begin = latest
        for step in 1...4 as ClosedRange<Int64> {
            add(bytes: count / 4, arrival: begin &+ (arrival &- begin) / 4 &* step)
        }
    }

    /// Over the last 200 to 250 ms. Nil before that much time has been seen.
    package var short: Double? { rate(over: 4) }

    /// Over the last 600 to 650 ms, or what there is of it beyond 200.
    package var long: Double? {
        guard let first else { return nil }
        return rate(over: min(max((latest &- first) / Self.width - 1, 4), 12))
    }

    private func rate(over count: Int64) -> Double? {
        guard let first, latest &- first >= (count + 1) * Self.width else { return nil }
        let newest = Self.bucket(latest)
        var sum = 0
        for index in (newest - count)...newest {
            sum += Int(bytes[Int(index & (Self.buckets - 1))])
        }
        let elapsed = latest &- (newest - count) * Self.width
        return Double(sum) * 8_000_000 / Double(elapsed)
    }

    private mutating func put(_ count: Int, _ bucket: Int64) {
        bytes[Int(bucket & (Self.buckets - 1))] &+= UInt32(truncatingIfNeeded: count)
    }

    private static func bucket(_ time: Int64) -> Int64 {
        // Rounded down, also before zero.
        (time >= 0 ? time : time &- (width - 1)) / width
    }
}
