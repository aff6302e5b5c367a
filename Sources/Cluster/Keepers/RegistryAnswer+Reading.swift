internal import Coordination
internal import IO
internal import Wire

// What `registry.lua` answers, which is nothing that may be trusted blindly: whoever can write to Redis may
// have written it.
extension RegistryAnswer {
    /// Nil if it is no answer to that.
    init?(_ value: RedisValue, to order: RegistryOrder) {
        guard case .array(let elements) = value, let tag = elements.first?.text else { return nil }
        let rest = elements.dropFirst()
        switch tag {
        case "done": self = .done
        case "unregistered": self = .unregistered
        case "evicted": self = .evicted
        case "refused": self = .refused
        case "stale":
            let words = rest.compactMap(\.text)
            guard words.count == 2 else { return nil }
            self = .stale(Generation(words[0]), RedisRun(words[1]))
        case "table":
            guard let (table, owned) = Self.table(rest) else { return nil }
            self = .table(table, owned: owned)
        case "namesake":
            guard let member = rest.first?.text.flatMap({ MemberID($0) }),
                let (table, _) = Self.table(rest.dropFirst())
            else { return nil }
            self = .namesake(member, table)
        case "cards":
            guard let cards = Self.cards(rest) else { return nil }
            self = .cards(cards)
        case "placed":
            guard let token = Self.token(rest.compactMap(\.text)[...]) else { return nil }
            self = .placed(token)
        case "occupied":
            guard let place = Self.place(rest.compactMap(\.text)[...]) else { return nil }
            self = .occupied(place)
        case "asserted":
            guard let answer = Self.asserted(rest) else { return nil }
            self = answer
        case "taken":
            guard let places = Self.taken(rest) else { return nil }
            self = .taken(places)
        case "listed":
            let words = rest.compactMap(\.text)
            guard words.count == rest.count, let next = words.first.flatMap({ UInt64($0) }) else {
                return nil
            }
            let channels = words.dropFirst().compactMap { Channel($0) }
            guard channels.count == words.count - 1 else { return nil }
            self = .listed(channels, next: next)
        default: return nil
        }
    }

    private static func token(_ words: ArraySlice<String>) -> Token? {
        guard words.count == 2, let first = words.first, let last = words.last,
            let generation = Generation(first), let count = UInt64(decimal: last)
        else { return nil }
        return Token(generation: generation, count: count)
    }

    private static func place(_ words: ArraySlice<String>) -> Place? {
        guard words.count == 4, let token = token(words.prefix(2)) else { return nil }
        let rest = Array(words.suffix(2))
        guard let member = MemberID(rest[0]), let life = Life(rest[1]) else { return nil }
        return Place(token: token, member: member, life: life)
    }

    private static func table(
        _ elements: ArraySlice<RedisValue>
    ) -> (MemberTable, owned: UInt64)? {
        let words = elements.compactMap(\.text)
        guard words.count == elements.count, words.count >= 2, (words.count - 2) % 3 == 0,
            let view = UInt64(decimal: words[0]), let owned = UInt64(decimal: words[1])
        else { return nil }
        var rows: [MemberTable.Row] = []
        for start in stride(from: 2, to: words.count, by: 3).prefix(MemberTable.limit) {
            guard let member = MemberID(words[start]),
                let record = MemberRecord(line: words[start + 1]),
                let orphans = UInt32(words[start + 2])
            else { return nil }
            rows.append(MemberTable.Row(member: member, record: record, orphans: orphans))
        }
        return (MemberTable(view: view, rows: rows), owned)
    }

    private static func cards(_ elements: ArraySlice<RedisValue>) -> [MemberID: MemberCard]? {
        let all = Array(elements)
        guard all.count.isMultiple(of: 2) else { return nil }
        var cards: [MemberID: MemberCard] = [:]
        for start in stride(from: 0, to: all.count, by: 2) {
            guard let member = all[start].text.flatMap({ MemberID($0) }),
                let bytes = all[start + 1].bytes, let card = try? MemberCard(packed: bytes)
            else { return nil }
            cards[member] = card
        }
        return cards
    }

    private static func asserted(_ elements: ArraySlice<RedisValue>) -> RegistryAnswer? {
        let lists = elements.compactMap { $0.elements?.compactMap(\.text) }
        guard lists.count == 2, lists[0].count.isMultiple(of: 3), lists[1].count.isMultiple(of: 5)
        else { return nil }
        var asserted: [HostedPlace] = []
        for start in stride(from: 0, to: lists[0].count, by: 3) {
            guard let channel = Channel(lists[0][start]),
                let token = token(lists[0][start + 1..<start + 3])
            else { return nil }
            asserted.append(HostedPlace(channel: channel, token: token))
        }
        var lost: [LostPlace] = []
        for start in stride(from: 0, to: lists[1].count, by: 5) {
            guard let channel = Channel(lists[1][start]),
                let place = place(lists[1][start + 1..<start + 5])
            else { return nil }
            lost.append(LostPlace(channel: channel, place: place))
        }
        return .asserted(asserted, lost: lost)
    }

    private static func taken(_ elements: ArraySlice<RedisValue>) -> [TakenPlace]? {
        let all = Array(elements)
        guard all.count.isMultiple(of: 5) else { return nil }
        var taken: [TakenPlace] = []
        for start in stride(from: 0, to: all.count, by: 5) {
            let words = all[start..<start + 4].compactMap(\.text)
            guard words.count == 4, let channel = Channel(words[0]),
                let token = token(words[1..<3]), let snapshot = all[start + 4].bytes
            else { return nil }
            let isKept = words[3] == "1"
            taken.append(
                TakenPlace(channel: channel, token: token, snapshot: isKept ? snapshot : nil)
            )
        }
        return taken
    }
}

extension MemberRecord {
    /// Reads a record as the script writes it.
    fileprivate init?(line: String) {
        let words = line.split(separator: " ")
        guard words.count == 13, let life = Life(words[0]),
            let incarnation = Incarnation(words[1]), let sequence = UInt64(decimal: words[2]),
            let since = UInt64(decimal: words[3]), let seen = UInt64(decimal: words[4]),
            let asserted = Generation(words[5]), let state = State(rawValue: String(words[6])),
            let load = MemberLoad(words[7...])
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
