import Crypto
import Glibc

/// A client that says exactly the bytes it is told to, over TCP or TLS, and blocks.
final class Client {
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    struct Response {
        var status: Int
        var head: String
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func field(_ name: String) -> String? { all(name).first }

        func all(_ name: String) -> [String] {
            head.split(separator: "\r\n").dropFirst().compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == name else { return nil }
                return String(parts[1].drop { $0 == " " })
            }
        }
    }

    private let descriptor: Int32
    private var tls: TLSMachine?
    var received: [UInt8] = []

    init(
        port: UInt16,
        from source: String = "127.0.0.1",
        receiveBuffer: Int32? = nil,
        patience: Duration = .seconds(15)
    ) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Fault(description: "socket: errno \(errno)") }
        if var size = receiveBuffer {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        }
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        var wait = timeval(
            tv_sec: Int(patience.components.seconds),
            tv_usec: Int(patience.components.attoseconds / 1_000_000_000_000)
        )
        let length = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, length)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, length)
        try unsafe call("bind", source, 0, Glibc.bind)
        try unsafe call("connect", "127.0.0.1", port, Glibc.connect)
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Breaks off without a word.
    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Speaks TLS from here on, and believes this certificate alone.
    func secure(trusting certificatePEM: [UInt8]) throws {
        var machine = try TLSMachine.client(
            .client(trust: .only(pem: certificatePEM)),
            serverName: "localhost"
        )
        while true {
            let progress = machine.advance()
            var output: [UInt8] = []
            machine.takeOutput(into: &output)
            if !output.isEmpty { try sendRaw(output) }
            switch progress {
            case .established:
                tls = consume machine
                return
            case .failed(let fault): throw Fault(description: "handshake: \(fault)")
            case .handshaking:
                guard let bytes = try readRaw() else {
                    throw Fault(description: "ended within the handshake")
                }
                machine.receive(bytes.span)
            }
        }
    }

    // MARK: - Bytes

    func send(_ text: String) throws {
        try send([UInt8](text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        guard tls != nil else {
            try sendRaw(bytes)
            return
        }
        _ = tls?.write(bytes.span)
        var output: [UInt8] = []
        tls?.takeOutput(into: &output)
        try sendRaw(output)
    }

    /// Reads once more. False at the end, or when the connection was reset.
    @discardableResult
    func readMore() throws -> Bool {
        guard tls != nil else {
            guard let bytes = try readRaw() else { return false }
            received += bytes
            return true
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var span = buffer.mutableSpan
            switch tls?.read(into: &span) {
            case .bytes(let count):
                received += buffer[..<count]
                return true
            case .needsMore:
                guard let bytes = try readRaw() else { return false }
                tls?.receive(bytes.span)
            case .ended, .failed, nil:
                return false
            }
        }
    }

    func readUntilEnd() throws -> String {
        while try readMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    private func sendRaw(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Fault(description: "send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    private func readRaw() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return Array(buffer[..<count]) }
        guard count == 0 || errno == ECONNRESET else {
            throw Fault(description: "recv: errno \(errno)")
        }
        return nil
    }

    // MARK: - Requests

    func get(_ path: String, _ fields: [String] = [], method: String = "GET") throws -> Response {
        try send(Self.head(method, path, fields))
        return try readResponse(toHead: method == "HEAD")
    }

    func post(_ path: String, _ body: String = "", _ fields: [String] = []) throws -> Response {
        let own = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
        try send(Self.head("POST", path, fields + own) + body)
        return try readResponse()
    }

    static func head(_ method: String, _ path: String, _ fields: [String]) -> String {
        (["\(method) \(path) HTTP/1.1", "Host: localhost"] + fields).joined(separator: "\r\n")
            + "\r\n\r\n"
    }

    /// The next response with a Content-Length, or none at all; what follows stays.
    func readResponse(toHead: Bool = false) throws -> Response {
        var end = headEnd
        while end == nil {
            guard try readMore() else {
                throw Fault(
                    description: "ended within: \(String(decoding: received, as: UTF8.self))"
                )
            }
            end = headEnd
        }
        let bodyStart = (end ?? 0) + 4
        let head = String(decoding: received[..<(end ?? 0)], as: UTF8.self)
        var response = Response(
            status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0,
            head: head,
            body: []
        )
        let length = toHead ? 0 : response.field("content-length").flatMap { Int($0) } ?? 0
        while received.count < bodyStart + length {
            guard try readMore() else { throw Fault(description: "cut off: \(head)") }
        }
        response.body = Array(received[bodyStart..<(bodyStart + length)])
        received.removeFirst(bodyStart + length)
        return response
    }

    private var headEnd: Int? {
        let mark = [UInt8]("\r\n\r\n".utf8)
        guard received.count >= 4 else { return nil }
        return (0...received.count - 4).first { received[$0..<$0 + 4].elementsEqual(mark) }
    }

    private func call(
        _ name: String,
        _ host: String,
        _ port: UInt16,
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        _ = unsafe inet_pton(AF_INET, host, &address.sin_addr)
        let status = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Fault(description: "\(name): errno \(errno)") }
    }
}
