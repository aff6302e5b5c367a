/// The number by which an RTP packet names its codec; SDP says which (RFC 3550 section 5.1). 7 bits.
package struct PayloadType: RawRepresentable, Hashable, BitwiseCopyable, Sendable,
    CustomStringConvertible
{
    package var rawValue: UInt8

    /// The eighth bit, which is the marker's, is cut off.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue & 0x7F
    }

    package init(_ rawValue: UInt8) {
        self.init(rawValue: rawValue)
    }

    package var description: String { String(rawValue) }
}
