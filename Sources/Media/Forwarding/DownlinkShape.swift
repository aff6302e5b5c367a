/// What was agreed with a viewer about a track: how its packets must look.
package struct DownlinkShape: Hashable, Sendable {
    package struct Retransmission: Hashable, Sendable {
        package var ssrc: SSRC
        package var payloadType: PayloadType

        package init(ssrc: SSRC, payloadType: PayloadType) {
            self.ssrc = ssrc
            self.payloadType = payloadType
        }
    }

    package var kind: MediaKind
    package var codec: Codec
    package var ssrc: SSRC
    package var payloadType: PayloadType
    package var retransmission: Retransmission?
    package var extensions: ExtensionIDs
    /// The name that ties the tracks of one person together, so that lips and voice agree
    /// (RFC 3550 section 6.5.1).
    package var cname: String
    /// What matters more when there is too little room.
    package var priority: LayerDemand.Priority

    package init(
        kind: MediaKind,
        codec: Codec,
        ssrc: SSRC,
        payloadType: PayloadType,
        retransmission: Retransmission? = nil,
        extensions: ExtensionIDs,
        cname: String,
        priority: LayerDemand.Priority = .other
    ) {
        self.kind = kind
        self.codec = codec
        self.ssrc = ssrc
        self.payloadType = payloadType
        self.retransmission = retransmission
        self.extensions = extensions
        self.cname = cname
        self.priority = priority
    }
}
