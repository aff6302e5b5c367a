/// What a viewer's packet bears instead of what its source's did.
package struct RewrittenPacket: Hashable, BitwiseCopyable, Sendable {
    /// Extended; SRTP counts by it.
    package var sequence: UInt64
    package var timestamp: UInt32
    /// What was added to the source's timestamp.
    package var timestampShift: UInt32
    /// To be added to a VP8 picture number and cut to its seven or fifteen bits.
    package var pictureShift: UInt16
    /// To be added to TL0PICIDX.
    package var baseLayerShift: UInt8

    package init(
        sequence: UInt64,
        timestamp: UInt32,
        timestampShift: UInt32,
        pictureShift: UInt16,
        baseLayerShift: UInt8
    ) {
        self.sequence = sequence
        self.timestamp = timestamp
        self.timestampShift = timestampShift
        self.pictureShift = pictureShift
        self.baseLayerShift = baseLayerShift
    }
}
