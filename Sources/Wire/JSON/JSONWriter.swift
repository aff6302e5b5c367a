package import Basics

/// Writes compact JSON straight to bytes, with no values in between.
///
///     JSONWriter.append(to: &bytes) { json in
///         json.beginObject()
///         json.member("event", "hello")
///         json.key("data")
///         json.beginArray()
///         json.integer(7)
///         json.endArray()
///         json.endObject()
///     }
///
/// On the path of every event and log line: nothing is allocated but room in the buffer, and commas
/// cost one bit, since a comma is due exactly after a value that was not the last. The caller sees
/// to it that what begins also ends.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]
    private var owesComma = false
    /// Whether what is written stands in a string of the JSON around it.
    private var isQuoted = false

    package init() { bytes = [] }

    /// Lends `bytes` to a writer for the duration of `body`, without a copy.
    package static func append(to bytes: inout [UInt8], _ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        swap(&bytes, &writer.bytes)
        body(&writer)
        swap(&bytes, &writer.bytes)
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// A member's name. Its value is written next.
    package mutating func key(_ name: String) {
        payComma()
        quote(name.utf8.span)
        bytes.append(UInt8(ascii: ":"))
        owesComma = false
    }

    package mutating func string(_ value: String) {
        payComma()
        quote(value.utf8.span)
    }

    /// Text that the caller knows to be UTF-8.
    package mutating func string(utf8 value: Span<UInt8>) {
        payComma()
        quote(value)
    }

    package mutating func string(_ value: Identifier) {
        payComma()
        mark()
        value.append(to: &bytes)
        mark()
    }

    /// A string that is JSON itself, as `body` writes it: some protocols wrap it so. Escaped as it is
    /// written; within it, no other is begun.
    package mutating func quoted(_ body: (inout JSONWriter) -> Void) {
        precondition(!isQuoted, "JSON within JSON within JSON is written apart")
        payComma()
        mark()
        isQuoted = true
        owesComma = false
        body(&self)
        isQuoted = false
        mark()
        owesComma = true
    }

    package mutating func integer(_ value: Int64) {
        payComma()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(of: value.magnitude)
    }

    package mutating func integer(_ value: UInt64) {
        payComma()
        digits(of: value)
    }

    package mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// The shortest text that reads back as the same number; null for those JSON has no word for.
    package mutating func number(_ value: Double) {
        payComma()
        guard value.isFinite else { return word("null") }
        append(value.description.utf8.span)
    }

    package mutating func boolean(_ value: Bool) {
        payComma()
        word(value ? "true" : "false")
    }

    package mutating func null() {
        payComma()
        word("null")
    }

    /// A value that is JSON already.
    package mutating func raw(_ json: Span<UInt8>) {
        precondition(!isQuoted, "what is JSON already is not escaped for a string")
        payComma()
        append(json)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .boolean(let value): boolean(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members { self.member(member.name, member.value) }
            endObject()
        }
    }

    package mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func member(_ name: String, _ value: Identifier) {
        key(name)
        string(value)
    }

    package mutating func member(_ name: String, _ value: Int) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: String, _ value: Int64) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: String, _ value: UInt64) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: String, _ value: Double) {
        key(name)
        number(value)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        key(name)
        boolean(value)
    }

    package mutating func member(_ name: String, _ value: JSONValue) {
        key(name)
        self.value(value)
    }

    private mutating func begin(_ bracket: UInt8) {
        payComma()
        bytes.append(bracket)
        owesComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        owesComma = true
    }

    private mutating func payComma() {
        if owesComma { bytes.append(UInt8(ascii: ",")) }
        owesComma = true
    }

    private mutating func quote(_ text: Span<UInt8>) {
        mark()
        var start = 0
        for place in text.indices {
            let byte = text[place]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                continue
            }
            append(text.extracting(start..<place))
            escape(byte)
            start = place + 1
        }
        append(text.extracting(start..<text.count))
        mark()
    }

    /// A quotation mark, as it stands where we are.
    private mutating func mark() {
        if isQuoted { bytes.append(UInt8(ascii: "\\")) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        if isQuoted { bytes.append(UInt8(ascii: "\\")) }
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x00..<0x20:
            word("u00")
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            bytes.append(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : 0x57 + byte & 15)
        default:
            if isQuoted { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
    }

    private mutating func digits(of value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func word(_ word: StaticString) {
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        )
    }

    private mutating func append(_ text: Span<UInt8>) {
        unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}
