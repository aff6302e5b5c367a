/// What a receiver says of one stream: the numbers of a report block (RFC 3550 section 6.4.1).
package struct ReceptionReport: Hashable, Sendable {
    /// Of the packets expected since the last report, so many in 256 did not come.
    package var fractionLost: UInt8
    /// Expected less received since the beginning, in 24 bits with a sign.
    package var cumulativeLost: Int32
    package var highestSequence: UInt32
    /// In ticks of the stream's clock.
    package var jitter: UInt32
    /// The middle 32 bits of the last sender report's NTP time, or 0 if there was none.
    package var lastReport: UInt32
    /// How long ago that came, in 1/65536 s.
    package var delay: UInt32

    package init(
        fractionLost: UInt8,
        cumulativeLost: Int32,
        highestSequence: UInt32,
        jitter: UInt32,
        lastReport: UInt32,
        delay: UInt32
    ) {
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.highestSequence = highestSequence
        self.jitter = jitter
        self.lastReport = lastReport
        self.delay = delay
    }

    /// The round trip that this report, received at that NTP time (middle 32 bits), tells of, or nil
    /// if it answers no report of ours or contradicts itself.
    package func roundTrip(receivedAt ntp: UInt32) -> Duration? {
        guard lastReport != 0 else { return nil }
        let units = Int32(bitPattern: ntp &- lastReport &- delay)
        // A clock's grain may make a very short trip look like less than none.
        guard units >= -66, units < 60 << 16 else { return nil }
        return .nanoseconds((Int64(max(units, 0)) * 1_000_000_000) >> 16)
    }
}
