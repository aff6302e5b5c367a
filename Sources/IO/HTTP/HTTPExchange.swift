internal import Basics
internal import Wire

/// One request and its response, as far as they have come.
struct HTTPExchange {
    enum Handling {
        /// The response is written; content that still comes is dropped.
        case dropping
        case gathering(@Sendable (HTTPRequest, [UInt8]) async -> HTTPResponse)
        case streaming
        case upgrading(WebSocketAcceptance)
    }

    enum Response {
        case none
        /// Its head has been written; the content is being made in a task.
        case begun
        case whole
    }

    /// How the content of a response that is written bit by bit is framed.
    enum OutgoingFraming {
        case chunked
        case counted(left: UInt64)
        case untilClose
        /// Nothing is being written.
        case none
    }

    /// Counted from 1 on this connection; 0 before the first.
    private(set) var number = 0
    private(set) var request: HTTPRequest?
    private(set) var began = Instant(nanoseconds: 0)
    var handling = Handling.dropping
    var gathered: [UInt8] = []
    var task: Task<Void, Never>?
    var response = Response.none
    /// What the response's head says, once it is written.
    var status: HTTPStatus?
    var outgoing = OutgoingFraming.none

    /// Content that has come and was not read yet: one piece, however small the client's are.
    private var unread: [UInt8] = []
    private var inputEnd: InputEnd?
    private var waitingReader: CheckedContinuation<Void, Never>?
    private var waitingWriter: CheckedContinuation<Void, Never>?

    private enum InputEnd {
        case whole
        case fault(HTTPBodyFault)
    }

    mutating func begin(_ request: HTTPRequest, at now: Instant) {
        number += 1
        self.request = request
        began = now
        handling = .dropping
        response = .none
        status = nil
        outgoing = .none
        inputEnd = nil
    }

    /// Frees what this exchange held, and wakes whoever waits in vain.
    mutating func abandon() {
        task?.cancel()
        task = nil
        request = nil
        handling = .dropping
        gathered = []
        unread = []
        endInput(.connectionEnded)
        writerMayGoOn()
    }

    /// Frees what this exchange held once it is done.
    mutating func finish() {
        task = nil
        request = nil
        handling = .dropping
        response = .none
        gathered = []
        unread = []
        endInput(.connectionEnded)
        writerMayGoOn()
    }

    /// Whether this is still the request that is being answered.
    func isCurrent(_ number: Int) -> Bool {
        number == self.number && request != nil
    }

    /// Whether the content of this request's response may still be written.
    func isWriting(_ number: Int) -> Bool {
        isCurrent(number) && response == .begun
    }

    // MARK: - Content coming in, bit by bit

    /// Whether so much lies unread that no more should be taken from the client.
    var isReaderBehind: Bool { unread.count >= Self.unreadLimit }

    mutating func put(_ piece: Span<UInt8>) {
        unread.append(copying: piece)
        readerMayGoOn()
    }

    mutating func endInput(_ fault: HTTPBodyFault? = nil) {
        if inputEnd == nil { inputEnd = fault.map { .fault($0) } ?? .whole }
        readerMayGoOn()
    }

    enum Piece {
        case bytes([UInt8])
        case end
        case fault(HTTPBodyFault)
        case none
    }

    mutating func takePiece() -> Piece {
        if !unread.isEmpty {
            var piece: [UInt8] = []
            swap(&piece, &unread)
            return .bytes(piece)
        }
        switch inputEnd {
        case .whole: return .end
        case .fault(let fault): return .fault(fault)
        case nil: return .none
        }
    }

    mutating func wait(reader: CheckedContinuation<Void, Never>) {
        precondition(waitingReader == nil, "one task at a time reads a body")
        waitingReader = reader
    }

    private mutating func readerMayGoOn() {
        waitingReader.take()?.resume()
    }

    // MARK: - Content going out, bit by bit

    mutating func wait(writer: CheckedContinuation<Void, Never>) {
        precondition(waitingWriter == nil, "one task at a time writes a body")
        waitingWriter = writer
    }

    mutating func writerMayGoOn() {
        waitingWriter.take()?.resume()
    }

    private static let unreadLimit = 64 * 1024
}
