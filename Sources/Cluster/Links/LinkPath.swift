internal import Basics
internal import Coordination

/// How a member is spoken to: by a connection of its own, or through a third member that both are linked to.
enum LinkPath {
    case direct(LinkConnection)
    case relayed(LinkRelay)
}

/// A way to a member through a third, which passes on what is sent and keeps nothing. On the loop of the
/// ``Links``.
///
///     asking ──▶ open ──▶ gone, also when the third member's link to either breaks
///
/// Frames come in order or the way ends: whoever gets one of a way that it does not know says so.
final class LinkRelay {
    let member: MemberID
    let third: MemberID
    let way: UInt64
    /// How many parcels our hello has said to have come.
    let greetedWith: UInt64
    /// What has gone and come on it.
    var sent: UInt64 = 0
    var received: UInt64 = 0
    var heard: Instant

    init(
        to member: MemberID,
        through third: MemberID,
        way: UInt64,
        greetedWith: UInt64,
        at now: Instant
    ) {
        self.member = member
        self.third = third
        self.way = way
        self.greetedWith = greetedWith
        heard = now
    }

    /// Counts what has come. False if something is missing before it.
    func count(_ number: UInt64, at now: Instant) -> Bool {
        heard = now
        received += 1
        return number == received
    }

    func isOf(_ way: UInt64, through third: MemberID) -> Bool {
        self.way == way && self.third == third
    }
}
