/// The sixteen bits that count a stream's packets and wrap (RFC 3550 section 5.1).
package struct SequenceNumber: RawRepresentable, Hashable, BitwiseCopyable, Sendable,
    CustomStringConvertible
{
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// How many packets after `other` this one is, by the shorter way round: -32,768 to 32,767.
    package func distance(from other: SequenceNumber) -> Int {
        Int(Int16(bitPattern: rawValue &- other.rawValue))
    }

    package func advanced(by count: Int) -> SequenceNumber {
        SequenceNumber(rawValue &+ UInt16(truncatingIfNeeded: count))
    }

    /// The whole count whose low bits this is, nearest to `reference` and never below zero
    /// (RFC 3711 section 3.3.1).
    package func extended(near reference: UInt64) -> UInt64 {
        let step = distance(from: SequenceNumber(UInt16(truncatingIfNeeded: reference)))
        if step < 0, reference < UInt64(-step) {
            return reference &+ UInt64(UInt16(truncatingIfNeeded: step))
        }
        return UInt64(bitPattern: Int64(bitPattern: reference) &+ Int64(step))
    }

    package var description: String { String(rawValue) }
}
