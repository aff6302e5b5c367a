internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed
package import Wire

/// What a call is asked from other nodes. It lives where the call roosts, and as long as it does.
distributed actor CallDoor: WireNamed {
    typealias ActorSystem = ClusterSystem

    static let wireType: UInt64 = 2
    static var wireNames: [WireName<CallDoor>] {
        [
            WireName(1) { _ = try await $0.picture(for: nil) },
            WireName(2) { door in
                let nobody = Authority(person: .nobody, isAdmin: false)
                _ = try await door.order(.muteOthers, by: nobody)
            },
            WireName(3) { _ = try await $0.take(.end(.byApp)) },
        ]
    }

    private let call: CallActor

    init(_ call: CallActor, actorSystem: ClusterSystem) {
        self.call = call
        self.actorSystem = actorSystem
    }

    distributed func picture(for person: PersonID?) async -> CallPicture? {
        await call.picture(for: person)
    }

    distributed func order(_ order: HostOrder, by authority: Authority) async -> OrderOutcome {
        await call.order(order, by: authority)
    }

    /// Whether there was a call to take it.
    distributed func take(_ errand: CallErrand) async -> Bool {
        await call.take(errand)
    }
}

extension PersonID {
    /// No person's id, since persons' are drawn or spelled from names.
    static let nobody = PersonID(Identifier(spelling: (0, 0, 0, 0)))
}

extension CallErrand: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .dismiss(let person):
            writer.write(byte: 1)
            writer.write(person)
        case .expel(let person, let why):
            writer.write(byte: 2)
            writer.write(person)
            writer.write(why)
        case .end(let ending):
            writer.write(byte: 3)
            writer.write(ending)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1: self = .dismiss(try reader.read())
        case 2: self = .expel(try reader.read(), try reader.read())
        case 3: self = .end(try reader.read())
        default: throw .badValue("an errand of kind \(kind)")
        }
    }
}
