internal import Coordination

extension SimulatedRedis {
    mutating func place(
        _ channel: Channel,
        _ member: MemberID,
        _ life: Life,
        above: Token?
    ) -> RegistryAnswer {
        if let objection = objection(to: member, life) { return objection }
        if let above, let generation, above.generation > generation {
            return .stale(generation, begun)
        }
        if let entry = places[channel], vouches(for: entry.place) {
            return .occupied(entry.place)
        }
        if let above, above.generation == generation { count = max(count, above.count) }
        let isOrphan = places[channel] != nil
        let token = nextToken(for: channel)
        write(channel, Place(token: token, member: member, life: life))
        guard isOrphan else { return .placed(token) }
        return .taken([TakenPlace(channel: channel, token: token, snapshot: snapshots[channel])])
    }

    mutating func reassert(
        _ member: MemberID,
        _ life: Life,
        _ claimed: [HostedPlace]
    ) -> RegistryAnswer {
        if let objection = objection(to: member, life) { return objection }
        if flaws.contains(.nothingIsSaidAgain) { return .asserted(claimed, lost: []) }
        var asserted: [HostedPlace] = []
        var lost: [RegistryAnswer.LostPlace] = []
        for claim in claimed {
            let entry = places[claim.channel]
            if claim.token.generation == generation { count = max(count, claim.token.count) }
            if let entry {
                let isMine = entry.place.token == claim.token && entry.place.member == member
                if isMine {
                    places[claim.channel]?.place.life = life
                    asserted.append(claim)
                    continue
                }
                let isOlder =
                    entry.place.token < claim.token
                    || (entry.place.token == claim.token && !vouches(for: entry.place))
                guard isOlder else {
                    lost.append(
                        RegistryAnswer.LostPlace(channel: claim.channel, place: entry.place)
                    )
                    continue
                }
            }
            write(claim.channel, Place(token: claim.token, member: member, life: life))
            asserted.append(claim)
        }
        return .asserted(asserted, lost: lost)
    }

    mutating func takeOver(
        _ member: MemberID,
        _ life: Life,
        from former: MemberID,
        _ channels: [Channel]
    ) -> RegistryAnswer {
        if let objection = objection(to: member, life) { return objection }
        var taken: [TakenPlace] = []
        for channel in channels {
            guard let entry = places[channel], entry.place.member == former else {
                owned[former]?.remove(channel)
                continue
            }
            if former != member {
                guard !vouches(for: entry.place) else { continue }
                if let target = entry.target, target.member != member,
                    members[target.member]?.vouches(for: target.life) == true
                {
                    continue
                }
            }
            let token = nextToken(for: channel)
            write(channel, Place(token: token, member: member, life: life))
            taken.append(
                TakenPlace(channel: channel, token: token, snapshot: snapshots[channel])
            )
        }
        return .taken(taken)
    }

    mutating func end(_ member: MemberID, _ ended: HostedPlace) -> RegistryAnswer {
        guard let entry = places[ended.channel] else {
            owned[member]?.remove(ended.channel)
            return .refused
        }
        let isIt = entry.place.token == ended.token && entry.place.member == member
        guard isIt || flaws.contains(.endIsUnconditional) else { return .occupied(entry.place) }
        owned[entry.place.member]?.remove(ended.channel)
        places[ended.channel] = nil
        snapshots[ended.channel] = nil
        return .done
    }

    mutating func beginMove(
        _ moved: HostedPlace,
        to target: MemberID,
        _ life: Life
    ) -> RegistryAnswer {
        guard let entry = places[moved.channel] else { return .refused }
        guard entry.place.token == moved.token else { return .occupied(entry.place) }
        guard let record = members[target], record.vouches(for: life), record.state == .up
        else { return .refused }
        places[moved.channel]?.target = (target, life)
        return .done
    }

    mutating func finishMove(_ moved: HostedPlace) -> RegistryAnswer {
        guard let entry = places[moved.channel] else { return .refused }
        guard entry.place.token == moved.token else { return .occupied(entry.place) }
        guard let target = entry.target, members[target.member]?.vouches(for: target.life) == true
        else {
            places[moved.channel]?.target = nil
            return .refused
        }
        let token = nextToken(for: moved.channel)
        write(moved.channel, Place(token: token, member: target.member, life: target.life))
        return .placed(token)
    }

    mutating func abortMove(_ moved: HostedPlace) -> RegistryAnswer {
        guard let entry = places[moved.channel] else { return .refused }
        guard entry.place.token == moved.token else { return .occupied(entry.place) }
        places[moved.channel]?.target = nil
        return .done
    }

    mutating func save(_ saved: HostedPlace, _ blob: [UInt8]) -> RegistryAnswer {
        guard let entry = places[saved.channel] else { return .refused }
        guard entry.place.token == saved.token else { return .occupied(entry.place) }
        snapshots[saved.channel] = blob
        return .done
    }

    private mutating func write(_ channel: Channel, _ place: Place) {
        if let old = places[channel]?.place.member { owned[old]?.remove(channel) }
        places[channel] = Entry(place: place)
        owned[place.member, default: []].insert(channel)
    }

    private mutating func nextToken(for channel: Channel) -> Token {
        count += 1
        guard !flaws.contains(.tokensWithoutGeneration) else {
            return Token(generation: Generation(1), count: count)
        }
        return Token(generation: generation ?? .none, count: count)
    }
}
