import Wire

/// A setting's value as someone gave it, before any rule was asked.
///
/// A file says whether it means a number or a text; the environment and the command line only have
/// text, from which a form takes what it wants.
package struct Given: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case untyped(String)
        case string(String)
        case integer(Int64)
        case number(Double)
        case boolean(Bool)
        case list([Given])
        case table([Field])
        case other(String)
    }

    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: Given
    }

    package var content: Content
    package var line: Int?

    package init(_ content: Content, line: Int? = nil) {
        self.content = content
        self.line = line
    }

    init(_ value: TOMLValue) {
        line = value.position.line
        content =
            switch value.content {
            case .string(let text): .string(text)
            case .integer(let number): .integer(number)
            case .float(let number): .number(number)
            case .boolean(let isTrue): .boolean(isTrue)
            case .dateTime(let text): .other(text)
            case .array(let values): .list(values.map(Given.init))
            case .table(let table):
                .table(table.entries.map { Field(name: $0.key, value: Given($0.value)) })
            }
    }

    init(_ value: JSONValue) {
        content =
            switch value {
            case .null: .other("null")
            case .string(let text): .string(text)
            case .integer(let number): .integer(number)
            case .number(let number): .number(number)
            case .boolean(let isTrue): .boolean(isTrue)
            case .array(let values): .list(values.map(Given.init))
            case .object(let object):
                .table(object.members.map { Field(name: $0.name, value: Given($0.value)) })
            }
    }

    /// The text, if this is one or may be taken for one.
    var text: String? {
        switch content {
        case .untyped(let text), .string(let text): text
        case .integer, .number, .boolean, .list, .table, .other: nil
        }
    }

    /// The elements, if this is a list or a text that spells one: `a,b` or `["a","b"]`.
    var elements: [Given]? {
        switch content {
        case .list(let elements): return elements
        case .untyped(let text):
            if text.utf8.first == UInt8(ascii: "[") { return json?.elements }
            return text.trimmed.isEmpty
                ? []
                : text.split(separator: ",", omittingEmptySubsequences: false)
                    .map { Given(.untyped(String($0).trimmed), line: line) }
        case .string, .integer, .number, .boolean, .table, .other: return nil
        }
    }

    /// The fields, if this is a table or a text that spells one in JSON.
    var fields: [Field]? {
        switch content {
        case .table(let fields): fields
        case .untyped: json?.fields
        case .string, .integer, .number, .boolean, .list, .other: nil
        }
    }

    private var json: Given? {
        guard case .untyped(let text) = content else { return nil }
        do { return Given(try JSONValue(parsing: Array(text.utf8).span)) } catch { return nil }
    }

    /// The value as one would write it, cut where it stops being of use.
    var shown: String {
        let limit = 80
        let whole =
            switch content {
            case .untyped(let text), .string(let text): TOMLText.quoted(text)
            case .integer(let number): String(number)
            case .number(let number): number.description
            case .boolean(let isTrue): isTrue ? "true" : "false"
            case .list: "a list"
            case .table: "a table"
            case .other(let text): text
            }
        return whole.printable(upTo: limit)
    }
}

extension String {
    /// Without blanks at either end.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = self[...].drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }
}
