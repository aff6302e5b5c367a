/// Whose packets these are: the number that every RTP packet of one stream bears (RFC 3550 section 3).
package struct SSRC: RawRepresentable, Hashable, BitwiseCopyable, Sendable, CustomStringConvertible
{
    package var rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }
}
