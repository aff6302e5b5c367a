/// The body of a request, read while it comes in.
///
/// What has come and was not read yet is bounded: beyond that the connection stops reading, and the
/// client's kernel stops sending.
package struct HTTPBodyReader: Sendable {
    private let connection: HTTPConnection
    private let exchange: Int

    init(_ connection: HTTPConnection, exchange: Int) {
        self.connection = connection
        self.exchange = exchange
    }

    /// The next piece, or nil at the end. Throws if the client went away or broke a rule, which has
    /// then been answered.
    package func next() async throws(HTTPBodyFault) -> [UInt8]? {
        try await connection.nextBodyPiece(of: exchange)
    }
}

/// The body of a response, written bit by bit.
package struct HTTPBodyWriter: Sendable {
    private let connection: HTTPConnection
    private let exchange: Int

    init(_ connection: HTTPConnection, exchange: Int) {
        self.connection = connection
        self.exchange = exchange
    }

    /// Sends a piece, and waits while the client has too much still to take.
    package func write(_ piece: [UInt8]) async throws(HTTPBodyFault) {
        try await connection.writeBodyPiece(piece, of: exchange)
    }
}

/// Why a body could not be read or written to its end.
package enum HTTPBodyFault: Error, Hashable, Sendable {
    /// The client is gone; nobody will see what is written.
    case connectionEnded
    /// The client broke a rule or a limit, and was told so.
    case refused
    /// More was written than the response's length promised.
    case tooLong
}
