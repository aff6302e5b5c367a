internal import Crypto
internal import Glibc
internal import IO

/// What a websocket costs in memory while nothing is said on it: the server's resident bytes with a
/// crowd less those without, for each of the crowd.
///
/// The kernel's own share (two sockets' buffers, the TCP state) is not in it; it is the same for
/// every server.
enum WebSocketBench: Bench {
    static let name = "websockets"
    static let summary = "memory for each idle websocket, in the clear and with TLS"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let most = try Int(DescriptorLimit.raise()) - 256
        var wanted = terms.isQuick ? 1_000 : 10_000
        if wanted > most {
            book.remark(
                "only \(most) websockets instead of \(wanted): this process may have no more files "
                    + "open; raise the hard limit (ulimit -Hn)"
            )
            wanted = most
        }
        let plain = try measure([wanted], isSecure: false, terms)
        for (count, bytes) in plain {
            book.add("websocket_resident_\(count)", bytes / 1_024, "KiB/socket", .atMost(8))
        }
        let secure = try measure([wanted / 5, wanted], isSecure: true, terms)
        for (count, bytes) in secure {
            book.add("websocket_tls_resident_\(count)", bytes / 1_024, "KiB/socket", .atMost(40))
        }
    }

    /// Resident bytes for each websocket, at each of these numbers of them.
    private static func measure(
        _ counts: [Int],
        isSecure: Bool,
        _ terms: BenchTerms
    ) throws -> [(count: Int, bytes: Double)] {
        let server = try RoostServer(terms.roost, isSecure: isSecure)
        defer { server.end() }
        try server.waitUntilListening()
        let crowd = try Crowd(
            at: server.address,
            path: "/diagnostics/echo",
            security: isSecure ? try .client(trust: .anybody) : nil
        )
        defer { crowd.end() }
        let before = try ProcessReading.residentBytes(of: server.pid)
        var present = 0
        return try counts.map { count in
            try crowd.grow(by: count - present)
            present = count
            // What the last handshakes still hold goes in the next turns.
            sleep(2)
            let after = try ProcessReading.residentBytes(of: server.pid)
            return (count, (after - before) / Double(count))
        }
    }
}
