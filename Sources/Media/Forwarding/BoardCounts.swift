/// What a board has done and refused since it was made. Plain numbers, read by whoever owns it.
package struct BoardCounts: Sendable {
    package var datagrams: UInt64 = 0
    /// Too short, too long, or of no kind that is spoken here.
    package var alien: UInt64 = 0
    package var checks: UInt64 = 0
    package var checksRefused: UInt64 = 0
    /// From a path that has passed no check.
    package var fromNowhere: UInt64 = 0
    package var handshakes: UInt64 = 0
    package var handshakesFailed: UInt64 = 0
    package var packetsIn: UInt64 = 0
    package var packetsOut: UInt64 = 0
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0
    package var forged: UInt64 = 0
    package var replayed: UInt64 = 0
    package var undeclared: UInt64 = 0
    package var malformed: UInt64 = 0
    package var muted: UInt64 = 0
    package var resent: UInt64 = 0
    package var resendsRefused: UInt64 = 0
    package var keyFramesAsked: UInt64 = 0
    package var keyFramesForwarded: UInt64 = 0
    /// Packets handed to other boards, those that found no room on the way, and those that came.
    package var mirrored: UInt64 = 0
    package var mirroredDropped: UInt64 = 0
    package var mirroredIn: UInt64 = 0
    package var reports: UInt64 = 0
    package var paddingOut: UInt64 = 0
    package var messagesRefused: UInt64 = 0

    package init() {}

    package static func + (one: BoardCounts, other: BoardCounts) -> BoardCounts {
        var sum = one
        sum.datagrams += other.datagrams
        sum.alien += other.alien
        sum.checks += other.checks
        sum.checksRefused += other.checksRefused
        sum.fromNowhere += other.fromNowhere
        sum.handshakes += other.handshakes
        sum.handshakesFailed += other.handshakesFailed
        sum.packetsIn += other.packetsIn
        sum.packetsOut += other.packetsOut
        sum.bytesIn += other.bytesIn
        sum.bytesOut += other.bytesOut
        sum.forged += other.forged
        sum.replayed += other.replayed
        sum.undeclared += other.undeclared
        sum.malformed += other.malformed
        sum.muted += other.muted
        sum.resent += other.resent
        sum.resendsRefused += other.resendsRefused
        sum.keyFramesAsked += other.keyFramesAsked
        sum.keyFramesForwarded += other.keyFramesForwarded
        sum.mirrored += other.mirrored
        sum.mirroredDropped += other.mirroredDropped
        sum.mirroredIn += other.mirroredIn
        sum.reports += other.reports
        sum.paddingOut += other.paddingOut
        sum.messagesRefused += other.messagesRefused
        return sum
    }
}
