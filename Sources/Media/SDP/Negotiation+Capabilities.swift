extension Negotiation {
    /// What this server can do with a peer, whoever that is.
    package struct Capabilities: Hashable, Sendable {
        /// Best first.
        package var codecs: [Codec] = [.opus, .red, .vp8, .av1, .vp9, .h264]
        /// Answers name codecs in our order, and peers send the first. In their own order a Safari
        /// would send H.264 to people whose browser has none.
        package var prefersOwnOrder = true
        /// Video may be repaired on an SSRC of its own (RFC 4588).
        package var repairs = true
        package var extensions: Set<HeaderExtension> = Set(HeaderExtension.allCases)
        package var opusParameters = "minptime=10;useinbandfec=1"
        /// How many encodings of one track a peer may send at once.
        package var layerLimit = 3
        /// How many sections a peer may open.
        package var sectionLimit = 64
        package var sctpPort: UInt16 = 5_000
        /// The longest message a peer may send on a data channel.
        package var maxMessageSize: UInt64 = 262_144

        package init() {}

        func codecs(of kind: MediaKind) -> [Codec] { codecs.filter { $0.kind == kind } }

        /// All of them stand in every offer, rids included though we send one encoding only: Chromium
        /// offers later what it was offered first, and simulcast wants rids.
        func extensions(of kind: MediaKind) -> [HeaderExtension] {
            HeaderExtension.allCases.filter { extensions.contains($0) && $0.suits(kind) }
        }

        /// Sound is not asked for again: it would come too late.
        func feedback(of kind: MediaKind) -> SessionDescription.Feedback {
            kind == .audio ? .transportCC : [.nack, .pli, .fir, .remb, .transportCC]
        }

        /// The parameters of a codec in our offers.
        func parameters(of codec: Codec, primary: PayloadType?) -> String {
            switch codec {
            case .opus: opusParameters
            case .red: primary.map { "\($0)/\($0)" } ?? ""
            case .vp8, .av1: ""
            case .vp9: "profile-id=0"
            case .h264: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
            }
        }
    }
}
