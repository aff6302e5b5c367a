internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed
package import Wire

/// What a node is asked by the others.
distributed actor NodeActor: WireNamed {
    typealias ActorSystem = ClusterSystem

    static let wireType: UInt64 = 1
    static var wireNames: [WireName<NodeActor>] {
        [
            WireName(1) { _ = try await $0.pictures(for: .nobody) },
            WireName(2) { node in
                let nobody = ConnectionID(PersonID.nobody.identifier)
                let me = MemberID(name: .any, nonce: 0)
                _ = try await node.handOver(nobody, of: .nobody, from: 0, to: me)
            },
            WireName(3) { _ = try await $0.connects(.nobody) },
            WireName(5) { node in
                let nobody = ParticipantID(PersonID.nobody.identifier)
                _ = try await node.whereabouts(of: nobody)
            },
            WireName(4) { node in
                let nowhere = ChannelID(PersonID.nobody.identifier)
                _ = try await node.prepare(nowhere, [])
            },
            WireName(6) { _ = try await $0.status() },
            WireName(7) { _ = try await $0.drain(true) },
            WireName(8) { node in
                let nowhere = ChannelID(PersonID.nobody.identifier)
                _ = try await node.move(nowhere, to: "")
            },
            WireName(9) { node in
                let nowhere = ChannelID(PersonID.nobody.identifier)
                _ = try await node.admits(nowhere, people: 0, leaving: 0, of: 0)
            },
        ]
    }

    private let calls: CallDirectory
    private let hall: SocketHall
    private let desk: ClusterDesk

    init(
        calls: CallDirectory,
        hall: SocketHall,
        desk: ClusterDesk,
        actorSystem: ClusterSystem
    ) {
        self.calls = calls
        self.hall = hall
        self.desk = desk
        self.actorSystem = actorSystem
    }

    /// The calls that roost here, each as it stands for the person.
    distributed func pictures(for person: PersonID) async -> [CallPicture] {
        await calls.ownPictures(for: person)
    }

    /// Gives up a connection of this node's to the one that its client has come to now, with what the
    /// client has missed. Nil if it is not here, not the person's, or too much was missed.
    distributed func handOver(
        _ connection: ConnectionID,
        of person: PersonID,
        from sequence: Int,
        to member: MemberID
    ) async -> HandedLine? {
        let line = await hall.release(connection, of: person, from: sequence) { [calls] event in
            calls.forward(event, of: connection, to: member)
        }
        guard let (line, marks) = line else { return nil }
        return HandedLine(line: line, marks: marks, place: calls.release(connection))
    }

    /// Takes what it needs to go on with a call that is about to move here.
    distributed func prepare(_ channel: ChannelID, _ snapshot: [UInt8]) -> Bool {
        calls.prepare(channel, snapshot)
    }

    /// Where a session is that is in a call of this node's.
    distributed func whereabouts(of participant: ParticipantID) async -> Whereabouts? {
        await calls.ownWhereabouts(of: participant)
    }

    /// Whether the person is connected to this node.
    distributed func connects(_ person: PersonID) -> Bool { hall.has(person) }

    /// Whether this node would have a call of so many people, which would leave so many where it is, of as many as may be
    /// there.
    distributed func admits(
        _ channel: ChannelID,
        people: Int,
        leaving rest: Int,
        of limit: Int
    ) async -> Bool {
        guard let balance = desk.floor.balance else { return false }
        let load = CarriedLoad(people: UInt64(clamping: rest), limit: UInt64(clamping: limit))
        return await balance.admits(
            BalanceOffer(channel: Channel(channel), people: UInt64(clamping: people), rest: load)
        )
    }

    // MARK: - For operators

    distributed func status() async -> NodeStatus { await desk.status() }

    distributed func drain(_ wants: Bool) async -> Verdict { await desk.drain(wants) }

    /// Gives a call that roosts here to the node of that name.
    distributed func move(_ channel: ChannelID, to name: String) async -> Verdict {
        await desk.move(channel, to: name)
    }
}

/// A connection on its way from one node to another.
package struct HandedLine: Sendable {
    var line: ConnectionLine
    var marks: LineMarks
    var place: Place?

    /// The call that it is in, and where that roosts.
    struct Place: Hashable, Sendable {
        var channel: ChannelID
        var member: MemberID
        var token: Fence
    }
}

extension HandedLine.Place: Packable {
    func pack(into writer: inout PackWriter) {
        writer.write(channel)
        writer.write(member)
        writer.write(token)
    }

    init(from reader: inout PackReader) throws(PackFault) {
        channel = try reader.read()
        member = try reader.read()
        token = try reader.read()
    }
}

extension HandedLine: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(line.next)
        writer.write(line.keptTexts)
        writer.write(marks)
        writer.write(place)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let next: Int = try reader.read()
        let texts: [EventText] = try reader.read()
        guard let line = ConnectionLine(next: next, kept: texts) else {
            throw .badValue("a line of \(texts.count) events before number \(next)")
        }
        self.line = line
        marks = try reader.read()
        place = try reader.read()
    }
}
