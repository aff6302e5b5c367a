/// How sound or pictures are written into packets, as far as forwarding must know it.
package enum Codec: UInt8, Hashable, Sendable, CaseIterable {
    case opus
    /// Opus with earlier frames repeated (RFC 2198). Passed through.
    case red
    case vp8
    case vp9
    case h264
    case av1

    package var kind: MediaKind {
        switch self {
        case .opus, .red: .audio
        case .vp8, .vp9, .h264, .av1: .video
        }
    }

    /// Ticks of the RTP timestamp a second.
    package var clockRate: Int { kind == .audio ? 48_000 : 90_000 }

    /// The name in `a=rtpmap`, compared without regard to case (RFC 8866 section 6.6).
    package var encodingName: String {
        switch self {
        case .opus: "opus"
        case .red: "red"
        case .vp8: "VP8"
        case .vp9: "VP9"
        case .h264: "H264"
        case .av1: "AV1"
        }
    }
}
