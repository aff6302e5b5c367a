package import Coordination
package import Wire

/// Who takes letters, on the loop of the links, and must not block there.
package protocol LetterReceiver: AnyObject, Sendable {
    func receive(_ content: [UInt8], from sender: MemberID)
}

/// What the actor system lets its node know, on the loop of the links.
package protocol ClusterWatcher: AnyObject, Sendable {
    func linkOpened(to member: MemberID)
    func linkBroke(to member: MemberID, why: String)
    /// The member is gone, or was forgotten.
    func linkEnded(to member: MemberID)
    /// The guard of that member's process says that it has ended.
    func certified(_ member: MemberID, _ life: Life)
    /// What members tell each other of their lives.
    func pulse(_ bytes: [UInt8], from member: MemberID)
    /// A letter could not be sent, or its receiver's node is gone before it said that it came.
    func letterFailed(to address: ActorAddress, _ fault: RemoteFault)
    /// A letter came for an actor that is not here.
    func letterStrayed(_ content: [UInt8], to name: ActorAddress.Name, from sender: MemberID)
}
