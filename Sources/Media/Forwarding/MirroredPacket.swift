internal import Basics

/// What one board of a node tells another of a packet that it hands over: all that is known of it, so
/// that it is decrypted and parsed once, whoever has viewers of it. Its bytes, in plain text, go beside.
///
/// It never leaves the process. How large it is tells it from whatever else boards' owners send each
/// other.
package struct MirroredPacket {
    /// The track, which has this name on both boards.
    let uplink: UplinkID
    let layer: UInt8
    let codec: Codec
    /// Which beginning of the encoding it belongs to (``UplinkLayer/source``).
    let source: UInt16
    let ssrc: SSRC
    let record: PacketRecord
    /// The moment its timestamp stands for: the publisher's clock, as its own board knows it.
    let captured: Instant
    /// How large the encoding's pictures are, if that is known.
    let size: PictureSize?
    /// Packets before this one found no room. It starts a key frame.
    var isResumed = false

    package static var headerSize: Int { MemoryLayout<MirroredPacket>.size }
}
