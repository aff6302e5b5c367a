package import Coordination
package import Wire

/// Who is told what comes over the links, on their loop, and must not block there.
package protocol LinkReceiver: AnyObject, Sendable {
    func linkOpened(to member: MemberID)
    /// Parcels that were on the way come once the link is there again.
    func linkBroke(to member: MemberID, why: String)
    func pulse(_ bytes: [UInt8], from member: MemberID)
    func parcel(_ parcel: Parcel, from member: MemberID)
    /// The guard of that member's process says that it has ended, in this life.
    func certified(_ member: MemberID, _ life: Life)
    /// The link was given up: what was not answered never will be.
    func linkEnded(to member: MemberID)
}
