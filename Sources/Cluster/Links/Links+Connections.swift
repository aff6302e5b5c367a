internal import Basics
internal import Coordination
internal import IO
internal import Wire

// What connections tell, and what comes over them.
extension Links {
    func accept(_ descriptor: Int32, from address: SocketAddress) {
        let connection = LinkConnection(accepted: descriptor, from: address, by: self, security)
        guard !isClosed, strangers.count < Self.strangerLimit else {
            figures.refused.child("full").add()
            return connection.assumeIsolated { $0.end() }
        }
        strangers[ObjectIdentifier(connection)] = connection
        if let fault = connection.assumeIsolated({ $0.begin() }) {
            lost(connection, fault)
        }
    }

    /// A connection has failed, was closed by the other side, or has fallen silent.
    func lost(_ connection: LinkConnection, _ why: String, isSilent: Bool = false) {
        let peer = connection.assumeIsolated { $0.peer }
        if strangers.removeValue(forKey: ObjectIdentifier(connection)) != nil {
            figures.refused.child("stranger").add()
            if case .stranger(let address) = peer {
                log.limited(
                    .warning,
                    by: &refusals,
                    at: loop.now,
                    "a connection to the cluster's port was given up",
                    ["from": .string(address.description), "why": .string(why)]
                )
            }
            return
        }
        guard let member = peer.member, let neighbour = neighbours[member] else { return }
        if neighbour.dialling === connection {
            neighbour.dialling = nil
            complain(member, why)
            wait(neighbour)
        } else if neighbour.direct === connection {
            figures.broken.add()
            log.warning(
                "a link to another node has broken",
                ["node": .string(member.description), "why": .string(why)]
            )
            broke(neighbour, why)
            // It was waited for long enough, and dialling it anew may well be in vain.
            if isSilent { neighbour.nextRelay = loop.now }
            endRelays(through: member)
            neighbour.failures = 0
            wait(neighbour)
            guard neighbour.address == nil else { return }
            loop.schedule(at: loop.now + Self.strangerTime) { [weak self] in
                self?.assumeIsolated { $0.forgetStranger(member) }
            }
        }
    }

    /// The path to a member is no more.
    func broke(_ neighbour: LinkNeighbour, _ why: String) {
        guard neighbour.path != nil else { return }
        end(neighbour)
        neighbour.nextRelay = loop.now + Self.relayPause
        neighbour.trouble = why
        figures.linked.set(Double(linkedMembers.count))
        receiver?.linkBroke(to: neighbour.member, why: why)
    }

    /// Lets go of the path to a member.
    func end(_ neighbour: LinkNeighbour) {
        switch neighbour.path {
        case .direct(let connection): connection.assumeIsolated { $0.end() }
        case .relayed(let relay): pass([], on: relay)
        case nil: break
        }
        neighbour.path = nil
        neighbour.asking = nil
    }

    func complain(_ member: MemberID, _ why: String) {
        neighbours[member]?.trouble = why
        log.limited(
            .warning,
            by: &refusals,
            at: loop.now,
            "another node can't be reached",
            ["node": .string(member.description), "why": .string(why)]
        )
    }

    func take(_ frame: ClusterFrame, from connection: LinkConnection) {
        switch (frame, connection.assumeIsolated { $0.peer }) {
        case (.hello(let hello), .stranger): welcome(hello, on: connection)
        case (.certificate(let bytes), .stranger): take(certificate: bytes, from: connection)
        case (.welcome(let welcome), .dialled(let member)): enter(welcome, member, connection)
        case (.refusal(let why), .dialled(let member)):
            neighbours[member]?.dialling = nil
            connection.assumeIsolated { $0.end() }
            refused(by: member, why)
        case (.relayed(let frame), .known(let member)):
            guard let neighbour = neighbours[member], neighbour.direct === connection else {
                return
            }
            take(frame, from: neighbour)
        case (let frame, .known(let member)):
            guard let neighbour = neighbours[member], neighbour.direct === connection else {
                return
            }
            guard take(frame, from: neighbour) else { fallthrough }
        default:
            connection.assumeIsolated {
                $0.refuse("this frame has no place here; speak hello first")
            }
            lost(connection, "it sent a frame out of place")
        }
    }

    /// What comes over a path that is open. False if it has no place there.
    func take(_ frame: ClusterFrame, from neighbour: LinkNeighbour) -> Bool {
        switch frame {
        case .acknowledgement(let count):
            do throws(LinkLedger.Fault) {
                try neighbour.ledger.settle(count)
            } catch {
                abandon(neighbour, error)
            }
        case .pulse(let bytes): receiver?.pulse(bytes, from: neighbour.member)
        case .parcel(let parcel):
            if neighbour.ledger.count(bytes: parcel.size),
                let count = neighbour.ledger.acknowledgement()
            {
                send(ClusterFrame.acknowledgement(count).bytes, to: neighbour)
            }
            figures.parcels.add()
            receiver?.parcel(parcel, from: neighbour.member)
        case .hello, .welcome, .refusal, .certificate, .relayed: return false
        }
        return true
    }

    func refused(by member: MemberID, _ why: String) {
        figures.refused.child("by_peer").add()
        complain(member, "it refuses: \(why)")
        guard let neighbour = neighbours[member] else { return }
        // By another way it would say the same.
        neighbour.nextRelay = loop.now + Self.refusedPause
        wait(neighbour)
    }

    func abandon(_ neighbour: LinkNeighbour, _ fault: LinkLedger.Fault) {
        log.error(
            "a link begins anew",
            ["node": .string(neighbour.member.description), "why": .error(fault)]
        )
        beginAnew(neighbour.member)
        round()
    }

    /// What the other counts is not what we count: nothing that is on the way can be relied on.
    @discardableResult
    func beginAnew(_ member: MemberID) -> LinkNeighbour? {
        let address = neighbours[member]?.address
        forget(member)
        let neighbour = neighbour(member)
        neighbour?.address = address
        return neighbour
    }

    /// A member's guard says that the member is dead.
    private func take(certificate bytes: [UInt8], from connection: LinkConnection) {
        strangers[ObjectIdentifier(connection)] = nil
        defer { connection.assumeIsolated { $0.end() } }
        // What is wrong with one that counts for nothing, no guard is there to be told any more.
        guard let certificate = try? DeathCertificate(packed: bytes),
            certificate.cluster == identity.cluster,
            connection.assumeIsolated({ $0.proves(certificate.member) })
        else { return figures.refused.child("certificate").add() }
        log.warning(
            "another node's process has ended, says its guard",
            ["node": .string(certificate.member.description)]
        )
        receiver?.certified(certificate.member, certificate.life)
    }
}

extension Parcel {
    /// About so many bytes.
    fileprivate var size: Int {
        switch self {
        case .call(let call): call.arguments.count + 32
        case .letter(let letter): letter.content.count + 32
        case .reply(_, let bytes): bytes.count + 16
        case .fault, .cancel: 64
        }
    }
}
