internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed

/// A call that roosts on another node, as it is spoken to from here.
///
/// What clients say goes there as letters, in order; questions are calls to the ``CallDoor`` there.
final class RelayedCall: RunningCall {
    let channel: ChannelID
    let member: MemberID
    let token: Fence
    var fence: Fence? { token }
    private let system: ClusterSystem
    private let log: Log
    private let address: ActorAddress

    init(
        _ channel: ChannelID,
        at member: MemberID,
        _ token: Fence,
        system: ClusterSystem,
        log: Log
    ) {
        self.channel = channel
        self.member = member
        self.token = token
        self.system = system
        self.log = log
        address = ActorAddress(.call(Channel(channel)), at: member)
    }

    private func post(_ letter: CallLetter) { system.post(letter, to: address) }

    func join(
        _ joiner: Joiner,
        _ ticket: Ticket,
        seesChannel: Bool,
        ifOver again: @escaping @Sendable () -> Void
    ) {
        // If it is over, the node there says so to the directory, which has kept what to do then.
        post(.join(joiner, ticket: ticket.number, seesChannel: seesChannel))
    }

    func reconnect(_ reconnect: Reconnect, _ ticket: Ticket) {
        post(.reconnect(reconnect, ticket: ticket.number))
    }

    func resume(_ connection: ConnectionID, of person: PersonID, _ ticket: Ticket) {
        post(.resume(connection, person, ticket: ticket.number))
    }

    func hear(_ word: Word, from connection: ConnectionID) { post(.hear(word, connection)) }

    func tellState(to connection: ConnectionID, of person: PersonID) {
        post(.tellState(connection, person))
    }

    func lose(_ connection: ConnectionID) { post(.lost(connection)) }
    func expel(_ person: PersonID, _ why: Expulsion) { post(.expel(person, why)) }

    // MARK: - Questions

    func picture(for person: PersonID?) async -> CallPicture? {
        await ask("its state") { try await $0.picture(for: person) } ?? nil
    }

    func order(_ order: HostOrder, by authority: Authority) async -> OrderOutcome {
        await ask("an order") { try await $0.order(order, by: authority) } ?? .refused(.noCall)
    }

    func take(_ errand: CallErrand) async -> Bool {
        await ask("an errand") { try await $0.take(errand) } ?? false
    }

    private func ask<Answer>(
        _ what: String,
        _ question: (CallDoor) async throws -> Answer
    ) async -> Answer? {
        do {
            return try await question(try CallDoor.resolve(id: address, using: system))
        } catch {
            log.warning(
                "a call on another node was asked in vain",
                [
                    "channel": .string(channel.description), "node": .string(member.description),
                    "what": .string(what), "why": .string("\(error)"),
                ]
            )
            return nil
        }
    }
}

extension Channel {
    /// As the cluster knows it.
    init(_ channel: ChannelID) {
        guard let name = Channel(channel.description) else {
            preconditionFailure("26 letters and digits are a channel's name")
        }
        self = name
    }
}
