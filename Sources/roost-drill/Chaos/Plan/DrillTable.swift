internal import Wire

/// One table of a drill's file, read key by key; what is wrong with it is kept.
struct DrillTable {
    private let table: TOMLTable
    private let path: String
    private(set) var faults: [String] = []

    init(_ table: TOMLTable, in path: String, allowing keys: [String]) {
        self.table = table
        self.path = path
        for entry in table.entries where !keys.contains(entry.key) {
            faults.append(
                "line \(entry.position.line): \(path)\(entry.key) is not known; "
                    + "there are \(keys.joined(separator: ", "))"
            )
        }
    }

    mutating func complain(_ key: String, _ why: String) {
        let line = table[key].map { "line \($0.position.line): " } ?? ""
        faults.append("\(line)\(path)\(key) \(why)")
    }

    mutating func text(_ key: String) -> String? {
        read(key, "must be text in quotes") { $0.string }
    }

    mutating func flag(_ key: String) -> Bool? {
        read(key, "must be true or false") { $0.boolean }
    }

    mutating func whole(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        read(key, "must be a number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.integer.flatMap { Int(exactly: $0) }.flatMap { range ~= $0 ? $0 : nil }
        }
    }

    mutating func number(_ key: String, _ range: ClosedRange<Double>) -> Double? {
        let (least, most) = (Figure.text(range.lowerBound), Figure.text(range.upperBound))
        return read(key, "must be a number from \(least) to \(most)") { value in
            let number = value.float ?? value.integer.map { Double($0) }
            return number.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func texts(_ key: String) -> [String]? {
        read(key, "must be a list of texts") { value -> [String]? in
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap { $0.string }
            return texts.count == elements.count ? texts : nil
        }
    }

    mutating func wholes(_ key: String, _ range: ClosedRange<Int>) -> [Int]? {
        let rule = "must be a list of numbers from \(range.lowerBound) to \(range.upperBound)"
        return read(key, rule) { value -> [Int]? in
            guard let elements = value.array else { return nil }
            let numbers = elements.compactMap { $0.integer.flatMap { Int(exactly: $0) } }
                .filter { range.contains($0) }
            return numbers.count == elements.count ? numbers : nil
        }
    }

    mutating func time(_ key: String) -> Duration? {
        read(key, "must be a time such as \"250ms\", \"4s\" or \"10m\"") { value in
            value.string.flatMap { DrillTime.read($0) }.flatMap { $0 < .zero ? nil : $0 }
        }
    }

    mutating func shift(_ key: String) -> Duration? {
        read(key, "must be a time such as \"1h\" or \"-61s\"") { value in
            value.string.flatMap { DrillTime.read($0) }
        }
    }

    mutating func choice<Choice>(_ key: String) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        let names = Choice.allCases.map { $0.rawValue }.joined(separator: ", ")
        return read(key, "must be one of \(names)") { value in
            value.string.flatMap { Choice(rawValue: $0) }
        }
    }

    mutating func table(_ key: String, allowing keys: [String]) -> DrillTable {
        let inner = read(key, "must be a table; write [\(key)]") { $0.table }
        return DrillTable(inner ?? TOMLTable(), in: "\(key).", allowing: keys)
    }

    mutating func tables(_ key: String, allowing keys: [String]) -> [DrillTable] {
        let inner = read(key, "must be tables; write [[\(key)]]") { value -> [TOMLTable]? in
            guard let elements = value.array else { return nil }
            let tables = elements.compactMap { $0.table }
            return tables.count == elements.count ? tables : nil
        }
        return (inner ?? []).map { DrillTable($0, in: "\(key).", allowing: keys) }
    }

    private mutating func read<Content>(
        _ key: String,
        _ rule: String,
        _ body: (TOMLValue) -> Content?
    ) -> Content? {
        guard let value = table[key] else { return nil }
        let content = body(value)
        if content == nil { complain(key, rule) }
        return content
    }
}

/// A span of time as drills write it; one that goes back begins with `-`.
enum DrillTime {
    static func read(_ text: String) -> Duration? {
        if text.hasPrefix("-") { return read(String(text.dropFirst())).map { .zero - $0 } }
        let digits = text.prefix { "0"..."9" ~= $0 }
        guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3_600)
        default: return nil
        }
    }
}
