internal import Coordination

extension SimulatedRedis {
    mutating func register(_ registration: Registration) -> RegistryAnswer {
        let member = registration.member
        if var record = members[member] {
            if record.life > registration.life { return .evicted }
            if record.life == registration.life {
                guard record.isAlive else { return .evicted }
                record.incarnation = max(record.incarnation, registration.incarnation)
                record.sequence = max(record.sequence, registration.sequence) + 1
                record.load = registration.load
                members[member] = record
                cards[member] = registration.card
                return .table(table, owned: ownedCount(member))
            }
        }
        let namesakes = members.filter {
            $0.key != member && $0.key.name == member.name && $0.value.isAlive
        }
        for (namesake, record) in namesakes.sorted(by: { $0.key < $1.key }) {
            guard let replaced = registration.replaces, replaced.member == namesake,
                replaced.life == record.life, replaced.incarnation == record.incarnation,
                replaced.sequence == record.sequence
            else { return .namesake(namesake, table) }
            members[namesake]?.state = .dead
        }
        view += 1
        members[member] = MemberRecord(
            life: registration.life,
            incarnation: registration.incarnation,
            sequence: registration.sequence,
            since: view,
            seen: 0,
            asserted: registration.asserted,
            load: registration.load
        )
        cards[member] = registration.card
        return .table(table, owned: ownedCount(member))
    }

    mutating func renew(_ renewal: Renewal) -> RegistryAnswer {
        if let objection = objection(to: renewal.member, renewal.life) { return objection }
        guard var record = members[renewal.member] else { return .unregistered }
        record.sequence = max(record.sequence, renewal.sequence) + 1
        record.seen = renewal.seen
        record.asserted = renewal.asserted
        record.load = renewal.load
        members[renewal.member] = record
        return .table(table, owned: ownedCount(renewal.member))
    }

    mutating func bump(
        _ member: MemberID,
        _ life: Life,
        to incarnation: Incarnation
    ) -> RegistryAnswer {
        if let objection = objection(to: member, life) { return objection }
        guard var record = members[member] else { return .unregistered }
        if record.incarnation < incarnation {
            record.incarnation = incarnation
            record.sequence += 1
            members[member] = record
        }
        return .done
    }

    mutating func drain(
        _ member: MemberID,
        _ life: Life,
        _ isDraining: Bool
    ) -> RegistryAnswer {
        if let objection = objection(to: member, life) { return objection }
        members[member]?.state = isDraining ? .draining : .up
        return .done
    }

    /// What a leaving member has not ended is left to be taken over.
    mutating func leave(_ member: MemberID, _ life: Life) -> RegistryAnswer {
        if let objection = objection(to: member, life) { return objection }
        view += 1
        if ownedCount(member) > 0 {
            members[member]?.state = .dead
        } else {
            members[member] = nil
            cards[member] = nil
        }
        return .done
    }

    /// A member that Redis has forgotten is noted as dead, so that it can't come back in that life.
    mutating func evict(_ eviction: Eviction) -> RegistryAnswer {
        guard eviction.view == view || flaws.contains(.evictionIsBlind) else { return .refused }
        if var record = members[eviction.member] {
            let isSame =
                record.life == eviction.life && record.incarnation == eviction.incarnation
                && record.sequence == eviction.sequence
            guard record.isAlive, isSame || flaws.contains(.evictionIsBlind) else {
                return .refused
            }
            record.state = .dead
            members[eviction.member] = record
            view += 1
        } else {
            view += 1
            members[eviction.member] = MemberRecord(
                life: eviction.life,
                incarnation: eviction.incarnation,
                sequence: eviction.sequence,
                since: view,
                seen: 0,
                state: .dead
            )
        }
        return .table(table, owned: 0)
    }

    mutating func bury(_ member: MemberID, _ life: Life) -> RegistryAnswer {
        guard let record = members[member], record.life == life, !record.isAlive,
            ownedCount(member) == 0
        else { return .refused }
        members[member] = nil
        cards[member] = nil
        return .done
    }

    private func ownedCount(_ member: MemberID) -> UInt64 {
        UInt64(owned[member, default: []].count)
    }
}
