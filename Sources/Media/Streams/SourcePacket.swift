package import Basics

/// What a ``StreamRewriter`` must know of a received packet. Made once a packet, shown to all viewers.
package struct SourcePacket: Sendable {
    /// Extended.
    package var sequence: UInt64
    package var arrival: Instant
    /// The moment its timestamp stands for (see ``ClockMapping``).
    package var captured: Instant
    package var timestamp: UInt32
    /// Which stream it is of: another layer, or the same after its publisher began anew, is another.
    package var source: UInt16
    /// Of VP8 (RFC 7741 section 4.2), if sent.
    package var picture: Picture = .none
    /// Of VP8: TL0PICIDX, if sent.
    package var baseLayerIndex: UInt8?

    package enum Picture: Hashable, BitwiseCopyable, Sendable {
        case none
        /// Seven bits.
        case short(UInt8)
        /// Fifteen bits.
        case long(UInt16)
    }

    package init(
        source: UInt16,
        sequence: UInt64,
        timestamp: UInt32,
        arrival: Instant,
        captured: Instant,
        picture: Picture = .none,
        baseLayerIndex: UInt8? = nil
    ) {
        self.source = source
        self.sequence = sequence
        self.timestamp = timestamp
        self.arrival = arrival
        self.captured = captured
        self.picture = picture
        self.baseLayerIndex = baseLayerIndex
    }

    /// The packet as its stream's history knows it. `isVP8` says that its picture numbers are VP8's,
    /// the only ones that are rewritten.
    package init(_ record: PacketRecord, source: UInt16, captured: Instant, isVP8: Bool) {
        self.init(
            source: source,
            sequence: record.sequence,
            timestamp: record.timestamp,
            arrival: record.arrival,
            captured: captured
        )
        guard isVP8 else { return }
        if record.marks.contains(.longPictureID) {
            picture = .long(record.pictureID & 0x7FFF)
        } else if record.marks.contains(.pictureID) {
            picture = .short(UInt8(truncatingIfNeeded: record.pictureID & 0x7F))
        }
        if record.marks.contains(.baseLayerIndex) { baseLayerIndex = record.baseLayerIndex }
    }
}
