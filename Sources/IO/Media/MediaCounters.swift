/// What has gone through the sockets of one media loop, and what has not, since they were opened.
///
/// Plain numbers of the loop's thread; whoever else wants them asks there for a copy.
package struct MediaCounters: Hashable, Sendable {
    package var receivedDatagrams: UInt64 = 0
    package var receivedBytes: UInt64 = 0
    /// Reads that the kernel answered with several datagrams of one sender at once.
    package var receivedTrains: UInt64 = 0
    package var sentPackets: UInt64 = 0
    package var sentBytes: UInt64 = 0
    /// What the kernel was given in one piece, a packet or several.
    package var sentRuns: UInt64 = 0

    /// Datagrams larger than a slot, or of no size: nothing that a client of ours sends.
    package var refusedDatagrams: UInt64 = 0
    /// Packets for which the kernel or the network card had no room.
    package var droppedForRoom: UInt64 = 0
    /// Packets that no route, firewall or socket of ours would carry there.
    package var droppedUnreachable: UInt64 = 0
    /// Runs that the kernel would only take packet by packet.
    package var splitRuns: UInt64 = 0

    package init() {}

    package static func + (lhs: MediaCounters, rhs: MediaCounters) -> MediaCounters {
        var sum = lhs
        for field in fields { sum[keyPath: field] &+= rhs[keyPath: field] }
        return sum
    }

    private static var fields: [WritableKeyPath<MediaCounters, UInt64>] {
        [
            \.receivedDatagrams, \.receivedBytes, \.receivedTrains, \.sentPackets, \.sentBytes,
            \.sentRuns, \.refusedDatagrams, \.droppedForRoom, \.droppedUnreachable, \.splitRuns,
        ]
    }
}
