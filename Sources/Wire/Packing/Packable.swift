/// What nodes can say to each other: a value with a form in bytes.
///
/// Fields are written one after another, in an order that never changes. Whatever may grow later is
/// written as a record (``PackWriter/record(_:)``): a reader of an older version passes over the fields
/// that it doesn't know, and one of a newer version finds them missing (``PackReader/hasMore``).
package protocol Packable: Sendable {
    func pack(into writer: inout PackWriter)
    init(from reader: inout PackReader) throws(PackFault)
}

extension Packable {
    /// The bytes of this value alone.
    package var packed: [UInt8] {
        var writer = PackWriter()
        pack(into: &writer)
        return writer.bytes
    }

    /// Reads a value of which these are all the bytes.
    package init(packed bytes: [UInt8]) throws(PackFault) {
        var reader = PackReader(bytes)
        try self.init(from: &reader)
    }
}

extension Bool: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(byte: self ? 1 : 0) }

    package init(from reader: inout PackReader) throws(PackFault) {
        switch try reader.byte() {
        case 0: self = false
        case 1: self = true
        case let other: throw .badValue("\(other) for yes or no")
        }
    }
}

extension UInt64: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(self) }

    package init(from reader: inout PackReader) throws(PackFault) { self = try reader.number() }
}

extension Int64: Packable {
    /// Small numbers of either sign are short.
    package func pack(into writer: inout PackWriter) {
        writer.write(UInt64(bitPattern: (self << 1) ^ (self >> 63)))
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let folded = try reader.number()
        self = Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }
}

extension Int: Packable {
    package func pack(into writer: inout PackWriter) { Int64(self).pack(into: &writer) }

    package init(from reader: inout PackReader) throws(PackFault) {
        guard let number = Int(exactly: try Int64(from: &reader)) else { throw .badNumber }
        self = number
    }
}

extension Double: Packable {
    package func pack(into writer: inout PackWriter) {
        for shift in stride(from: 56, through: 0, by: -8) {
            writer.write(byte: UInt8(truncatingIfNeeded: bitPattern >> UInt64(shift)))
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        var bits: UInt64 = 0
        for _ in 0..<8 { bits = bits << 8 | UInt64(try reader.byte()) }
        self.init(bitPattern: bits)
    }
}

extension String: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(bytes: utf8) }

    package init(from reader: inout PackReader) throws(PackFault) {
        let bytes = try reader.bytes()
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .badText }
        self = text
    }
}

/// To the millisecond, up to ninety years.
extension Duration: Packable {
    package func pack(into writer: inout PackWriter) {
        let limit = Self.longest
        let (seconds, attoseconds) = Swift.min(Swift.max(self, .zero - limit), limit).components
        (seconds * 1_000 + attoseconds / 1_000_000_000_000_000).pack(into: &writer)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let milliseconds = try Int64(from: &reader)
        self = .milliseconds(milliseconds)
        guard self <= Self.longest, self >= .zero - Self.longest else { throw .badNumber }
    }

    private static let longest = Duration.seconds(3_000_000_000)
}

extension Optional: Packable where Wrapped: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(byte: self == nil ? 0 : 1)
        self?.pack(into: &writer)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try Bool(from: &reader) ? try Wrapped(from: &reader) : nil
    }
}

extension Array: Packable where Element: Packable {
    package func pack(into writer: inout PackWriter) {
        if let bytes = self as? [UInt8] { return writer.write(bytes: bytes) }
        writer.write(UInt64(count))
        for element in self { element.pack(into: &writer) }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        if Element.self == UInt8.self, let bytes = try reader.bytes() as? [Element] {
            self = bytes
            return
        }
        let count = try reader.count(limit: PackReader.listLimit)
        self = []
        reserveCapacity(Swift.min(count, 1_024))
        for _ in 0..<count { append(try Element(from: &reader)) }
    }
}

extension UInt8: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(byte: self) }

    package init(from reader: inout PackReader) throws(PackFault) { self = try reader.byte() }
}

/// The answer of whoever has nothing to answer.
package struct Nothing: Packable {
    package init() {}
    package func pack(into writer: inout PackWriter) {}
    package init(from reader: inout PackReader) throws(PackFault) {}
}
