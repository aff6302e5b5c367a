internal import Calls
internal import IO
internal import Wire

extension SocketHall.Hope {
    /// What the upgrade's query says: `connection_id` and `sequence_number`. Nil if nothing is hoped for;
    /// words that make no sense are none, as clients send them empty at first.
    init?(query request: HTTPRequest) {
        guard let query = request.head.query else { return nil }
        var connection: ConnectionID?
        var sequence: Int?
        for pair in query.split(separator: UInt8(ascii: "&"), maxSplits: 16) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = String(decoding: parts[1], as: UTF8.self)
            switch String(decoding: parts[0], as: UTF8.self) {
            case "connection_id": connection = ConnectionID(value)
            case "sequence_number": sequence = Int(value)
            default: break
            }
        }
        guard let connection, let sequence, sequence >= 0 else { return nil }
        self.init(connection: connection, sequence: sequence)
    }
}
