internal import Wire

/// What all checks saw, for people and for programs.
package struct Report: Sendable {
    package struct Line: Hashable, Sendable {
        package var name: String
        package var outcome: Outcome

        package init(name: String, outcome: Outcome) {
            self.name = name
            self.outcome = outcome
        }
    }

    package private(set) var lines: [Line] = []

    package init() {}

    package mutating func append(_ name: String, _ outcome: Outcome) {
        lines.append(Line(name: name, outcome: outcome))
    }

    package var hasFailure: Bool { lines.contains { $0.outcome.isFailure } }

    /// How many checks ended how.
    package var counts: String {
        ["ok", "warn", "fail", "skipped"].compactMap { verdict in
            let count = lines.count { $0.outcome.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict)"
        }.joined(separator: ", ")
    }

    /// One check's verdict, name and sight, and its remedy indented below.
    package static func table(_ line: Line, width: Int, inColour: Bool) -> String {
        let verdict = line.outcome.verdict.padded(to: 7)
        let name = line.name.padded(to: width)
        let indent = String(repeating: " ", count: 7 + 2 + width + 2)
        let mark = inColour ? "\u{1B}[\(colour(of: line.outcome))m\(verdict)\u{1B}[0m" : verdict
        var text = "\(mark)  \(name)  "
        text += line.outcome.seen.split(separator: "\n").joined(separator: "\n" + indent) + "\n"
        for remedy in line.outcome.remedy?.split(separator: "\n") ?? [] {
            text += "\(indent)→ \(remedy)\n"
        }
        return text
    }

    private static func colour(of outcome: Outcome) -> Int {
        switch outcome {
        case .ok: 32
        case .skipped: 90
        case .warn: 33
        case .fail: 31
        }
    }

    /// `{"healthy":…,"checks":[{"name":…,"verdict":…,"seen":…,"remedy":…}]}`
    package var json: String {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.key("healthy")
            json.boolean(!hasFailure)
            json.key("checks")
            json.beginArray()
            for line in lines {
                json.beginObject()
                json.key("name")
                json.string(line.name)
                json.key("verdict")
                json.string(line.outcome.verdict)
                json.key("seen")
                json.string(line.outcome.seen)
                if let remedy = line.outcome.remedy {
                    json.key("remedy")
                    json.string(remedy)
                }
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
