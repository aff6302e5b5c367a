internal import Basics
internal import Coordination
internal import Glibc
internal import Wire

/// One line of what a claimant says of a mutex or a place.
struct ClaimantWord: Hashable {
    enum Kind: String {
        /// It is given it; it was asked for at `since`.
        case has
        /// It may use it at this moment: its own gate is open.
        case uses
        /// It gives it up, and does not use it any more.
        case frees
        /// It asked, and was not given it.
        case misses
    }

    var kind: Kind
    var name: String
    var fence: Token?
    var at: Instant
    var since: Instant?

    init(
        _ kind: Kind,
        _ name: String,
        _ fence: Token?,
        at: Instant,
        since: Instant? = nil
    ) {
        self.kind = kind
        self.name = name
        self.fence = fence
        self.at = at
        self.since = since
    }

    /// As the history of a drill has it.
    var hold: DrillHistory.Hold {
        let kind: DrillHistory.Hold.Kind =
            switch self.kind {
            case .has: .has(since: since ?? at)
            case .uses: .uses
            case .frees: .frees
            case .misses: .misses
            }
        return DrillHistory.Hold(kind, name, fence?.description ?? "")
    }

    /// Writes it at once, so that whatever ends the process leaves it behind.
    func say() {
        var line: [UInt8] = []
        JSONWriter.append(to: &line) { json in
            json.beginObject()
            json.member("what", kind.rawValue)
            json.member("name", name)
            if let fence { json.member("fence", fence.description) }
            json.member("at", at.nanoseconds)
            if let since { json.member("since", since.nanoseconds) }
            json.endObject()
        }
        line.append(UInt8(ascii: "\n"))
        _ = unsafe write(STDOUT_FILENO, line, line.count)
    }

    /// Reads a line; nil if it is none, as the last one of a claimant that was killed may be.
    init?(_ line: Substring) {
        guard let json = try? JSONValue(parsing: [UInt8](line.utf8).span),
            let kind = json["what"]?.string.flatMap({ Kind(rawValue: $0) }),
            let name = json["name"]?.string, let at = json["at"]?.integer
        else { return nil }
        self.init(
            kind,
            name,
            json["fence"]?.string.flatMap { Token($0) },
            at: Instant(nanoseconds: at),
            since: json["since"]?.integer.map { Instant(nanoseconds: $0) }
        )
    }
}
