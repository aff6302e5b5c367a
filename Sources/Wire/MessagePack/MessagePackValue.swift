/// One value of MessagePack, parsed strictly or about to be written.
///
/// Whole numbers that fit are `integer` whatever their form on the wire; only those above that are
/// `unsigned`. A map keeps its pairs in order, whatever its keys are, and may have a key twice: what
/// that means is for the message to say.
package enum MessagePackValue: Hashable, Sendable {
    package struct Pair: Hashable, Sendable {
        package var key: MessagePackValue
        package var value: MessagePackValue

        package init(_ key: MessagePackValue, _ value: MessagePackValue) {
            self.key = key
            self.value = value
        }
    }

    case null
    case boolean(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case string(String)
    case binary([UInt8])
    case array([MessagePackValue])
    case map([Pair])

    /// Parses one value that takes up all of `bytes`.
    package init(
        parsing bytes: Span<UInt8>,
        limits: MessagePackLimits = MessagePackLimits()
    ) throws(MessagePackFault) {
        var parser = MessagePackParser(bytes, limits: limits)
        self = try parser.next()
        guard parser.isAtEnd else {
            throw MessagePackFault(offset: parser.offset, rule: .trailingBytes)
        }
    }

    package var isNull: Bool { self == .null }

    package var boolean: Bool? {
        guard case .boolean(let value) = self else { return nil }
        return value
    }

    package var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// Any number, whole ones too.
    package var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .null, .boolean, .string, .binary, .array, .map: nil
        }
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var binary: [UInt8]? {
        guard case .binary(let value) = self else { return nil }
        return value
    }

    package var array: [MessagePackValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    package var map: [Pair]? {
        guard case .map(let pairs) = self else { return nil }
        return pairs
    }

    /// The value of the first pair whose key is this text, if this is a map that has it.
    package subscript(key: String) -> MessagePackValue? {
        map?.first { $0.key == .string(key) }?.value
    }

    /// Appends this value in its shortest form.
    package func write(into bytes: inout [UInt8]) {
        MessagePackWriter.append(to: &bytes) { $0.value(self) }
    }
}

extension MessagePackValue {
    /// All that JSON can say, MessagePack can as well; so what may come as either is read from this.
    package init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map(MessagePackValue.init(_:)))
        case .object(let object):
            self = .map(
                object.members.map { Pair(.string($0.name), MessagePackValue($0.value)) }
            )
        }
    }
}
