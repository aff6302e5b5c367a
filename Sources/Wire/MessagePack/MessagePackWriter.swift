internal import Basics

/// Writes MessagePack straight to bytes, each value in its shortest form.
///
/// The caller sees to it that as many values follow an array's or a map's head as it announces.
package struct MessagePackWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Lends `bytes` to a writer for the duration of `body`, without a copy.
    package static func append(to bytes: inout [UInt8], _ body: (inout MessagePackWriter) -> Void) {
        var writer = MessagePackWriter()
        swap(&bytes, &writer.bytes)
        body(&writer)
        swap(&bytes, &writer.bytes)
    }

    package mutating func null() { bytes.append(0xC0) }
    package mutating func boolean(_ value: Bool) { bytes.append(value ? 0xC3 : 0xC2) }

    package mutating func integer(_ value: Int64) {
        switch value {
        case 0...: unsigned(UInt64(value))
        case (-32)...: bytes.append(UInt8(bitPattern: Int8(value)))
        case Int64(Int8.min)...: head(0xD0, UInt64(bitPattern: value), 1)
        case Int64(Int16.min)...: head(0xD1, UInt64(bitPattern: value), 2)
        case Int64(Int32.min)...: head(0xD2, UInt64(bitPattern: value), 4)
        default: head(0xD3, UInt64(bitPattern: value), 8)
        }
    }

    package mutating func unsigned(_ value: UInt64) {
        switch value {
        case ...0x7F: bytes.append(UInt8(value))
        case ...0xFF: head(0xCC, value, 1)
        case ...0xFFFF: head(0xCD, value, 2)
        case ...0xFFFF_FFFF: head(0xCE, value, 4)
        default: head(0xCF, value, 8)
        }
    }

    package mutating func number(_ value: Double) { head(0xCB, value.bitPattern, 8) }

    package mutating func string(_ value: String) {
        let count = value.utf8.count
        switch count {
        case ...31: bytes.append(0xA0 | UInt8(count))
        case ...0xFF: head(0xD9, UInt64(count), 1)
        case ...0xFFFF: head(0xDA, UInt64(count), 2)
        default: head(0xDB, UInt64(count), 4)
        }
        bytes.append(contentsOf: value.utf8)
    }

    package mutating func binary(_ value: Span<UInt8>) {
        switch value.count {
        case ...0xFF: head(0xC4, UInt64(value.count), 1)
        case ...0xFFFF: head(0xC5, UInt64(value.count), 2)
        default: head(0xC6, UInt64(value.count), 4)
        }
        bytes.append(copying: value)
    }

    package mutating func beginArray(_ count: Int) {
        switch count {
        case ...15: bytes.append(0x90 | UInt8(count))
        case ...0xFFFF: head(0xDC, UInt64(count), 2)
        default: head(0xDD, UInt64(count), 4)
        }
    }

    package mutating func beginMap(_ count: Int) {
        switch count {
        case ...15: bytes.append(0x80 | UInt8(count))
        case ...0xFFFF: head(0xDE, UInt64(count), 2)
        default: head(0xDF, UInt64(count), 4)
        }
    }

    package mutating func value(_ value: MessagePackValue) {
        switch value {
        case .null: null()
        case .boolean(let value): boolean(value)
        case .integer(let value): integer(value)
        case .unsigned(let value): unsigned(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .binary(let value): binary(value.span)
        case .array(let values):
            beginArray(values.count)
            for value in values { self.value(value) }
        case .map(let pairs):
            beginMap(pairs.count)
            for pair in pairs {
                self.value(pair.key)
                self.value(pair.value)
            }
        }
    }

    private mutating func head(_ first: UInt8, _ number: UInt64, _ size: Int) {
        bytes.append(first)
        var shift = UInt64(size) * 8
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
