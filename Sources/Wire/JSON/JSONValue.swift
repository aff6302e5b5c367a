/// One value of JSON (RFC 8259), parsed strictly or about to be written.
///
/// A number without fraction or exponent that fits is an integer; every other is a `Double`. Parsing
/// refuses what other parsers disagree about: duplicate names, lone surrogates, leading zeros,
/// anything after the value.
package enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Parses one value that takes up all of `bytes`, white space aside.
    package init(
        parsing bytes: Span<UInt8>,
        limits: JSONLimits = JSONLimits()
    ) throws(JSONFault) {
        var parser = JSONParser(bytes, limits: limits)
        self = try parser.parse()
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

    /// Any number, integers too.
    package var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        case .null, .boolean, .string, .array, .object: nil
        }
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var array: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    package var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// The member of that name, if this is an object that has it.
    package subscript(name: String) -> JSONValue? { object?[name] }

    /// The element at that place, if this is an array that has it.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// Appends this value as compact JSON.
    package func write(into bytes: inout [UInt8]) {
        JSONWriter.append(to: &bytes) { $0.value(self) }
    }

    /// This value as compact JSON text.
    package var text: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}
