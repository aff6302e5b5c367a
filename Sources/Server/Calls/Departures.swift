internal import Basics
internal import Calls

/// Who has left a call lately, as the node of their websockets knows it.
///
/// What a call was told last may be lost with its host, and then it goes on elsewhere with people who are
/// gone: so its next host is told again. No host could say that it need not be, for what it has heard counts
/// only once it is saved, and it is saved a moment later.
struct Departures {
    private struct Departure {
        var connection: ConnectionID
        var channel: ChannelID
        var at: Instant
    }

    private var all: [Departure] = []

    mutating func note(_ connection: ConnectionID, from channel: ChannelID, at now: Instant) {
        forget(connection)
        all.removeAll { now - $0.at > Self.time }
        if all.count >= Self.limit { all.removeFirst() }
        all.append(Departure(connection: connection, channel: channel, at: now))
    }

    /// The connection is used for a call again.
    mutating func forget(_ connection: ConnectionID) {
        all.removeAll { $0.connection == connection }
    }

    func all(of channel: ChannelID, at now: Instant) -> [ConnectionID] {
        all.filter { $0.channel == channel && now - $0.at <= Self.time }.map(\.connection)
    }

    /// Whether the connection has left a moment ago, so that what it is told of the call may still be on its way to its
    /// client, and what that says about it on its way here.
    func hasJustLeft(_ connection: ConnectionID, at now: Instant) -> Bool {
        all.contains { $0.connection == connection && now - $0.at <= Self.crossing }
    }

    private static let crossing = Duration.seconds(5)

    /// As long as a call waits for those who are away, who are gone then in any case.
    static let time = Duration.seconds(30)
    static let limit = 1_024
}
