import Basics
import IO
import Synchronization
import Wire

/// A server on loopback with a few routes, on loops of its own.
final class ServerUnderTest: Sendable {
    let loops: [Loop]
    let server: HTTPServer
    let port: UInt16
    let registry = MetricRegistry()
    let log = MemoryLogSink()
    let routes = Routes()

    init(
        connectionLimit: Int = 1_000,
        connectionLimitPerAddress: Int = 1_000,
        service: (any HTTPService)? = nil,
        rules change: (inout HTTPRules.Values) -> Void = { _ in }
    ) throws {
        var values = HTTPRules.Values()
        // Most of these clients never close first.
        values.lingering = .milliseconds(200)
        values.webSocket.closingTimeout = .milliseconds(200)
        change(&values)
        loops = [try Loop(index: 0), try Loop(index: 1)]
        server = HTTPServer(
            loops: loops,
            service: service ?? routes,
            rules: HTTPRules(values),
            connectionLimit: connectionLimit,
            connectionLimitPerAddress: connectionLimitPerAddress,
            metrics: HTTPMetrics(in: registry, loops: 2),
            log: Log("http", levels: LogLevels(.trace), sink: log)
        )
        port = try server.listen(on: SocketAddress(ip: .loopback, port: 0)).port
    }

    deinit {
        server.cut()
        for loop in loops { loop.stop() }
    }

    func client(receiveBuffer: Int32? = nil) throws -> RawClient {
        try RawClient(port: port, receiveBuffer: receiveBuffer)
    }

    /// Begins to drain on a loop: the test's own thread, and maybe every other of the pool, is about to
    /// be blocked by a client.
    func drain() -> Task<Int, Never> {
        Task(executorPreference: loops[0]) { [server] in
            await server.drain(within: .seconds(5))
        }
    }

    var metrics: String { String(decoding: registry.render(), as: UTF8.self) }

    /// Waits until the claim holds, or ten seconds have passed, and says whether it does.
    func eventually(_ claim: () async -> Bool) async -> Bool {
        let end = Loop.readClock() + .seconds(10)
        while Loop.readClock() < end {
            if await claim() { return true }
            await loops[0].sleep(for: .milliseconds(5))
        }
        return await claim()
    }

    final class Routes: HTTPService {
        /// How many endless answers are being written.
        private let writers = Atomic<Int>(0)

        var running: Int { writers.load(ordering: .relaxed) }

        func answer(_ request: HTTPRequest) -> HTTPAnswer {
            let path = String(decoding: request.head.path, as: UTF8.self)
            switch path {
            case "/hello":
                return .now(.text(.ok, "hello"))
            case "/long":
                return .now(.text(.ok, String(repeating: "abcdefgh", count: 100_000)))
            case "/whoami":
                return .now(.text(.ok, "\(request.client) \(request.isSecure)"))
            case "/echo":
                return .later(bodyLimit: 100_000) { _, body in
                    HTTPResponse(.ok, type: "text/plain", body)
                }
            case "/slow":
                return .later(bodyLimit: 0) { request, _ in
                    await request.loop.sleep(for: .milliseconds(200))
                    return .text(.ok, "at last")
                }
            case "/where":
                return .later(bodyLimit: 0) { request, _ in
                    let before = request.loop.isCurrent
                    await request.loop.sleep(for: .milliseconds(1))
                    return .text(.ok, "\(before) \(request.loop.isCurrent)")
                }
            case "/count-later":
                return .streaming(bodyLimit: 10_000_000) { request, reader in
                    await request.loop.sleep(for: .milliseconds(100))
                    var count = 0
                    do {
                        while let piece = try await reader.next() { count += piece.count }
                    } catch {
                        return .text(.badRequest, "\(error)")
                    }
                    return .text(.ok, "\(count)")
                }
            case "/count":
                return .streaming(bodyLimit: 10_000_000) { _, reader in
                    var count = 0
                    do {
                        while let piece = try await reader.next() { count += piece.count }
                    } catch {
                        return .text(.badRequest, "\(error)")
                    }
                    return .text(.ok, "\(count)")
                }
            case "/stream":
                return .now(
                    HTTPResponse(
                        .ok,
                        body: .stream(length: nil) { writer in
                            for number in 0..<100 {
                                let piece = [UInt8](repeating: UInt8(number), count: 10_000)
                                try await writer.write(piece)
                            }
                        }
                    )
                )
            case "/count-late":
                return .streaming(bodyLimit: 10_000_000) { request, reader in
                    await request.loop.sleep(for: .milliseconds(100))
                    var count = 0
                    var pieces = 0
                    do {
                        while let piece = try await reader.next() {
                            count += piece.count
                            pieces += 1
                        }
                    } catch {
                        return .text(.badRequest, "\(error)")
                    }
                    return .text(.ok, "\(count) \(pieces)")
                }
            case "/endless":
                return .now(
                    HTTPResponse(
                        .ok,
                        body: .stream(length: nil) { [self] writer in
                            writers.add(1, ordering: .relaxed)
                            defer { writers.subtract(1, ordering: .relaxed) }
                            let piece = [UInt8](repeating: 7, count: 10_000)
                            while true { try await writer.write(piece) }
                        }
                    )
                )
            case "/uninterested":
                return .streaming(bodyLimit: 10_000_000) { _, _ in
                    HTTPResponse(
                        .ok,
                        body: .stream(length: nil) { writer in
                            try await writer.write([UInt8]("never mind".utf8))
                        }
                    )
                }
            case "/socket":
                return .webSocket(
                    WebSocketAcceptance(subprotocols: ["chat"]) { socket in
                        Echo.shared.opened(socket)
                        return Echo.shared
                    }
                )
            case "/short":
                return .now(
                    HTTPResponse(
                        .ok,
                        body: .stream(length: 10) { try await $0.write([1, 2, 3]) }
                    )
                )
            default:
                return .now(.text(.notFound, "nothing is at \(path)"))
            }
        }
    }
}

/// Says back what it hears, and remembers how sockets ended.
final class Echo: WebSocketListener {
    static let shared = Echo()

    private let endings = Mutex<[(path: String, code: UInt16, reason: String)]>([])
    private let sockets = Mutex<[WebSocketConnection]>([])
    private let receipts = Mutex<[(path: String, number: Int)]>([])

    func opened(_ socket: WebSocketConnection) {
        sockets.withLock { $0.append(socket) }
        if Self.query(of: socket).hasSuffix("-at-once") {
            socket.close(.tryAgainLater, reason: "not now")
        }
    }

    /// The open sockets whose request had this query, which tells one test's from another's.
    func sockets(asking query: String) -> [WebSocketConnection] {
        sockets.withLock { $0 }.filter { Self.query(of: $0) == query }
    }

    func ending(asking query: String) -> (code: UInt16, reason: String)? {
        endings(asking: query).first
    }

    func endings(asking query: String) -> [(code: UInt16, reason: String)] {
        endings.withLock { $0 }.filter { $0.path == query }.map { ($0.code, $0.reason) }
    }

    func receive(text: [UInt8], from socket: WebSocketConnection) {
        socket.send(text: text)
    }

    func receive(binary: [UInt8], from socket: WebSocketConnection) {
        socket.send(WebSocketMessage(binary: binary.span))
    }

    func fellBehind(_ socket: WebSocketConnection) {}

    func hasReceipt(_ number: Int, from socket: WebSocketConnection) {
        receipts.withLock { $0.append((Self.query(of: socket), number)) }
    }

    func receipts(asking query: String) -> [Int] {
        receipts.withLock { $0 }.filter { $0.path == query }.map(\.number)
    }

    func ended(_ socket: WebSocketConnection, code: WebSocketCloseCode, reason: String) {
        endings.withLock { $0.append((Self.query(of: socket), code.rawValue, reason)) }
        sockets.withLock { $0.removeAll { $0 === socket } }
    }

    private static func query(of socket: WebSocketConnection) -> String {
        String(decoding: socket.request.head.query ?? [], as: UTF8.self)
    }
}
