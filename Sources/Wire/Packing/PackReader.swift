/// Reads values one after another out of bytes that somebody else has written, who may be wrong.
package struct PackReader: Sendable {
    private let source: [UInt8]
    private var position: Int
    private let end: Int

    /// More than any list has that nodes send each other.
    package static let listLimit = 100_000

    package init(_ bytes: [UInt8], from start: Int = 0) {
        source = bytes
        position = min(max(start, 0), bytes.count)
        end = bytes.count
    }

    /// Reads a part of the bytes, which are there.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(range.upperBound <= bytes.count, "the range is of other bytes")
        source = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    package var hasMore: Bool { position < end }

    package mutating func byte() throws(PackFault) -> UInt8 {
        guard position < end else { throw .cutShort }
        defer { position += 1 }
        return source[position]
    }

    package mutating func number() throws(PackFault) -> UInt64 {
        var number: UInt64 = 0
        for index in 0..<10 {
            let byte = try byte()
            let bits = UInt64(byte & 0x7F)
            // The tenth byte has one bit to give.
            guard index < 9 || bits <= 1 else { throw .badNumber }
            number |= bits << UInt64(7 * index)
            if byte & 0x80 == 0 {
                guard byte != 0 || index == 0 else { throw .badNumber }
                return number
            }
        }
        throw .badNumber
    }

    /// How many elements follow, each of which takes a byte at least.
    package mutating func count(limit: Int) throws(PackFault) -> Int {
        guard let count = Int(exactly: try number()), count <= limit else {
            throw .tooMany(limit: limit)
        }
        guard count <= end - position else { throw .cutShort }
        return count
    }

    package mutating func bytes() throws(PackFault) -> [UInt8] {
        let range = try range()
        return Array(source[range])
    }

    /// All that is left.
    package mutating func rest() -> [UInt8] {
        defer { position = end }
        return Array(source[position..<end])
    }

    /// The fields of a record. Those that the body doesn't read are of a later version.
    package mutating func record<Value>(
        _ body: (inout PackReader) throws(PackFault) -> Value
    ) throws(PackFault) -> Value {
        let range = try range()
        var inner = PackReader(source, in: range)
        return try body(&inner)
    }

    package mutating func read<Value: Packable>(
        _ type: Value.Type = Value.self
    ) throws(PackFault) -> Value {
        try Value(from: &self)
    }

    private mutating func range() throws(PackFault) -> Range<Int> {
        guard let count = Int(exactly: try number()), count <= end - position else {
            throw .cutShort
        }
        defer { position += count }
        return position..<position + count
    }
}
