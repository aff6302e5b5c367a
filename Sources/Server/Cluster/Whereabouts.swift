internal import Calls
internal import Cluster
internal import Coordination
package import Wire

/// Where a session is: which call it is in and who hosts that, by which connection it is reached, and which
/// node has that connection's websocket.
package struct Whereabouts: Hashable, Sendable {
    var channel: ChannelID
    var host: MemberID
    /// Nil while it is away.
    var connection: ConnectionID?
    var websocket: MemberID?
}

extension Whereabouts: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(channel)
            record.write(host)
            record.write(connection)
            record.write(websocket)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            Whereabouts(
                channel: try record.read(),
                host: try record.read(),
                connection: try record.read(),
                websocket: try record.read()
            )
        }
    }
}
