internal import Basics
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// One event to a thousand websockets: from the call that sends it to the moment at which the last
/// of them has read it.
///
/// The server is in this process, on one loop, and the thousand are on another, with real sockets in
/// between; so the time includes a thousand sends and a thousand reads. The event is encoded once,
/// and its bytes are shared by all outboxes.
enum FanoutBench: Bench {
    static let name = "fanout"
    static let summary = "one event of 500 bytes to 1,000 websockets"

    /// Takes everybody in, and remembers them.
    private final class Hall: HTTPService {
        private final class Deaf: WebSocketListener {
            func receive(text: [UInt8], from socket: WebSocketConnection) {}
            func receive(binary: [UInt8], from socket: WebSocketConnection) {}
            func fellBehind(_ socket: WebSocketConnection) {}
            func ended(_ socket: WebSocketConnection, code: WebSocketCloseCode, reason: String) {}
        }

        let guests = Mutex<[WebSocketConnection]>([])

        func answer(_ request: HTTPRequest) -> HTTPAnswer {
            .webSocket(
                WebSocketAcceptance { [self] socket in
                    guests.withLock { $0.append(socket) }
                    return Deaf()
                }
            )
        }
    }

    /// When the event now under way was heard by how many.
    private struct Tally {
        var heard = 0
        var lastHeard = Instant(nanoseconds: 0)
    }

    private static let guests = 1_000
    private static let eventBytes = 500

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let loop = try Loop(index: 0, name: "hall")
        defer { loop.stop() }
        let hall = Hall()
        let server = HTTPServer(
            loops: [loop],
            service: hall,
            rules: HTTPRules(HTTPRules.Values()),
            connectionLimit: guests + 10,
            connectionLimitPerAddress: guests + 10,
            metrics: HTTPMetrics(in: MetricRegistry(), loops: 1),
            log: .silent
        )
        let address = try server.listen(on: SocketAddress(ip: .loopback, port: 0))
        defer { server.cut() }
        let tally = Mutex(Tally())
        let crowd = try Crowd(at: address, path: "/") { text in
            tally.withLock { tally in
                tally.heard += 1
                if tally.heard == guests { tally.lastHeard = Loop.readClock() }
            }
        }
        defer { crowd.end() }
        try crowd.grow(by: guests)
        let events = terms.isQuick ? 50 : 500
        var latencies: [Double] = []
        var processor = 0.0
        for index in 0..<events {
            tally.withLock { $0 = Tally() }
            let (began, took) = await send(index, to: hall.guests.withLock { $0 }, on: loop)
            let heard = try await waitForAll(tally, since: began)
            latencies.append((heard - began) / .microseconds(1))
            processor += took / .microseconds(1)
            // Time for all to rest, so that each event finds the node as calls do.
            usleep(5_000)
        }
        let sample = Sample(latencies)
        book.add("fanout_p50", sample.median / 1_000, "ms")
        book.add("fanout_p99", sample.percentile(99) / 1_000, "ms")
        book.add("fanout_cpu", processor / Double(events * guests), "us/delivery")
    }

    /// Sends the event on the server's loop. When that began, and the processor time it took there.
    private static func send(
        _ index: Int,
        to guests: [WebSocketConnection],
        on loop: Loop
    ) async -> (began: Instant, took: Duration) {
        await withCheckedContinuation { done in
            loop.execute {
                let began = Loop.readClock()
                let before = ProcessorTime.ofThread
                let text = [UInt8]("event \(index) ".utf8)
                let event = text + [UInt8](repeating: 0x2E, count: eventBytes - text.count)
                WebSocketConnection.send(WebSocketMessage(text: event.span), to: guests)
                done.resume(returning: (began, ProcessorTime.ofThread - before))
            }
        }
    }

    private static func waitForAll(
        _ tally: borrowing Mutex<Tally>,
        since began: Instant
    ) async throws -> Instant {
        while true {
            let now = tally.withLock { $0 }
            if now.heard == guests { return now.lastHeard }
            guard Loop.readClock() < began + .seconds(10) else {
                throw DrillFault("an event reached \(now.heard) of \(guests) in ten seconds")
            }
            usleep(200)
        }
    }
}
