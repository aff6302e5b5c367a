/// What a caller has sent and got, in packets, since it began.
package struct CallerCounts: Hashable, Sendable {
    package var mediaOut: UInt64 = 0
    package var mediaIn: UInt64 = 0
    /// RTCP, compounds.
    package var reportsOut: UInt64 = 0
    package var reportsIn: UInt64 = 0
    /// Of datagrams of media and reports, without IP and UDP.
    package var bytesOut: UInt64 = 0
    package var bytesIn: UInt64 = 0
    /// Opened, and found to be what somebody sent.
    package var opened: UInt64 = 0
    /// Not authentic, or not what its sender wrote.
    package var spoilt: UInt64 = 0
    /// Of no track that was described.
    package var strange: UInt64 = 0
    package var duplicates: UInt64 = 0
    /// Repetitions that came when they were asked for.
    package var repaired: UInt64 = 0
    package var askedAgain: UInt64 = 0
    package var repeated: UInt64 = 0
    package var picturesAsked: UInt64 = 0
    package var arrivalReportsIn: UInt64 = 0
    package var arrivalReportsOut: UInt64 = 0
    /// Packets for which the batch had no room.
    package var dropped: UInt64 = 0

    package init() {}
}
