internal import Basics
internal import Wire

/// An event in the words that all who hear it share: JSON up to the number, which is each line's own.
///
/// Encoded once, however many hear it; a line adds its number and a brace.
package struct EventText: Hashable, Sendable {
    private let start: [UInt8]
    /// By which nodes know it again that hear of it twice, while a client moves from one to another.
    package var stamp: EventStamp?

    /// - Parameters:
    ///   - name: As clients know it, with its prefix.
    ///   - room: How many bytes it is likely to take.
    ///   - data: Writes the members of `data`.
    init(
        _ name: String,
        _ broadcast: EventBroadcast,
        room: Int = 512,
        data: (inout JSONWriter) -> Void
    ) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(room)
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.member("event", name)
            json.key("data")
            json.beginObject()
            data(&json)
            json.endObject()
            json.key("broadcast")
            broadcast.write(into: &json)
            json.key("seq")
        }
        // Lines keep it for a minute, and should not keep what it did not need.
        let isLoose = bytes.capacity - bytes.count > bytes.count / 4
        start = isLoose ? [UInt8](copying: bytes.span) : bytes
    }

    /// As another node has encoded it.
    package init(relayed bytes: [UInt8], stamp: EventStamp?) {
        start = bytes
        self.stamp = stamp
    }

    /// The words without the number, for another node to tell.
    package var shared: [UInt8] { start }

    /// The bytes that it takes, its number aside.
    package var count: Int { start.count }

    /// The whole event, as one line sends it.
    package func numbered(_ sequence: Int) -> NumberedText {
        NumberedText(start: start, end: Self.end(sequence))
    }

    /// The number and a brace, in one piece: this is done for everybody who hears an event.
    private static func end(_ sequence: Int) -> [UInt8] {
        var rest = UInt(max(sequence, 0))
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        var end = [UInt8](repeating: UInt8(ascii: "}"), count: digits + 1)
        rest = UInt(max(sequence, 0))
        for place in stride(from: digits - 1, through: 0, by: -1) {
            end[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return end
    }

    /// The server's first word on a line, which tells the client the id of its connection.
    ///
    /// It is meant for no connection by name: until it has come, a client knows none that is its own,
    /// and some pass over all that name another.
    package static func hello(_ connection: ConnectionID, version: String) -> EventText {
        EventText("hello", EventBroadcast()) { json in
            json.member("connection_id", connection)
            json.member("server_version", version)
        }
    }
}

/// The number of an event among those that one thread of one node tells, in order.
package struct EventStamp: Hashable, Sendable {
    /// The thread, by a number that no other has in the cluster.
    package var origin: UInt64
    package var number: UInt64

    package init(origin: UInt64, number: UInt64) {
        self.origin = origin
        self.number = number
    }
}

/// An event as one line tells it: words that it shares with others, and an end of its own.
package struct NumberedText: Hashable, Sendable {
    package let start: [UInt8]
    package let end: [UInt8]

    package var bytes: [UInt8] { start + end }
}
