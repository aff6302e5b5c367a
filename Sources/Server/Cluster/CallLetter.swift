package import Calls
package import Wire

/// What the node of somebody's websocket says to the call that they are in, or want to be in.
package enum CallLetter: Hashable, Sendable {
    case join(Joiner, ticket: Int, seesChannel: Bool)
    case reconnect(Reconnect, ticket: Int)
    /// The connection was cut and is back, maybe at another node than before.
    case resume(ConnectionID, PersonID, ticket: Int)
    case hear(Word, ConnectionID)
    case tellState(ConnectionID, PersonID)
    case lost(ConnectionID)
    case expel(PersonID, Expulsion)
}

extension CallLetter: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .join(let joiner, let ticket, let seesChannel):
            writer.write(byte: 1)
            writer.write(joiner)
            writer.write(ticket)
            writer.write(seesChannel)
        case .reconnect(let reconnect, let ticket):
            writer.write(byte: 2)
            writer.write(reconnect)
            writer.write(ticket)
        case .resume(let connection, let person, let ticket):
            writer.write(byte: 3)
            writer.write(connection)
            writer.write(person)
            writer.write(ticket)
        case .hear(let word, let connection):
            writer.write(byte: 4)
            writer.write(word)
            writer.write(connection)
        case .tellState(let connection, let person):
            writer.write(byte: 5)
            writer.write(connection)
            writer.write(person)
        case .lost(let connection):
            writer.write(byte: 6)
            writer.write(connection)
        case .expel(let person, let why):
            writer.write(byte: 7)
            writer.write(person)
            writer.write(why)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1:
            self = .join(
                try reader.read(),
                ticket: try reader.read(),
                seesChannel: try reader.read()
            )
        case 2: self = .reconnect(try reader.read(), ticket: try reader.read())
        case 3:
            self = .resume(try reader.read(), try reader.read(), ticket: try reader.read())
        case 4: self = .hear(try reader.read(), try reader.read())
        case 5: self = .tellState(try reader.read(), try reader.read())
        case 6: self = .lost(try reader.read())
        case 7: self = .expel(try reader.read(), try reader.read())
        default: throw .badValue("a letter of kind \(kind)")
        }
    }
}
