internal import Coordination

/// How loads, cards and records are written in Redis, for operators to read.
extension MemberLoad {
    var text: String {
        "\(calls) \(sessions) \(callLimit) \(sessionLimit) \(busyThousandths) \(isMarked ? 1 : 0)"
    }

    init?(words: ArraySlice<Substring>) {
        let numbers = words.compactMap { UInt64(decimal: $0).flatMap { UInt32(exactly: $0) } }
        guard words.count >= 6, numbers.count == words.count else { return nil }
        self.init(
            calls: numbers[0],
            sessions: numbers[1],
            callLimit: numbers[2],
            sessionLimit: numbers[3],
            busyThousandths: numbers[4],
            isMarked: numbers[5] != 0
        )
    }
}

extension MemberCard {
    /// A line each. Later versions may have more lines, which earlier ones don't look at.
    var text: String {
        [cluster, web, media].map { Self.line($0) }.joined(separator: "\n")
            + "\n\(oldestVersion) \(newestVersion)"
    }

    init?(text: String) {
        guard text.utf8.count <= Self.addressLimit * 4 else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4 else { return nil }
        let versions = lines[3].split(separator: " ")
        guard versions.count == 2, let oldest = UInt16(versions[0]),
            let newest = UInt16(versions[1]), oldest <= newest
        else { return nil }
        self.init(
            cluster: String(lines[0]),
            web: String(lines[1]),
            media: String(lines[2]),
            oldestVersion: oldest,
            newestVersion: newest
        )
    }

    private static func line(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar.value != 0x7F {
            guard line.utf8.count + UTF8.width(scalar) <= addressLimit else { break }
            line.unicodeScalars.append(scalar)
        }
        return line
    }
}

extension MemberRecord {
    /// "state life incarnation sequence since seen asserted", then the load.
    init?(text: String) {
        guard text.utf8.count <= 512 else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 13, let state = State(rawValue: String(words[0])),
            let life = Life(words[1]), let incarnation = Incarnation(words[2]),
            let sequence = UInt64(decimal: words[3]), let since = UInt64(decimal: words[4]),
            let seen = UInt64(decimal: words[5]), let asserted = Generation(words[6]),
            let load = MemberLoad(words: words[7..<13])
        else { return nil }
        self.init(
            life: life,
            incarnation: incarnation,
            sequence: sequence,
            since: since,
            seen: seen,
            asserted: asserted,
            state: state,
            load: load
        )
    }
}
