internal import Basics

/// A track on its way to one peer: one SSRC for life, whatever encoding it is made from.
///
///     waiting ── key frame of the aim ──▶ flowing ── another aim ──▶ flowing (until its key frame)
///        ▲                                   │
///        ╰──── nothing wanted, frames lost ──╯
package struct Downlink: ~Copyable {
    let id: DownlinkID
    let peer: UInt32
    let uplink: UInt32
    let shape: DownlinkShape

    /// The encoding that is flowing, or nil while none is.
    var current: Int8 = Downlink.none
    /// The encoding that shall flow from its next key frame on, or nil for nothing.
    var aim: Int8 = 0
    var temporalLimit: UInt8 = .max
    var showing = Showing.everything
    /// The encodings that came when its viewer was last decided about.
    var settledLayers: UInt8 = 0

    let header: HeaderTemplate
    /// The same without a transport-wide number.
    let plainHeader: HeaderTemplate
    /// Of the retransmission stream.
    let repairHeader: HeaderTemplate
    /// Of pictures. (Sound is renumbered once for all listeners.)
    var rewriter: StreamRewriter
    var sent = SentPackets()
    /// What sound's numbers are moved by, so that they begin at a number of this track's own.
    var soundOffset: UInt64 = 0
    /// Sound from before this was heard by others, and was not ours to hear.
    var soundFirst: UInt64 = 0

    var packetCount: UInt32 = 0
    var octetCount: UInt32 = 0
    var retransmissionSequence: UInt64
    var lastTimestamp: UInt32 = 0
    /// As they were at the peer's last report.
    var packetsReported: UInt32 = 0
    var octetsReported: UInt32 = 0
    var lastReported = Instant(nanoseconds: 0)
    /// What is added to the source's timestamps just now.
    var timestampShift: UInt32 = 0
    var lastSent = Instant(nanoseconds: 0)
    var hasSent = false
    /// Whether the viewer has been shown what there was when it came. Before that no key frame is
    /// asked for: the last one may do.
    var isWelcomed = false
    var lastAsked = Instant(nanoseconds: 0)

    static var none: Int8 { -1 }

    /// Whether packets of this encoding may concern the viewer.
    @inline(__always)
    func isOn(_ layer: Int) -> Bool { current == Int8(layer) || aim == Int8(layer) }

    init(
        id: DownlinkID,
        peer: UInt32,
        uplink: UInt32,
        shape: DownlinkShape,
        using random: inout some RandomNumberGenerator
    ) {
        self.id = id
        self.peer = peer
        self.uplink = uplink
        self.shape = shape
        header = HeaderTemplate(shape, ssrc: shape.ssrc, payloadType: shape.payloadType)
        plainHeader = HeaderTemplate(
            shape,
            ssrc: shape.ssrc,
            payloadType: shape.payloadType,
            countsArrival: false
        )
        repairHeader = HeaderTemplate(
            shape,
            ssrc: shape.retransmission?.ssrc ?? shape.ssrc,
            payloadType: shape.retransmission?.payloadType ?? shape.payloadType
        )
        rewriter = StreamRewriter(
            kind: shape.kind,
            clockRate: shape.codec.clockRate,
            begin: StreamRewriter.Beginning(using: &random)
        )
        soundOffset = UInt64.random(in: 0..<0x7FFF, using: &random)
        retransmissionSequence = UInt64.random(in: 0..<0x7FFF, using: &random)
    }
}
