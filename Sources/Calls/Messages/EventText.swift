internal import Basics
internal import Wire

/// An event in the words that all who hear it share: JSON up to the number, which is each line's own.
///
/// Encoded once, however many hear it; a line adds its number and a brace.
package struct EventText: Hashable, Sendable {
    private let start: [UInt8]

    /// - Parameters:
    ///   - name: As clients know it, with its prefix.
    ///   - data: Writes the members of `data`.
    init(_ name: String, _ broadcast: EventBroadcast, data: (inout JSONWriter) -> Void) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
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
        start = bytes
    }

    /// The bytes that it takes, its number aside.
    package var count: Int { start.count }

    /// The whole event, as one line sends it.
    package func numbered(_ sequence: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(start.count + 21)
        bytes.append(contentsOf: start)
        bytes.append(contentsOf: String(sequence).utf8)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// The server's first word on a line, which tells the client the id of its connection.
    ///
    /// It is meant for no connection by name: until it has come, a client knows none that is its own,
    /// and some pass over all that name another.
    package static func hello(_ connection: ConnectionID, version: String) -> EventText {
        EventText("hello", EventBroadcast()) { json in
            json.member("connection_id", connection.description)
            json.member("server_version", version)
        }
    }
}
