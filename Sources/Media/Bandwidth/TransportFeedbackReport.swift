/// What one transport-cc feedback packet says, but for the arrivals themselves, which are read with
/// ``TransportFeedbackRecorder/arrival(of:in:)``
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
package struct TransportFeedbackReport: Equatable, Sendable {
    /// The number of the first packet spoken of.
    package let base: UInt16
    /// How many packets in a row are spoken of: 1 to 1,024, at most 400 of them received, so that the
    /// report fits into 1,200 bytes however it is written.
    package let count: Int
    /// In units of 64 ms, 24 bits.
    package let referenceTime: UInt32
    /// Counts the reports of this stream.
    package let number: UInt8
    /// Where the recorder keeps the first of them.
    let place: Int64
    var referenceTick: UInt32 { referenceTime << 8 }
}
