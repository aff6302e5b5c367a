internal import Basics
internal import Coordination
internal import IO
internal import Wire

// How a connection, or a way through a third, becomes the link.
extension Links {
    func welcome(_ hello: LinkHello, on connection: LinkConnection) {
        strangers[ObjectIdentifier(connection)] = nil
        welcome(hello, on: .direct(connection))
    }

    func welcome(_ hello: LinkHello, on path: LinkPath) {
        func refuse(_ word: String, _ why: String) {
            figures.refused.child(word).add()
            log.limited(
                .warning,
                by: &refusals,
                at: loop.now,
                "a node was refused",
                ["node": .string(hello.from), "why": .string(why)]
            )
            if let member = MemberID(hello.from) { neighbours[member]?.trouble = why }
            switch path {
            case .direct(let connection): connection.assumeIsolated { $0.refuse(why) }
            case .relayed(let relay): pass(content(of: .refusal(why)), on: relay)
            }
        }
        guard hello.cluster == identity.cluster else {
            return refuse("cluster", "this is cluster \(identity.cluster), not \(hello.cluster)")
        }
        guard hello.to == identity.member.description, let member = MemberID(hello.from) else {
            return refuse("member", "this is \(identity.member), not \(hello.to)")
        }
        guard member.name != identity.member.name else {
            return refuse("twin", "there are two nodes of the name \(member.name); rename one")
        }
        guard proves(member, path) else {
            return refuse("name", "the certificate does not bear the name \(member.name)")
        }
        let version = min(hello.versions.upperBound, identity.versions.upperBound)
        guard version >= max(hello.versions.lowerBound, identity.versions.lowerBound) else {
            let why =
                "\(identity.member.name) speaks link versions \(identity.versions.text) and "
                + "\(member.name) \(hello.versions.text), which have none in common; upgrade one "
                + "release at a time"
            return refuse("version", why)
        }
        guard var neighbour = neighbour(member) else {
            return refuse("full", "this node has \(Self.neighbourLimit) links, which is the limit")
        }
        if neighbour.otherLedgerID != 0, neighbour.otherLedgerID != hello.ledger {
            guard let fresh = beginAnew(member) else { return }
            neighbour = fresh
        }
        if neighbour.path != nil { broke(neighbour, "it has dialled again") }
        let answer = LinkWelcome(
            version: version,
            received: neighbour.ledger.received,
            ledger: neighbour.ledgerID
        )
        // It still counts for a ledger that is no more here, learns so from the answer, and dials again.
        let isKnown = [0, neighbour.ledgerID].contains(hello.otherLedger)
        switch path {
        case .direct(let connection):
            connection.assumeIsolated { connection in
                connection.send(ClusterFrame.welcome(answer).bytes)
                if !isKnown { connection.hangUp() }
            }
        case .relayed(let relay): pass(content(of: .welcome(answer)), on: relay)
        }
        guard isKnown else { return }
        neighbour.otherLedgerID = hello.ledger
        open(path, neighbour, received: hello.received, version)
    }

    /// A member that has come through a third was believed there, and the third is believed here.
    private func proves(_ member: MemberID, _ path: LinkPath) -> Bool {
        switch path {
        case .direct(let connection): connection.assumeIsolated { $0.proves(member) }
        case .relayed(let relay): relay.member == member
        }
    }

    func enter(_ welcome: LinkWelcome, _ member: MemberID, _ connection: LinkConnection) {
        guard let neighbour = neighbours[member], neighbour.dialling === connection else {
            return connection.assumeIsolated { $0.end() }
        }
        neighbour.dialling = nil
        let greeted = connection.assumeIsolated { $0.greetedWith }
        if !enter(welcome, neighbour, on: .direct(connection), greetedWith: greeted) {
            connection.assumeIsolated { $0.end() }
        }
    }

    /// The other side has answered our hello. False if nothing comes of it.
    func enter(
        _ welcome: LinkWelcome,
        _ neighbour: LinkNeighbour,
        on path: LinkPath,
        greetedWith greeted: UInt64
    ) -> Bool {
        // What came meanwhile by another connection would come again by this one.
        guard neighbour.path == nil, neighbour.ledger.received == greeted,
            identity.versions.contains(welcome.version)
        else {
            if neighbour.path == nil { wait(neighbour) }
            return false
        }
        guard [0, welcome.ledger].contains(neighbour.otherLedgerID) else {
            beginAnew(neighbour.member)
            round()
            return false
        }
        neighbour.otherLedgerID = welcome.ledger
        open(path, neighbour, received: welcome.received, welcome.version)
        return true
    }

    private func open(
        _ path: LinkPath,
        _ neighbour: LinkNeighbour,
        received: UInt64,
        _ version: UInt64
    ) {
        let member = neighbour.member
        do throws(LinkLedger.Fault) {
            let again = try neighbour.ledger.resume(received)
            if case .direct(let connection) = path {
                let patience = patience(with: version)
                connection.assumeIsolated { $0.open(to: member, patience: patience) }
                neighbour.failures = 0
                neighbour.trouble = nil
            }
            neighbour.path = path
            neighbour.asking = nil
            neighbour.version = version
            for frame in again { send(frame, to: neighbour) }
        } catch {
            if case .direct(let connection) = path { connection.assumeIsolated { $0.end() } }
            return abandon(neighbour, error)
        }
        figures.linked.set(Double(linkedMembers.count))
        if let relay = neighbour.relay {
            log.warning(
                "another node is spoken to through a third, until it can be reached",
                [
                    "node": .string(member.description), "third": .string("\(relay.third)"),
                    "why": .string(neighbour.trouble ?? "it could not be dialled"),
                ]
            )
            watchRelays()
        } else {
            log.info("linked to another node", ["node": .string(member.description)])
        }
        receiver?.linkOpened(to: member)
    }
}

extension ClosedRange<UInt64> {
    fileprivate var text: String {
        lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)"
    }
}
