/// Why a line of a document is not TOML: the place and the rule.
///
/// Names keys, since a duplicate is hard to find without its name, but never quotes a value, which
/// may be a secret.
package struct TOMLFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: Error, Hashable, Sendable {
        case tooManyBytes
        case tooDeep
        case tooManyElements
        case tooManyFaults
        case invalidUTF8
        case controlCharacter
        case missingKey
        case missingEquals
        case missingValue
        case badValue
        case badNumber
        case numberOutOfRange
        case badDateTime
        case unclosedString
        case badEscape
        case unclosedArray
        case unclosedInlineTable
        case unclosedHeader
        case trailingText
        case duplicateKey(String)
        case duplicateTable(String)
        case notTable(String)
        case notArrayOfTables(String)
    }

    package var position: TOMLPosition
    package var rule: Rule

    package init(position: TOMLPosition, rule: Rule) {
        self.position = position
        self.rule = rule
    }

    package var description: String {
        "line \(position.line) column \(position.column): \(rule)"
    }
}

extension TOMLFault.Rule: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooManyBytes: "the document is larger than its limit; make it shorter"
        case .tooDeep: "tables and arrays are nested deeper than the limit; make them flatter"
        case .tooManyElements: "there are more keys and elements than the limit"
        case .tooManyFaults: "too many faults to go on; correct those above first"
        case .invalidUTF8: "the document must be UTF-8; save it in that encoding"
        case .controlCharacter: "control characters are not allowed here; use an escape"
        case .missingKey: "a key must be letters, digits, - and _, or be in quotes"
        case .missingEquals: "a key must be followed by = and a value"
        case .missingValue: "= must be followed by a value"
        case .badValue: "a value must be a number, true, false, a date, or text in quotes"
        case .badNumber: "a number must be like 42, -1_000, 0xFF, 0.5 or 1e6"
        case .numberOutOfRange: "a number must fit into 64 bits"
        case .badDateTime: "a date must be like 2026-01-31, 07:32:00 or 2026-01-31T07:32:00Z"
        case .unclosedString: "a string must end with the quotes it began with"
        case .badEscape:
            "an escape must be one of \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX; "
                + "use 'single quotes' for text with backslashes"
        case .unclosedArray: "elements must be parted by commas and end with ]"
        case .unclosedInlineTable:
            "an inline table must be parted by commas and end with } in its line"
        case .unclosedHeader: "a table's header must end with as many ] as it began with ["
        case .trailingText: "only a comment may follow; begin a new line"
        case .duplicateKey(let key): "\(key) is set twice; keep one"
        case .duplicateTable(let key): "[\(key)] is defined twice; join the two"
        case .notTable(let key): "\(key) is a value or a closed table already; nothing can be added"
        case .notArrayOfTables(let key):
            "\(key) is not a list of tables; [[\(key)]] can't extend it"
        }
    }
}
