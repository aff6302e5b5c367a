/// What the first byte of Opus tells (RFC 6716 section 3.1, RFC 7587).
package struct OpusPayload: Hashable, BitwiseCopyable, Sendable {
    package let isStereo: Bool
    /// Ticks of 48 kHz, at most 5,760.
    package let duration: Int
    /// The encoder had nothing to say: frames without content, or all but without (RFC 6716
    /// section 2.1.9).
    package let isSilence: Bool

    /// Nil for what no decoder takes: no bytes, no frames, or more than 120 ms of them.
    package init?(_ payload: Span<UInt8>) {
        guard !payload.isEmpty else { return nil }
        let first = payload[0]
        isStereo = first & 0x04 != 0
        isSilence = payload.count <= 2
        let frames: Int
        switch first & 0x03 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard payload.count > 1 else { return nil }
            frames = Int(payload[1] & 0x3F)
        }
        duration = frames * Self.frameDuration(configuration: first >> 3)
        guard duration > 0, duration <= 5_760 else { return nil }
    }

    private static func frameDuration(configuration: UInt8) -> Int {
        let step = Int(configuration & 3)
        return switch configuration {
        // SILK: 10, 20, 40, 60 ms.
        case 0..<12: step == 3 ? 2_880 : 480 << step
        // Both: 10, 20 ms.
        case 12..<16: 480 << (step & 1)
        // CELT: 2.5, 5, 10, 20 ms.
        default: 120 << step
        }
    }
}
