/// What was agreed about a track that a peer sends: how to know its packets, and how to read them.
package struct UplinkShape: Hashable, Sendable {
    /// What a payload type stands for. A retransmission stands for packets of another type
    /// (RFC 4588).
    package struct Format: Hashable, Sendable {
        package var payloadType: PayloadType
        package var codec: Codec
        package var retransmitted: PayloadType?

        package init(payloadType: PayloadType, codec: Codec, retransmitted: PayloadType? = nil) {
            self.payloadType = payloadType
            self.codec = codec
            self.retransmitted = retransmitted
        }
    }

    /// One encoding of the track, known by the number its packets bear, or by its `rid` until a
    /// packet has told the number (RFC 8853).
    package struct Layer: Hashable, Sendable {
        package var rid: String?
        package var ssrc: SSRC?
        package var retransmission: SSRC?

        package init(rid: String? = nil, ssrc: SSRC? = nil, retransmission: SSRC? = nil) {
            self.rid = rid
            self.ssrc = ssrc
            self.retransmission = retransmission
        }
    }

    package var mid: String
    package var kind: MediaKind
    package var formats: [Format]
    package var layers: [Layer]
    package var extensions: ExtensionIDs
    /// Whether the sender repeats what it is asked for (`nack`).
    package var repeatsLost: Bool
    package var reportsArrival: Bool
    /// Whether it is somebody's voice, of which only the loudest are passed on.
    package var isVoice = false

    package init(
        mid: String,
        kind: MediaKind,
        formats: [Format],
        layers: [Layer],
        extensions: ExtensionIDs,
        repeatsLost: Bool,
        reportsArrival: Bool
    ) {
        self.mid = mid
        self.kind = kind
        self.formats = formats
        self.layers = layers
        self.extensions = extensions
        self.repeatsLost = repeatsLost
        self.reportsArrival = reportsArrival
    }

    /// So many encodings of one track, and payload types of one track, are followed.
    package static let layerLimit = 3
    package static let formatLimit = 16
}
