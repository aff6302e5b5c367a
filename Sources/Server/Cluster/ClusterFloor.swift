internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Synchronization
internal import Wire

/// What a node is among the nodes of its cluster: its links to them, its actors, and who it is there.
///
/// A node that is alone has one too, with nobody to talk to.
final class ClusterFloor: ClusterWatcher {
    let system: ClusterSystem
    private let post = Mutex<NodePost?>(nil)
    private let calls = Mutex<CallDirectory?>(nil)

    /// For a node that is alone.
    init(alone name: NodeName) {
        system = ClusterSystem(MemberID(name: name, nonce: .random(in: 0...UInt64.max)), links: nil)
    }

    /// Lets other nodes speak to this one.
    func open(_ calls: CallDirectory, hall: SocketHall, post: NodePost) async {
        self.calls.withLock { $0 = calls }
        self.post.withLock { $0 = post }
        await system.learn(NodeActor.self)
        await system.learn(CallDoor.self)
        _ = system.make(.node) { NodeActor(calls: calls, hall: hall, actorSystem: system) }
        system.open(.node, post)
        system.watch(self)
        hall.look(elsewhere: calls)
    }

    // MARK: - What links tell

    func linkOpened(to member: MemberID) {}

    func linkBroke(to member: MemberID, why: String) {}

    func linkEnded(to member: MemberID) {
        calls.withLock { $0 }?.lose(member)
    }

    func pulse(_ bytes: [UInt8], from member: MemberID) {}

    func letterFailed(to address: ActorAddress, _ fault: RemoteFault) {}

    func letterStrayed(_ content: [UInt8], to name: ActorAddress.Name, from sender: MemberID) {
        post.withLock { $0 }?.stray(content, to: name, from: sender)
    }
}
