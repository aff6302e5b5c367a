package import Calls
internal import Cluster
package import Wire

/// What one node says to another that asks for no answer.
package enum NodeLetter: Hashable, Sendable {
    /// Tell those of your clients whom it concerns. The event is encoded once, by the call's host.
    case tell(SocketHall.Hearers, ToldEvent)
    /// This was told to a connection here that has moved to you meanwhile.
    case forward(ConnectionID, ToldEvent)
    /// This connection of yours has no place in the call that it got this ticket for.
    case vacate(ConnectionID, ticket: Int)
    /// The call that this connection of yours wished to be in is not here: ask again where it is.
    case again(ConnectionID, ticket: Int)
    /// The call in which this connection of yours is was here, and is not any more: go after it.
    case stray(ConnectionID, ticket: Int)
    /// The channel's call is over, or was given up by whoever says so.
    case over(ChannelID, CallID)
    /// The channel's call is not at this node any more, and goes on at another.
    case moved(ChannelID)
    /// It was decided whether calls may be started in the channel.
    case decided(ChannelID, isEnabled: Bool?)
    /// The store has other reservations than before.
    case reserved
    /// The login with this key has ended.
    case loggedOut([UInt8])
}

/// An event in the words that go to clients, and what a node needs to know to pass it on.
package struct ToldEvent: Hashable, Sendable {
    var name: String
    var text: EventText
    /// If there are many to tell, it may be sent with what comes within a moment.
    var mayWait: Bool

    init(name: String, text: EventText, mayWait: Bool) {
        self.name = name
        self.text = text
        self.mayWait = mayWait
    }

    init(_ event: ServerEvent, for audience: Audience) {
        self.init(name: event.name, text: event.text(for: audience), mayWait: event.mayWait)
    }
}

extension ToldEvent: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(name)
        writer.write(mayWait)
        writer.write(text)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        name = try reader.read()
        mayWait = try reader.read()
        text = try reader.read()
    }
}

extension SocketHall.Hearers: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .channel(let channel, let others):
            writer.write(byte: 1)
            writer.write(channel)
            writer.write(Array(others))
        case .participants(let people):
            writer.write(byte: 2)
            writer.write(Array(people))
        case .person(let person):
            writer.write(byte: 3)
            writer.write(person)
        case .connection(let connection):
            writer.write(byte: 4)
            writer.write(connection)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1:
            let channel: ChannelID = try reader.read()
            self = .channel(channel, and: Set(try reader.read([PersonID].self)))
        case 2: self = .participants(Set(try reader.read([PersonID].self)))
        case 3: self = .person(try reader.read())
        case 4: self = .connection(try reader.read())
        default: throw .badValue("hearers of kind \(kind)")
        }
    }
}

extension NodeLetter: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .tell(let hearers, let event):
            writer.write(byte: 1)
            writer.write(hearers)
            writer.write(event)
        case .vacate(let connection, let ticket):
            writer.write(byte: 2)
            writer.write(connection)
            writer.write(ticket)
        case .again(let connection, let ticket):
            writer.write(byte: 3)
            writer.write(connection)
            writer.write(ticket)
        case .over(let channel, let call):
            writer.write(byte: 4)
            writer.write(channel)
            writer.write(call)
        case .moved(let channel):
            writer.write(byte: 7)
            writer.write(channel)
        case .decided(let channel, let isEnabled):
            writer.write(byte: 5)
            writer.write(channel)
            writer.write(isEnabled)
        case .reserved: writer.write(byte: 8)
        case .forward(let connection, let event):
            writer.write(byte: 9)
            writer.write(connection)
            writer.write(event)
        case .stray(let connection, let ticket):
            writer.write(byte: 10)
            writer.write(connection)
            writer.write(ticket)
        case .loggedOut(let key):
            writer.write(byte: 6)
            writer.write(bytes: key)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1: self = .tell(try reader.read(), try reader.read())
        case 2: self = .vacate(try reader.read(), ticket: try reader.read())
        case 3: self = .again(try reader.read(), ticket: try reader.read())
        case 4: self = .over(try reader.read(), try reader.read())
        case 5: self = .decided(try reader.read(), isEnabled: try reader.read())
        case 6: self = .loggedOut(try reader.bytes())
        case 7: self = .moved(try reader.read())
        case 8: self = .reserved
        case 9: self = .forward(try reader.read(), try reader.read())
        case 10: self = .stray(try reader.read(), ticket: try reader.read())
        default: throw .badValue("a letter of kind \(kind)")
        }
    }
}
