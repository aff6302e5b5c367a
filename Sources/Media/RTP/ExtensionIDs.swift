/// By which numbers a peer's packets name their header extensions; SDP says which (RFC 8285
/// section 5). Zero: not agreed upon.
package struct ExtensionIDs: Hashable, BitwiseCopyable, Sendable {
    /// `urn:ietf:params:rtp-hdrext:ssrc-audio-level` (RFC 6464).
    package var audioLevel: UInt8 = 0
    /// `http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`.
    package var transportCC: UInt8 = 0
    /// `urn:ietf:params:rtp-hdrext:sdes:mid` (RFC 9143 section 15).
    package var mid: UInt8 = 0
    /// `urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id` (RFC 8852).
    package var rid: UInt8 = 0
    /// `urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id` (RFC 8852).
    package var repairedRID: UInt8 = 0
    /// `https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension`.
    package var dependencyDescriptor: UInt8 = 0

    package init(
        audioLevel: UInt8 = 0,
        transportCC: UInt8 = 0,
        mid: UInt8 = 0,
        rid: UInt8 = 0,
        repairedRID: UInt8 = 0,
        dependencyDescriptor: UInt8 = 0
    ) {
        self.audioLevel = audioLevel
        self.transportCC = transportCC
        self.mid = mid
        self.rid = rid
        self.repairedRID = repairedRID
        self.dependencyDescriptor = dependencyDescriptor
    }
}
