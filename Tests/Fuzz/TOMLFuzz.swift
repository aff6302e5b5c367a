import Wire

/// Faults lie inside the text; a document without any can be written out and read as the same.
let fuzzTOML: FuzzTarget = { bytes in
    let limits = TOMLLimits(bytes: 1 << 16, depth: 8, elements: 200, faults: 10)
    let document = TOMLDocument(parsing: bytes.span, limits: limits)
    precondition(document.faults.count <= limits.faults + 1, "more faults than wanted")
    let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
    for fault in document.faults {
        let isInside =
            (1...lines).contains(fault.position.line)
            && (1...bytes.count + 1).contains(fault.position.column)
        precondition(isInside, "a fault outside the text")
        precondition(!fault.description.utf8.contains { $0 < 0x20 }, "a fault of several lines")
    }
    let text = written(document.root)
    let roomy = TOMLLimits(bytes: .max, depth: 32, elements: .max)
    let again = TOMLDocument(parsing: Array(text.utf8).span, limits: roomy)
    precondition(again.faults.isEmpty, "its own text is refused: \(text) \(again.faults)")
    precondition(written(again.root) == text, "it comes back changed")
}

private func written(_ table: TOMLTable) -> String {
    table.entries.map { "\(quoted($0.key)) = \(written($0.value))\n" }.joined()
}

private func written(_ value: TOMLValue) -> String {
    switch value.content {
    case .string(let text): return quoted(text)
    case .integer(let number): return String(number)
    case .float(let number):
        let text = number.description
        return text.contains { $0 == "." || $0 == "e" || $0 == "n" } ? text : text + ".0"
    case .boolean(let isTrue): return isTrue ? "true" : "false"
    case .dateTime(let text): return text
    case .array(let values): return "[" + values.map(written).joined(separator: ", ") + "]"
    case .table(let table):
        let fields = table.entries.map { "\(quoted($0.key)) = \(written($0.value))" }
        return "{" + fields.joined(separator: ", ") + "}"
    }
}

private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        let number = String(scalar.value, radix: 16)
        let isPlain = scalar.value >= 0x20 && scalar != "\"" && scalar != "\\" && scalar != "\u{7F}"
        quoted +=
            isPlain
            ? String(scalar) : "\\u" + String(repeating: "0", count: 4 - number.count) + number
    }
    return quoted + "\""
}
