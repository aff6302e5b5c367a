/// What a receiver says of one stream (RFC 3550 section 6.4.1).
package struct RTCPReportBlock: Hashable, BitwiseCopyable, Sendable {
    package var ssrc: SSRC
    /// Of the packets expected since the last report, so many in 256 did not come.
    package var fractionLost: UInt8
    /// Expected less received since the beginning. Travels in 24 bits with a sign.
    package var cumulativeLost: Int32
    package var highestSequence: UInt32
    /// In ticks of the stream's clock.
    package var jitter: UInt32
    /// The middle 32 bits of the last sender report's NTP time, or 0 if there was none.
    package var lastReport: UInt32
    /// How long ago that came, in 1/65536 s.
    package var delay: UInt32

    package init(
        ssrc: SSRC,
        fractionLost: UInt8,
        cumulativeLost: Int32,
        highestSequence: UInt32,
        jitter: UInt32,
        lastReport: UInt32,
        delay: UInt32
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.highestSequence = highestSequence
        self.jitter = jitter
        self.lastReport = lastReport
        self.delay = delay
    }

    /// `bytes` holds the whole block.
    init(_ bytes: Span<UInt8>, at offset: Int) {
        let lost = bytes.number32(at: offset + 4)
        ssrc = SSRC(bytes.number32(at: offset))
        fractionLost = UInt8(truncatingIfNeeded: lost >> 24)
        cumulativeLost = Int32(bitPattern: lost << 8) >> 8
        highestSequence = bytes.number32(at: offset + 8)
        jitter = bytes.number32(at: offset + 12)
        lastReport = bytes.number32(at: offset + 16)
        delay = bytes.number32(at: offset + 20)
    }

    /// Fraction and sum of losses as they travel; a sum beyond 24 bits is the last that fits.
    var lossBits: UInt32 {
        let sum = UInt32(bitPattern: min(max(cumulativeLost, -0x80_0000), 0x7F_FFFF))
        return UInt32(fractionLost) << 24 | sum & 0xFF_FFFF
    }

    static var size: Int { 24 }
}
