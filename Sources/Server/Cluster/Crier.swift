internal import Calls
internal import Cluster
internal import Coordination
internal import Glibc
internal import Synchronization

/// Tells clients what calls have to say, whichever node their websockets are on.
///
/// An event is encoded once and goes once to each node that may have somebody to tell, which finds its
/// own clients for it.
final class Crier: Sendable {
    private let hall: SocketHall
    private let system: ClusterSystem
    private let count = Atomic<UInt64>(0)

    init(hall: SocketHall, system: ClusterSystem) {
        self.hall = hall
        self.system = system
    }

    /// From any thread. What one thread tells, everybody hears in that order. `home`: the node of the
    /// connection, where one connection is told and it is not of this node.
    func tell(_ hearers: SocketHall.Hearers, _ event: ServerEvent, at home: MemberID? = nil) {
        var told = ToldEvent(event, for: hearers.audience)
        if case .connection = hearers {
            guard let home else { return hall.tell(hearers, told) }
            return post(.tell(hearers, told), to: home)
        }
        let members = system.neighbours
        if !members.isEmpty {
            let number = count.add(1, ordering: .relaxed).newValue
            let origin = system.member.nonce &+ UInt64(pthread_self())
            told.text.stamp = EventStamp(origin: origin, number: number)
        }
        hall.tell(hearers, told)
        for member in members { post(.tell(hearers, told), to: member) }
    }

    /// Says something to all other nodes.
    func post(_ letter: NodeLetter) {
        for member in system.neighbours { post(letter, to: member) }
    }

    func post(_ letter: NodeLetter, to member: MemberID) {
        system.post(letter, to: ActorAddress(.node, at: member))
    }
}
