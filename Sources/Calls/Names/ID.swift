package import Basics

/// An id of one kind of thing, which no other kind's can be taken for.
package struct ID<Kind>: Hashable, Sendable, CustomStringConvertible {
    package let identifier: Identifier

    package init(_ identifier: Identifier) {
        self.identifier = identifier
    }

    /// Reads an id; nil unless it is exactly one.
    package init?(_ text: String) {
        guard let identifier = Identifier(text) else { return nil }
        self.identifier = identifier
    }

    package var description: String { identifier.description }
}

extension ID: Comparable {
    package static func < (lhs: ID, rhs: ID) -> Bool { lhs.identifier < rhs.identifier }
}

/// What there are ids of.
package enum Kinds {
    package enum Channel {}
    package enum Call {}
    package enum Person {}
    package enum Participant {}
    package enum Connection {}
    package enum Job {}
}

package typealias ChannelID = ID<Kinds.Channel>
package typealias CallID = ID<Kinds.Call>
/// A user, whichever way they are connected.
package typealias PersonID = ID<Kinds.Person>
/// One participation in a call: `session_id` to clients. It is the id of the first connection by which
/// the participant came, and stays through any number of reconnects.
package typealias ParticipantID = ID<Kinds.Participant>
/// One websocket, through however many times it was cut and resumed.
package typealias ConnectionID = ID<Kinds.Connection>
package typealias JobID = ID<Kinds.Job>

extension ID where Kind == Kinds.Participant {
    /// Whoever joins by this connection is known by it from then on.
    package init(first connection: ConnectionID) {
        self.init(connection.identifier)
    }
}
