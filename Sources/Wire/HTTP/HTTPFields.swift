/// The fields of a head, in the order they came (RFC 9110 section 5).
///
/// One array holds the bytes and one the places of names and values in it, so a parsed head costs
/// two allocations however many fields it has. Names compare without regard to case and are given
/// in lower case; nothing becomes a `String` unless ``string(_:)`` is asked to.
///
/// A name or value with a line end in it could forge fields or a second message, so none can get
/// in: the parser refuses them; ``append(_:_:)-(_,String)`` traps on a name that is not a token,
/// since names are written in our code, and turns each control character of a value, which may
/// have come from anywhere, into a space, as RFC 9110 section 5.5 has recipients do. A reply half
/// built is thus never abandoned for the sake of one odd byte.
package struct HTTPFields: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        var nameStart: UInt32
        var nameEnd: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// For a parsed head, all of it, the first line included.
    private(set) var bytes: [UInt8]
    private(set) var entries: [Entry]

    package init() {
        bytes = []
        entries = []
    }

    /// Takes over what a parser found. Every entry lies within `bytes`.
    init(bytes: [UInt8], entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
    }

    package var count: Int { entries.count }

    package subscript(index: Int) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        (bytes[entries[index].name], bytes[entries[index].value])
    }

    /// The value of the first field of this name.
    package func first(_ name: StaticString) -> ArraySlice<UInt8>? {
        index(of: name, from: 0).map { bytes[entries[$0].value] }
    }

    /// The value of the first field of this name as text; what isn't UTF-8 is replaced.
    package func string(_ name: StaticString) -> String? {
        first(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The values of all fields of this name, in order.
    package func all(_ name: StaticString) -> [ArraySlice<UInt8>] {
        var values: [ArraySlice<UInt8>] = []
        var next = index(of: name, from: 0)
        while let index = next {
            values.append(bytes[entries[index].value])
            next = self.index(of: name, from: index + 1)
        }
        return values
    }

    package func contains(_ name: StaticString) -> Bool { index(of: name, from: 0) != nil }

    /// Whether the first field of this name is exactly this value, in any case.
    package func first(_ name: StaticString, is value: StaticString) -> Bool {
        guard let index = index(of: name, from: 0) else { return false }
        return bytes.span.extracting(entries[index].value).equalsInAnyCase(value)
    }

    /// Whether `token` is a member of the comma-separated list that all fields of this name make
    /// together, as in `hasToken("upgrade", in: "connection")`.
    package func hasToken(_ token: StaticString, in name: StaticString) -> Bool {
        let bytes = bytes.span
        var next = index(of: name, from: 0)
        while let index = next {
            let value = bytes.extracting(entries[index].value)
            if value.anyListMember(where: { value.extracting($0).equalsInAnyCase(token) }) {
                return true
            }
            next = self.index(of: name, from: index + 1)
        }
        return false
    }

    package mutating func append(_ name: StaticString, _ value: String) {
        append(name, value.utf8.span)
    }

    package mutating func append(_ name: StaticString, _ value: Span<UInt8>) {
        let nameStart = UInt32(bytes.count)
        bytes.append(fieldName: name)
        let nameEnd = UInt32(bytes.count)
        bytes.append(fieldValue: value)
        entries.append(
            Entry(
                nameStart: nameStart,
                nameEnd: nameEnd,
                valueStart: nameEnd,
                valueEnd: UInt32(bytes.count)
            )
        )
    }

    private func index(of name: StaticString, from start: Int) -> Int? {
        let bytes = bytes.span
        let count = name.utf8CodeUnitCount
        for index in start..<entries.count where entries[index].name.count == count {
            if bytes.extracting(entries[index].name).equalsInAnyCase(name) { return index }
        }
        return nil
    }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    mutating func append(fieldName name: StaticString) {
        let start = count
        append(name)
        var isToken = count > start
        for index in start..<count {
            isToken = isToken && HTTPSyntax.isToken(self[index])
        }
        precondition(isToken, "a field's name is a token; look for a typing slip in it")
    }

    /// Appends a value with each control character made a space, so that it stays one value.
    mutating func append(fieldValue value: Span<UInt8>) {
        let start = count
        append(copying: value)
        for index in start..<count where !HTTPSyntax.isText(self[index]) {
            self[index] = UInt8(ascii: " ")
        }
    }
}
