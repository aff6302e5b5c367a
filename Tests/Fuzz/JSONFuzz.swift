import Wire

/// What is read can be written and read again as the same; what isn't breaks a rule inside the text.
let fuzzJSON: FuzzTarget = { bytes in
    do throws(JSONFault) {
        let value = try JSONValue(parsing: bytes.span)
        var text: [UInt8] = []
        value.write(into: &text)
        let roomy = JSONLimits(bytes: .max)
        guard let again = try? JSONValue(parsing: text.span, limits: roomy) else {
            fatalError("its own text is refused: \(value)")
        }
        precondition(again == value, "it comes back changed")
        precondition(String(validating: text, as: UTF8.self) != nil, "its text is not UTF-8")
        precondition(!text.contains { $0 < 0x20 }, "its text has control characters")
        let tight = (try? JSONValue(parsing: text.span, limits: JSONLimits(depth: 2, elements: 8)))
        precondition(tight == nil || tight == value, "limits change what is read")
    } catch {
        precondition((0...bytes.count).contains(error.offset), "a fault beyond the end")
    }
}
