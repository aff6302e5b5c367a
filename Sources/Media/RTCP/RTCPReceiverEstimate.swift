/// REMB: how much a receiver believes it can take (draft-alvestrand-rmcat-remb-03 section 2.2).
///
///     |  R       E       M       B    |
///     | SSRCs |  exp 6  | mantissa 18 |
///     |             SSRC             ...
package struct RTCPReceiverEstimate: ~Escapable {
    package let sender: SSRC
    package let bitrate: Bitrate
    /// The streams whose sum is meant.
    package let sourceCount: Int
    private let bytes: Span<UInt8>

    /// `body` says that it is one; see ``name``.
    @_lifetime(copy body)
    init?(_ body: Span<UInt8>) {
        guard body.count >= 16 else { return nil }
        sourceCount = Int(body[12])
        guard body.count >= 16 + 4 * sourceCount else { return nil }
        bytes = body
        sender = SSRC(body.number32(at: 0))
        let bits = body.number32(at: 12)
        let mantissa = Int64(bits & 0x3_FFFF)
        let exponent = Int64(bits >> 18 & 0x3F)
        // What does not fit is as good as no limit.
        let isTooMuch = mantissa != 0 && mantissa.leadingZeroBitCount <= exponent
        bitrate = Bitrate(rawValue: isTooMuch ? .max : mantissa << exponent)
    }

    /// `index` from 0 up to ``sourceCount``.
    package func source(_ index: Int) -> SSRC {
        SSRC(bytes.number32(at: 16 + 4 * index))
    }

    /// Exponent and mantissa of the greatest bitrate that can be written and is not above this one.
    static func bits(of bitrate: Bitrate) -> UInt32 {
        let value = UInt64(max(bitrate.rawValue, 0))
        let exponent = max(0, 46 - value.leadingZeroBitCount)
        return UInt32(exponent) << 18 | UInt32(truncatingIfNeeded: value >> UInt64(exponent))
    }

    /// "REMB".
    static var name: UInt32 { 0x5245_4D42 }
}
