/// One m-line as the negotiation remembers it.
struct AgreedLine: Hashable, Sendable {
    /// A codec and its numbers, which differ by direction if the peer answered with others than offered.
    struct Format: Hashable, Sendable {
        var codec: Codec
        /// In packets from the peer.
        var incoming: PayloadType
        var incomingRepair: PayloadType?
        /// In packets to the peer; nil while the peer has not said.
        var outgoing: PayloadType?
        var outgoingRepair: PayloadType?
        var feedback: SessionDescription.Feedback
        var parameters: String
    }

    struct Extension: Hashable, Sendable {
        var kind: HeaderExtension
        var id: UInt8
        /// From our view; nil for both.
        var direction: SessionDescription.Direction?
    }

    /// What the peer says about what it sends here.
    struct Incoming: Hashable, Sendable {
        var streamIDs: [String] = []
        var trackID: String?
        var sources: [Negotiation.AgreedSource] = []
        var rids: [SessionDescription.RID] = []
        var layers: [Negotiation.Layer] = []
    }

    var kind: SessionDescription.Kind
    var proto: String
    var mid: String
    /// The peer wrote the mid, or knows it from us.
    var isMIDKnown = true
    var isRejected = false
    /// This side opened it, and the peer expects tracks here.
    var isOurs = false
    /// What stands in the m-line of a rejected section.
    var placeholder: SessionDescription.Format?
    var formats: [Format] = []
    var extensions: [Extension] = []
    var allowsMixedExtensions = true
    var allowsReducedRTCP = true
    var peerSends = false
    var peerReceives = false
    var incoming: Incoming?
    var track: OutgoingTrack?
    /// Of a section for data channels, this side's port.
    var sctpPort: UInt16 = 5_000

    init(_ kind: SessionDescription.Kind, proto: String, mid: String) {
        self.kind = kind
        self.proto = proto
        self.mid = mid
    }

    var mediaKind: MediaKind? {
        switch kind {
        case .audio: .audio
        case .video: .video
        case .application, .other: nil
        }
    }

    /// The section is over, though its place is kept.
    mutating func reject() {
        isRejected = true
        peerSends = false
        peerReceives = false
        incoming = nil
        track = nil
        extensions = []
        if let first = formats.first, placeholder == nil {
            placeholder = first.written
        }
        formats = []
    }

    var section: Negotiation.Section? {
        guard !isRejected, let mediaKind else { return nil }
        var section = Negotiation.Section(mid: mid, kind: mediaKind)
        if peerSends, let incoming {
            section.reception = Negotiation.Reception(
                codecs: formats.map(\.received),
                extensions: ids { $0.receives },
                streamIDs: incoming.streamIDs,
                trackID: incoming.trackID,
                sources: incoming.sources,
                layers: incoming.layers
            )
        }
        if let track {
            let codecs = track.codecs.compactMap { codec in
                formats.first { $0.codec == codec }?.sent(
                    repaired: track.retransmissionSSRC != nil
                )
            }
            section.transmission = Negotiation.Transmission(
                track: track,
                isActive: peerReceives && !codecs.isEmpty,
                codecs: codecs,
                extensions: ids { $0.sends }.filter { $0.value <= 14 || allowsMixedExtensions }
            )
        }
        return section
    }

    private func ids(
        where isMeant: (SessionDescription.Direction) -> Bool
    ) -> [HeaderExtension: UInt8] {
        var ids: [HeaderExtension: UInt8] = [:]
        for one in extensions where isMeant(one.direction ?? .both) { ids[one.kind] = one.id }
        return ids
    }
}

extension AgreedLine.Format {
    fileprivate var received: Negotiation.AgreedCodec {
        .init(
            codec: codec,
            payloadType: incoming,
            repairPayloadType: incomingRepair,
            feedback: feedback
        )
    }

    fileprivate func sent(repaired: Bool) -> Negotiation.AgreedCodec? {
        outgoing.map {
            .init(
                codec: codec,
                payloadType: $0,
                repairPayloadType: repaired ? outgoingRepair : nil,
                feedback: feedback
            )
        }
    }

    /// As it stands in a description of ours.
    var written: SessionDescription.Format {
        var format = SessionDescription.Format(incoming)
        format.name = codec.encodingName
        format.clockRate = codec.clockRate
        format.channels = codec.kind == .audio ? 2 : 1
        format.parameters = parameters
        format.feedback = feedback
        return format
    }

    var writtenRepair: SessionDescription.Format? {
        incomingRepair.map {
            var format = SessionDescription.Format($0)
            format.name = "rtx"
            format.clockRate = codec.clockRate
            format.parameters = "apt=\(incoming)"
            return format
        }
    }
}
