package import Basics

/// What is known of a packet in a ``PacketHistory``, so that nobody has to parse it twice.
///
/// It lies apart from the packet's bytes: a walk over records touches 48 bytes a packet. Whoever
/// parsed the packet fills it in; the history only reads the number, the size and the marks of key
/// frames.
package struct PacketRecord: Sendable {
    package struct Marks: OptionSet, BitwiseCopyable, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// The marker bit of the header.
        package static let marker = Marks(rawValue: 1 << 0)
        /// Belongs to a frame that needs no other. Where only the first packet of a frame tells, only
        /// that one bears the mark.
        package static let keyFrame = Marks(rawValue: 1 << 1)
        package static let startsFrame = Marks(rawValue: 1 << 2)
        package static let endsFrame = Marks(rawValue: 1 << 3)
        /// A viewer of lower temporal layers may begin with this one here.
        package static let switchUp = Marks(rawValue: 1 << 4)
        /// Came by retransmission.
        package static let repaired = Marks(rawValue: 1 << 5)
        /// Nothing but padding: nobody needs it.
        package static let paddingOnly = Marks(rawValue: 1 << 6)
        /// `audioLevel` was sent.
        package static let audioLevel = Marks(rawValue: 1 << 7)
        /// `pictureID` was sent, in seven bits; with ``longPictureID`` in fifteen.
        package static let pictureID = Marks(rawValue: 1 << 8)
        package static let longPictureID = Marks(rawValue: 1 << 9)
        /// `baseLayerIndex` was sent.
        package static let baseLayerIndex = Marks(rawValue: 1 << 10)
    }

    /// Extended: its low sixteen bits are those of the header.
    package var sequence: UInt64
    package var arrival: Instant
    package var timestamp: UInt32
    /// Bytes of the whole packet, header and padding included.
    package var count: UInt16
    /// Where the payload begins, counted from the start of the packet.
    package var payloadOffset: UInt16 = 0
    /// Bytes of payload without padding.
    package var payloadCount: UInt16 = 0
    /// Where the AV1 dependency descriptor lies, counted from the start of the packet.
    package var descriptorOffset: UInt16 = 0
    package var descriptorCount: UInt16 = 0
    /// Of VP8 and VP9.
    package var pictureID: UInt16 = 0
    package var marks: Marks = []
    /// Of VP8: TL0PICIDX.
    package var baseLayerIndex: UInt8 = 0
    package var temporalLayer: UInt8 = 0
    package var spatialLayer: UInt8 = 0
    /// The byte of RFC 6464: the high bit says voice, the others how far below the loudest.
    package var audioLevel: UInt8 = 0
    package var payloadType: PayloadType
    /// Which of the history's cells holds the bytes. The history's own.
    var cell: UInt16 = 0

    package init(
        sequence: UInt64,
        timestamp: UInt32,
        payloadType: PayloadType,
        count: Int,
        arrival: Instant
    ) {
        self.sequence = sequence
        self.timestamp = timestamp
        self.payloadType = payloadType
        self.count = UInt16(clamping: count)
        self.arrival = arrival
    }

    package var startsKeyFrame: Bool { marks.isSuperset(of: [.keyFrame, .startsFrame]) }
}
