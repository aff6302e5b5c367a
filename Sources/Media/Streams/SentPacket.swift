/// How a packet that a viewer misses is made again (see ``SentPackets``).
package struct SentPacket: Hashable, BitwiseCopyable, Sendable {
    package enum Content: Hashable, BitwiseCopyable, Sendable {
        /// `low` is the low half of the source's extended number; the history knows the rest.
        case packet(
            source: UInt16,
            low: UInt32,
            timestampShift: UInt32,
            pictureShift: UInt16,
            baseLayerShift: UInt8
        )
        case padding(timestamp: UInt32)
    }

    package var content: Content
    /// Extended, the viewer's.
    package var sequence: UInt64
    /// Of the first sending.
    package var transportNumber: UInt16
    /// How often it was repeated already.
    package var resends: UInt8

    package init(content: Content, sequence: UInt64, transportNumber: UInt16, resends: UInt8) {
        self.content = content
        self.sequence = sequence
        self.transportNumber = transportNumber
        self.resends = resends
    }
}
