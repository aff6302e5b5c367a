/// What the two sides have agreed upon, as the media plane reads it.
extension Negotiation {
    package struct Credentials: Hashable, Sendable {
        package var ufrag: String
        package var password: String

        package init(ufrag: String, password: String) {
            self.ufrag = ufrag
            self.password = password
        }
    }

    /// The one transport that all sections share.
    package struct Transport: Hashable, Sendable {
        /// The peer's. They change when ICE restarts.
        package var credentials: Credentials
        /// Any of which the peer's certificate must have.
        package var fingerprints: [SessionDescription.Fingerprint]
        /// This side begins the DTLS handshake, which it does only for peers that insist on waiting.
        package var isActive: Bool
        /// Nil as long as no data channels are agreed upon.
        package var channels: Channels?
        /// For information: a lite agent dials nobody.
        package var candidates: [String]
    }

    package struct Channels: Hashable, Sendable {
        /// The peer's SCTP port, carried within DTLS.
        package var port: UInt16
        /// How many bytes a message to the peer may have; nil for any number.
        package var maxMessageSize: UInt64?
    }

    /// One m-line for sound or pictures, whose two directions have nothing to do with each other.
    package struct Section: Hashable, Sendable, Identifiable {
        package var mid: String
        package var kind: MediaKind
        /// Nil while the peer sends nothing here.
        package var reception: Reception?
        /// Nil while no track is sent here.
        package var transmission: Transmission?

        package var id: String { mid }
    }

    package struct Reception: Hashable, Sendable {
        /// With the payload types that the peer's packets bear.
        package var codecs: [AgreedCodec]
        package var extensions: [HeaderExtension: UInt8]
        /// The streams the peer counts the track to; usually one.
        package var streamIDs: [String]
        package var trackID: String?
        /// What the peer says its SSRCs are. With simulcast it often doesn't.
        package var sources: [AgreedSource]
        /// The encodings the peer may send at once, in its order, which says nothing about size. Empty
        /// without simulcast.
        package var layers: [Layer]
    }

    package struct Transmission: Hashable, Sendable {
        package var track: OutgoingTrack
        /// The peer takes it: it wants to receive here and knows one of the codecs.
        package var isActive: Bool
        /// Those of the track's codecs that the peer takes, in the track's order, with the payload
        /// types that the packets must bear.
        package var codecs: [AgreedCodec]
        package var extensions: [HeaderExtension: UInt8]
    }

    package struct AgreedCodec: Hashable, Sendable {
        package var codec: Codec
        package var payloadType: PayloadType
        /// That of retransmissions (RFC 4588), if they are agreed upon.
        package var repairPayloadType: PayloadType?
        package var feedback: SessionDescription.Feedback
    }

    package struct AgreedSource: Hashable, Sendable {
        package var ssrc: SSRC
        package var repair: SSRC?
    }

    package struct Layer: Hashable, Sendable {
        package var rid: String
        /// The peer begins with this one switched off.
        package var isPaused: Bool
    }

    /// What an exchange changed.
    package struct Changes: Hashable, Sendable {
        /// The peer has new ICE credentials: checks under the old ones end.
        package var isICERestarted = false
        /// The peer has another certificate, or the roles another order: a new DTLS handshake.
        package var isHandshakeRenewed = false
        /// Data channels were agreed upon, or given up, or have other limits.
        package var areChannelsChanged = false
        /// Those sections that are not what they were, as they are now.
        package var sections: [Section] = []
        /// The mids of sections that are gone for good.
        package var ended: [String] = []
        /// The tracks that the peer refused. They are not offered again until somebody says
        /// ``Negotiation/send(_:)`` again.
        package var refused: [UInt64] = []
    }

    package enum Reply: Hashable, Sendable {
        case answer(String, Changes)
        /// Both offered at once. The peer takes its offer back, answers ours, and may offer again.
        case ignoredWhileOffering
    }
}
