internal import Basics

/// Reads values one after the other, where they lie.
///
/// Total: every byte sequence gives values or a fault. Depth and number of values are limited before
/// anything is allocated for them.
package struct MessagePackParser: ~Escapable {
    private let bytes: Span<UInt8>
    private let limits: MessagePackLimits
    private var elements = 0
    /// Where the next value begins.
    package private(set) var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, limits: MessagePackLimits = MessagePackLimits()) {
        self.bytes = bytes
        self.limits = limits
    }

    package var isAtEnd: Bool { offset == bytes.count }

    /// The value that begins here.
    package mutating func next() throws(MessagePackFault) -> MessagePackValue {
        guard bytes.count <= limits.bytes else { throw fault(.tooManyBytes) }
        return try value(depth: 0)
    }

    private mutating func value(depth: Int) throws(MessagePackFault) -> MessagePackValue {
        elements += 1
        guard elements <= limits.elements else { throw fault(.tooManyElements) }
        guard offset < bytes.count else { throw fault(.unfinished) }
        let first = bytes[offset]
        offset += 1
        switch first {
        case 0x00...0x7F: return .integer(Int64(first))
        case 0x80...0x8F: return try map(Int(first & 0x0F), depth)
        case 0x90...0x9F: return try array(Int(first & 0x0F), depth)
        case 0xA0...0xBF: return try text(Int(first & 0x1F))
        case 0xC0: return .null
        case 0xC2: return .boolean(false)
        case 0xC3: return .boolean(true)
        case 0xC4: return .binary(try take(length(1)))
        case 0xC5: return .binary(try take(length(2)))
        case 0xC6: return .binary(try take(length(4)))
        case 0xCA: return .number(Double(Float(bitPattern: UInt32(try whole(4)))))
        case 0xCB: return .number(Double(bitPattern: try whole(8)))
        case 0xCC: return .integer(Int64(try whole(1)))
        case 0xCD: return .integer(Int64(try whole(2)))
        case 0xCE: return .integer(Int64(try whole(4)))
        case 0xCF:
            let number = try whole(8)
            return Int64(exactly: number).map { .integer($0) } ?? .unsigned(number)
        case 0xD0: return .integer(Int64(Int8(truncatingIfNeeded: try whole(1))))
        case 0xD1: return .integer(Int64(Int16(truncatingIfNeeded: try whole(2))))
        case 0xD2: return .integer(Int64(Int32(truncatingIfNeeded: try whole(4))))
        case 0xD3: return .integer(Int64(bitPattern: try whole(8)))
        case 0xD9: return try text(length(1))
        case 0xDA: return try text(length(2))
        case 0xDB: return try text(length(4))
        case 0xDC: return try array(length(2), depth)
        case 0xDD: return try array(length(4), depth)
        case 0xDE: return try map(length(2), depth)
        case 0xDF: return try map(length(4), depth)
        case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: first)))
        case 0xC1:
            offset -= 1
            throw fault(.reservedByte)
        default:
            offset -= 1
            throw fault(.extensionType)
        }
    }

    private mutating func array(
        _ count: Int,
        _ depth: Int
    ) throws(MessagePackFault) -> MessagePackValue {
        try admit(count, depth)
        var values: [MessagePackValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try value(depth: depth + 1)) }
        return .array(values)
    }

    private mutating func map(
        _ count: Int,
        _ depth: Int
    ) throws(MessagePackFault) -> MessagePackValue {
        try admit(2 * count, depth)
        var pairs: [MessagePackValue.Pair] = []
        pairs.reserveCapacity(count)
        for _ in 0..<count {
            let key = try value(depth: depth + 1)
            pairs.append(.init(key, try value(depth: depth + 1)))
        }
        return .map(pairs)
    }

    /// Whether so many values may follow: each takes a byte at least.
    private func admit(_ count: Int, _ depth: Int) throws(MessagePackFault) {
        guard depth < limits.depth else { throw fault(.tooDeep) }
        guard count <= limits.elements - elements else { throw fault(.tooManyElements) }
        guard count <= bytes.count - offset else { throw fault(.unfinished) }
    }

    private mutating func text(_ count: Int) throws(MessagePackFault) -> MessagePackValue {
        guard count <= bytes.count - offset else { throw fault(.unfinished) }
        do {
            let text = try UTF8Span(validating: bytes.extracting(offset..<offset + count))
            offset += count
            return .string(String(copying: text))
        } catch {
            let place = offset + error.byteOffsets.lowerBound
            throw MessagePackFault(offset: place, rule: .invalidUTF8)
        }
    }

    private mutating func take(_ count: Int) throws(MessagePackFault) -> [UInt8] {
        guard count <= bytes.count - offset else { throw fault(.unfinished) }
        defer { offset += count }
        return [UInt8](copying: bytes.extracting(offset..<offset + count))
    }

    private mutating func length(_ size: Int) throws(MessagePackFault) -> Int {
        Int(try whole(size))
    }

    private mutating func whole(_ size: Int) throws(MessagePackFault) -> UInt64 {
        guard size <= bytes.count - offset else { throw fault(.unfinished) }
        var number: UInt64 = 0
        for _ in 0..<size {
            number = number << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return number
    }

    private func fault(_ rule: MessagePackFault.Rule) -> MessagePackFault {
        MessagePackFault(offset: min(offset, bytes.count), rule: rule)
    }
}
