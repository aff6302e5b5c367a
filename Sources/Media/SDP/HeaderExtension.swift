/// What may ride in an RTP header beside its fixed fields, as far as Roost makes use of it
/// (RFC 8285). Numbers are agreed upon with each peer.
package enum HeaderExtension: String, Hashable, Sendable, CaseIterable {
    /// How loud the packet is (RFC 6464).
    case audioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    /// A number that counts all packets of a transport, for congestion control.
    case transportCC =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    /// Which section the packet belongs to (RFC 9143).
    case mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
    /// Which encoding of a track this is (RFC 8852).
    case rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    /// Which encoding this retransmits (RFC 8852).
    case repairedRID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
    /// What an AV1 packet depends upon (AV1 RTP specification, appendix A).
    case dependencyDescriptor =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"

    /// The number it has in an offer of ours if nothing else has it: those of Chromium.
    var usualID: UInt8 {
        switch self {
        case .audioLevel: 1
        case .transportCC: 3
        case .mid: 4
        case .rid: 10
        case .repairedRID: 11
        case .dependencyDescriptor: 13
        }
    }

    func suits(_ kind: MediaKind) -> Bool {
        switch self {
        case .transportCC, .mid: true
        case .audioLevel: kind == .audio
        case .rid, .repairedRID, .dependencyDescriptor: kind == .video
        }
    }
}
