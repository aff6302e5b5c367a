import Basics

extension Form {
    /// Several values of one form: a list, or text with commas between.
    static func list<Element>(
        of form: Form<Element>,
        upTo limit: Int = 100
    ) -> Form<[Element]> where Value == [Element] {
        let rule = "must be a list of at most \(limit)"
        return Form<[Element]>(
            "\(rule), each of which \(form.rule)",
            readParts: { given, refusals in
                guard let elements = given.elements, elements.count <= limit else {
                    // One element without its brackets is judged at once, and suggested if it is good.
                    var lone: [Refusal] = []
                    var suggestion: String?
                    if case .string(let text) = given.content, form.read(given, &lone) != nil {
                        suggestion = "[\(TOMLText.quoted(text))]"
                    }
                    refusals.append(Refusal(rule, of: given, suggestion: suggestion))
                    refusals += lone
                    return nil
                }
                return elements.readEach(&refusals) { form.read($0, &$1) }
            },
            write: { TOMLText.list($0.map(form.write)) }
        )
    }
}

extension Form<[String: LogLevel]> {
    /// A level for some rooms: a table, or `http=debug,store=info`.
    static var levels: Form {
        let level = Form<LogLevel>.level
        return Form(
            "must be a table of rooms and levels, such as { http = \"debug\" }",
            readParts: { given, refusals in
                guard let fields = given.fields ?? pairs(of: given), fields.count <= 100 else {
                    refusals.append(
                        Refusal("must be a table of rooms and levels", of: given)
                    )
                    return nil
                }
                var levels: [String: LogLevel] = [:]
                let before = refusals.count
                for field in fields {
                    let first = refusals.count
                    levels[field.name] = level.read(field.value, &refusals)
                    for place in first..<refusals.count {
                        refusals[place].part = "." + field.name
                    }
                }
                return refusals.count == before ? levels : nil
            },
            write: { levels in
                TOMLText.table(
                    levels.sorted { $0.key < $1.key }.map { ($0.key, level.write($0.value)) }
                )
            }
        )
    }

    private static func pairs(of given: Given) -> [Given.Field]? {
        guard case .untyped(let text) = given.content else { return nil }
        var fields: [Given.Field] = []
        for pair in text.split(separator: ",") {
            guard let equals = pair.firstIndex(of: "=") else { return nil }
            let level = String(pair[pair.index(after: equals)...]).trimmed
            let room = String(pair[..<equals]).trimmed
            guard !room.isEmpty, !fields.contains(where: { $0.name == room }) else { return nil }
            fields.append(Given.Field(name: room, value: Given(.untyped(level))))
        }
        return fields
    }
}

extension [Given] {
    /// Reads every element, so that each faulty one is named; nil if there is one.
    func readEach<Value>(
        _ refusals: inout [Refusal],
        _ read: (Given, inout [Refusal]) -> Value?
    ) -> [Value]? {
        let before = refusals.count
        var values: [Value] = []
        for (index, element) in enumerated() {
            let first = refusals.count
            if let value = read(element, &refusals) { values.append(value) }
            for place in first..<refusals.count {
                refusals[place].part = "[\(index)]" + refusals[place].part
            }
        }
        return refusals.count == before ? values : nil
    }
}
