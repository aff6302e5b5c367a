internal import Basics
internal import Coordination
internal import Crypto
internal import Glibc
internal import IO
internal import Wire

// Who is dialled, and when.
extension Links {
    /// Dials whom it is time to dial, and comes again when it is time for the next.
    func round() {
        guard !isClosed else { return }
        let now = loop.now
        for (member, neighbour) in neighbours.sorted(by: { $0.key < $1.key })
        where neighbour.direct == nil && neighbour.dialling == nil {
            guard let address = neighbour.address, neighbour.nextDial <= now else { continue }
            let isOurs = identity.member < member
            neighbour.nextDial = now + Self.dialTime
            if isOurs || neighbour.failures > 0 {
                dial(member, address)
            } else {
                // The other dials; if it doesn't, we do.
                neighbour.failures = 1
            }
        }
        askThirds(now)
        let due = neighbours.values
            .filter { $0.direct == nil && $0.address != nil }
            .flatMap { neighbour in
                let asks = neighbour.path == nil && identity.member < neighbour.member
                return [
                    neighbour.dialling == nil ? neighbour.nextDial : nil,
                    asks ? neighbour.nextRelay : nil,
                ]
            }
            .compactMap(\.self).min()
        guard let due, nextRound.map({ due < $0 || $0 <= now }) ?? true else { return }
        nextRound = due
        loop.schedule(at: max(due, now + .milliseconds(10))) { [weak self] in
            self?.assumeIsolated { links in
                links.nextRound = nil
                links.round()
            }
        }
    }

    private func dial(_ member: MemberID, _ address: String) {
        LinkAddress.find(address, resolver) { [weak self] finding in
            self?.visit { links in
                switch finding {
                case .found(let address): links.dial(member, at: address)
                case .missing(let why): links.complain(member, why)
                }
            }
        }
    }

    private func dial(_ member: MemberID, at address: SocketAddress) {
        guard let neighbour = neighbours[member], neighbour.direct == nil,
            neighbour.dialling == nil, !isClosed
        else { return }
        do throws(SystemFault) {
            let connection = try LinkConnection(dialling: address, of: member, by: self, security)
            neighbour.dialling = connection
            let fault = connection.assumeIsolated { $0.begin() }
            if let fault { lost(connection, fault) }
        } catch {
            complain(member, error.description)
            wait(neighbour)
        }
    }

    /// For a connection that was dialled and is about to be the link.
    func hello(to member: MemberID) -> LinkHello {
        // What came by another way after this would come again by this one.
        if let neighbour = neighbours[member], neighbour.relay != nil {
            broke(neighbour, "it is reached without a third again")
        }
        return greeting(member)
    }

    func greeting(_ member: MemberID) -> LinkHello {
        LinkHello(
            versions: identity.versions,
            cluster: identity.cluster,
            from: identity.member.description,
            to: member.description,
            received: neighbours[member]?.ledger.received ?? 0,
            ledger: neighbours[member]?.ledgerID ?? 0,
            otherLedger: neighbours[member]?.otherLedgerID ?? 0
        )
    }

    func wait(_ neighbour: LinkNeighbour) {
        neighbour.failures += 1
        var random = SecureRandom()
        let most = min(50 << min(neighbour.failures, 5), 1_000)
        let pause = Duration.milliseconds(Int.random(in: most / 2...most, using: &random))
        neighbour.nextDial = loop.now + pause
        round()
    }

    /// The longest that one attempt may take before the next is thought of.
    private static let dialTime = Duration.milliseconds(500)
}
