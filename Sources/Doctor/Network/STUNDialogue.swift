internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Media

/// Asks a STUN server something and waits for the answer to just that.
struct STUNDialogue: ~Copyable {
    private let socket: PatientSocket
    private let isStream: Bool
    /// Whether each message comes behind its length, as over ICE-TCP (RFC 4571).
    private let isFramed: Bool
    private var unread: [UInt8] = []

    enum Fault: Error, CustomStringConvertible {
        case system(SystemFault)
        case silent
        case closed
        case garbled(STUNFault)

        var description: String {
            switch self {
            case .system(let fault): "\(fault)"
            case .silent: "no answer within the time given"
            case .closed: "the connection was closed instead of an answer"
            case .garbled(let fault): "what answered does not speak STUN: \(fault)"
            }
        }
    }

    init(
        to server: SocketAddress,
        overTCP isStream: Bool,
        isFramed: Bool = false,
        by deadline: Deadline
    ) throws(Fault) {
        self.isStream = isStream
        self.isFramed = isStream && isFramed
        do throws(SystemFault) {
            socket =
                isStream
                ? try PatientSocket.connected(to: server, by: deadline)
                : try PatientSocket.aimed(at: server)
        } catch {
            throw .system(error)
        }
    }

    /// Sends a request, over UDP again and again in growing distances (RFC 8489 section 6.2.1, from
    /// 250 ms on, so that three fit), and returns the whole answer.
    mutating func ask(
        _ method: STUNMethod,
        by deadline: Deadline,
        _ body: (_ writer: inout STUNWriter) -> Void
    ) throws(Fault) -> [UInt8] {
        var random = SecureRandom()
        let transaction = STUNTransactionID(using: &random)
        let request = STUNDialogue.message(.request, method, transaction, body)
        var patience = Duration.milliseconds(250)
        while !deadline.hasPassed {
            do throws(Fault) {
                try send(request, by: deadline)
                let pause = isStream ? deadline : deadline.orAfter(patience)
                return try answer(to: transaction, by: pause)
            } catch {
                switch error {
                case .system(let fault) where fault.code == ETIMEDOUT: patience *= 2
                default: throw error
                }
            }
        }
        throw .silent
    }

    private func send(_ request: [UInt8], by deadline: Deadline) throws(Fault) {
        do throws(SystemFault) {
            try socket.send(isFramed ? Self.framed(request) : request, by: deadline)
        } catch {
            throw .system(error)
        }
    }

    /// The first message of this transaction; others, and on UDP what is none, are passed over.
    private mutating func answer(
        to transaction: STUNTransactionID,
        by deadline: Deadline
    ) throws(Fault) -> [UInt8] {
        while true {
            let bytes = try nextMessage(by: deadline)
            do throws(STUNFault) {
                let message = try STUNMessage(bytes.span)
                let isAnswer = message.kind == .success || message.kind == .failure
                if isAnswer && message.transaction == transaction { return bytes }
            } catch {
                if isStream { throw .garbled(error) }
            }
        }
    }

    private mutating func nextMessage(by deadline: Deadline) throws(Fault) -> [UInt8] {
        while true {
            if let size = try sizeOfNext(), unread.count >= size {
                defer { unread.removeFirst(size) }
                return Array(unread[..<size].dropFirst(isFramed ? 2 : 0))
            }
            let piece: [UInt8]
            do throws(SystemFault) {
                piece = try socket.receive(by: deadline)
            } catch {
                throw .system(error)
            }
            guard isStream else { return piece }
            guard !piece.isEmpty else { throw .closed }
            unread += piece
        }
    }

    private func sizeOfNext() throws(Fault) -> Int? {
        if isFramed {
            return unread.count < 2 ? nil : 2 + (Int(unread[0]) << 8 | Int(unread[1]))
        }
        do throws(STUNFault) {
            return try STUNMessage.size(from: unread.span)
        } catch {
            throw .garbled(error)
        }
    }

    /// A message behind its length.
    static func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8 & 255), UInt8(message.count & 255)] + message
    }

    /// A message of at most 1,500 bytes.
    static func message(
        _ kind: STUNClass,
        _ method: STUNMethod,
        _ transaction: STUNTransactionID,
        _ body: (_ writer: inout STUNWriter) -> Void
    ) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1_500)
        let span = buffer.mutableSpan
        var writer = STUNWriter(kind, method, transaction, into: span)
        body(&writer)
        let count = writer.finish() ?? 0
        return Array(buffer.prefix(count))
    }
}
