package import Coordination
package import IO

/// Reading what the scripts answer. Redis is shared, and others may have written what they should not:
/// rows that can't be read are left out, answers that can't be are nil.
extension RegistryAnswer {
    package init?(_ value: RedisValue, to request: RegistryRequest) {
        guard let parts = value.elements, let word = parts.first?.text else { return nil }
        switch word {
        case "STALE":
            guard parts.count >= 2, let ground = parts[1].text else { return nil }
            let words = ground.split(separator: " ")
            self = .stale(
                words.first.flatMap { Generation($0) },
                words.last.flatMap { RedisRun($0) }
            )
        case "DONE": self = .done
        case "UNREGISTERED": self = .unregistered
        case "EVICTED": self = .evicted
        case "REFUSED": self = .refused
        case "TABLE":
            guard parts.count >= 5, let owned = parts[2].count,
                let table = MemberTable(view: parts[1], members: parts[3], orphans: parts[4])
            else { return nil }
            self = .table(table, owned: owned)
        case "NAMESAKE":
            guard parts.count >= 5, let member = parts[1].text.flatMap({ MemberID($0) }),
                let table = MemberTable(view: parts[2], members: parts[3], orphans: parts[4])
            else { return nil }
            self = .namesake(member, table)
        case "CARDS":
            guard parts.count >= 2, let cards = Self.cards(parts[1]) else { return nil }
            self = .cards(cards)
        case "PLACED":
            guard parts.count >= 2, let count = parts[1].count else { return nil }
            self = .placed(Token(generation: request.generation, count: count))
        case "OCCUPIED":
            guard parts.count >= 4, let place = Place(parts[1...]) else { return nil }
            self = .occupied(place)
        case "ASSERTED":
            guard parts.count >= 2, let lost = Self.lost(parts[1]),
                case .reassert(_, _, let places) = request.order
            else { return nil }
            let gone = Set(lost.map(\.channel))
            self = .asserted(places.filter { !gone.contains($0.channel) }, lost: lost)
        case "TAKEN":
            guard let places = Self.taken(parts.dropFirst(), request.generation) else { return nil }
            self = .taken(places)
        case "LISTED":
            guard parts.count >= 3, let next = parts[1].count, let names = parts[2].elements
            else { return nil }
            self = .listed(
                names.compactMap { $0.text.flatMap { Channel($0) } }.sorted(),
                next: next
            )
        default: return nil
        }
    }

    private static func cards(_ value: RedisValue) -> [MemberID: MemberCard]? {
        guard let pairs = value.pairs else { return nil }
        var cards: [MemberID: MemberCard] = [:]
        for (name, text) in pairs {
            guard let member = MemberID(name),
                let card = text.text.flatMap({ MemberCard(text: $0) })
            else { continue }
            cards[member] = card
        }
        return cards
    }

    private static func lost(_ value: RedisValue) -> [LostPlace]? {
        guard let parts = value.elements, parts.count % 4 == 0 else { return nil }
        var lost: [LostPlace] = []
        for start in stride(from: 0, to: parts.count, by: 4) {
            guard let channel = parts[start].text.flatMap({ Channel($0) }),
                let place = Place(parts[(start + 1)...])
            else { return nil }
            lost.append(LostPlace(channel: channel, place: place))
        }
        return lost
    }

    private static func taken(
        _ parts: ArraySlice<RedisValue>,
        _ generation: Generation
    ) -> [TakenPlace]? {
        guard parts.count % 3 == 0 else { return nil }
        var places: [TakenPlace] = []
        for start in stride(from: parts.startIndex, to: parts.endIndex, by: 3) {
            guard let channel = parts[start].text.flatMap({ Channel($0) }),
                let count = parts[start + 1].count
            else { return nil }
            places.append(
                TakenPlace(
                    channel: channel,
                    token: Token(generation: generation, count: count),
                    snapshot: parts[start + 2].bytes
                )
            )
        }
        return places
    }
}

extension MemberTable {
    fileprivate init?(view: RedisValue, members: RedisValue, orphans: RedisValue) {
        guard let view = view.count, let records = members.pairs, let counts = orphans.pairs
        else { return nil }
        var left: [String: UInt32] = [:]
        for (member, count) in counts { left[member] = UInt32(clamping: count.count ?? 0) }
        var rows: [Row] = []
        for (name, text) in records.prefix(Self.limit) {
            guard let member = MemberID(name),
                let record = text.text.flatMap({ MemberRecord(text: $0) })
            else { continue }
            rows.append(Row(member: member, record: record, orphans: left[name] ?? 0))
        }
        self.init(view: view, rows: rows)
    }
}

extension Place {
    /// Token, member and life, in this order.
    fileprivate init?(_ parts: ArraySlice<RedisValue>) {
        let words = parts.prefix(3).compactMap(\.text)
        guard words.count == 3, let token = Token(words[0]), let member = MemberID(words[1]),
            let life = Life(words[2])
        else { return nil }
        self.init(token: token, member: member, life: life)
    }
}

extension RedisValue {
    /// A number that is none below 0.
    fileprivate var count: UInt64? { number.flatMap { UInt64(exactly: $0) } }

    /// Names and what follows each.
    fileprivate var pairs: [(name: String, value: RedisValue)]? {
        guard let parts = elements, parts.count % 2 == 0 else { return nil }
        var pairs: [(name: String, value: RedisValue)] = []
        for start in stride(from: 0, to: parts.count, by: 2) {
            guard let name = parts[start].text else { return nil }
            pairs.append((name, parts[start + 1]))
        }
        return pairs
    }
}
