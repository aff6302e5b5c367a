internal import Basics
internal import Coordination
internal import Wire

/// Another member, as the ``Links`` know it, from the first word of it until it is given up. On their loop.
final class LinkNeighbour {
    let member: MemberID
    var ledger = LinkLedger()
    /// Both sides' ledgers by number, for a member that has lost its own counts from 0 again.
    let ledgerID = UInt64.random(in: 1...UInt64.max)
    var otherLedgerID: UInt64 = 0
    /// How it is spoken to; nil while it can't be.
    var path: LinkPath?
    /// Where it can be dialled; nil while nobody has said that it is a member.
    var address: String?
    var dialling: LinkConnection?
    var nextDial: Instant
    var failures = 0
    var version: UInt64 = 0
    /// Why there is no link, as far as that is known.
    var trouble: String?
    /// A way through a third member that has yet to be answered.
    var asking: LinkRelay?
    var nextRelay: Instant
    /// Which third member was tried last, so that all have their turn.
    var relayTurn = 0

    init(_ member: MemberID, at now: Instant) {
        self.member = member
        nextDial = now
        nextRelay = now + Links.relayPause
    }

    /// The connection of its own, if it has one.
    var direct: LinkConnection? {
        guard case .direct(let connection) = path else { return nil }
        return connection
    }

    var relay: LinkRelay? {
        guard case .relayed(let relay) = path else { return nil }
        return relay
    }
}
