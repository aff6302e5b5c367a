import Wire

/// Values as TOML would have them written. Quoted text is JSON's, which TOML reads the same.
enum TOMLText {
    static func quoted(_ text: String) -> String {
        let plain = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\u{7F}" ? "\u{FFFD}" : $0 })
        )
        return JSONValue.string(plain).text
    }

    static func list(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ", ") + "]"
    }

    static func table(_ fields: [(name: String, value: String)]) -> String {
        if fields.isEmpty { return "{}" }
        return "{ " + fields.map { "\(key($0.name)) = \($0.value)" }.joined(separator: ", ") + " }"
    }

    private static func key(_ name: String) -> String {
        let isBare =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    || byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
            }
        return isBare ? name : quoted(name)
    }
}
