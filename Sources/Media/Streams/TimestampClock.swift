/// Converts between the ticks of an RTP timestamp and nanoseconds.
struct TimestampClock: BitwiseCopyable, Sendable {
    let rate: Int64

    init(rate: Int) {
        precondition(1...1_000_000 ~= rate, "a clock ticks 1 to 1,000,000 times a second")
        self.rate = Int64(rate)
    }

    /// Whole ticks, rounded down.
    func ticks(_ nanoseconds: Int64) -> Int64 {
        var (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest < 0 {
            seconds &-= 1
            rest &+= 1_000_000_000
        }
        return seconds &* rate &+ rest &* rate / 1_000_000_000
    }

    /// Nanoseconds from one timestamp to another, by the shorter way round.
    func nanoseconds(from old: UInt32, to new: UInt32) -> Int64 {
        Int64(Int32(bitPattern: new &- old)) &* 1_000_000_000 / rate
    }
}
