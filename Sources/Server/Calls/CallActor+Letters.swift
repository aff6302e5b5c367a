internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import IO
internal import Wire

// What comes from the nodes of participants' websockets.
extension CallActor: LetterReceiver {
    nonisolated func receive(_ content: [UInt8], from sender: MemberID) {
        let letter: CallLetter
        do throws(PackFault) {
            letter = try CallLetter(packed: content)
        } catch {
            return around.log.error(
                "a letter from another node can't be read",
                ["node": .string(sender.description), "why": .error(error)]
            )
        }
        take(letter, from: sender)
    }

    nonisolated func take(_ letter: CallLetter, from sender: MemberID) {
        switch letter {
        case .join(let joiner, let number, let seesChannel):
            let ticket = Ticket(number: number, member: sender)
            join(joiner, ticket, seesChannel: seesChannel) { [crier = around.crier] in
                crier.post(.again(joiner.connection, ticket: number), to: sender)
            }
        case .reconnect(let wish, let number):
            reconnect(wish, Ticket(number: number, member: sender))
        case .resume(let connection, let person, let number):
            resume(connection, of: person, Ticket(number: number, member: sender))
        case .hear(let word, let connection): hear(word, from: connection, of: sender)
        case .tellState(let connection, let person):
            visit(connection, of: sender)
            tellState(to: connection, of: person)
        case .lost(let connection): lose(connection, at: sender)
        case .expel(let person, let why): expel(person, why)
        }
    }

    private nonisolated func visit(_ connection: ConnectionID, of home: MemberID) {
        enter { $0.visitor = (connection, home) }
    }
}
