internal import Basics
internal import Crypto
internal import Glibc
internal import IO

/// How many TLS 1.3 connections a core can accept in a second, and how many it could if there were
/// nothing but the handshake's own arithmetic: an ephemeral X25519 key and an ECDSA P-256 signature.
enum TLSBench: Bench {
    static let name = "tls"
    static let summary = "TLS 1.3 connections a second and core, beside the bare handshake"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let server = try RoostServer(terms.roost, threads: 1, isSecure: true)
        defer { server.end() }
        try server.waitUntilListening()
        let visitors = try TLSVisitors(at: server.address)
        defer { visitors.end() }
        visitors.begin(atOnce: 32)
        sleep(1)
        let began = Loop.readClock()
        let (countBefore, cpuBefore) = (
            try visitors.count(), try ProcessReading.cpuSeconds(of: server.pid)
        )
        sleep(terms.isQuick ? 2 : 8)
        let count = Double(try visitors.count() - countBefore)
        let cpu = try ProcessReading.cpuSeconds(of: server.pid) - cpuBefore
        let seconds = (Loop.readClock() - began) / .seconds(1)
        guard count > 0, cpu > 0 else { throw DrillFault("no TLS connection was accepted") }
        let bare = try handshake(times: terms.isQuick ? 200 : 2_000)
        book.add("tls_accepted", count / seconds, "/s")
        book.add("tls_accepted_core", count / cpu, "/s/core")
        book.add("tls_accepted_cpu", cpu / count * 1e6, "us/connection")
        book.add("tls_handshake_cpu", bare / .microseconds(1), "us/handshake")
        book.add("tls_share", bare / .seconds(1) * count / cpu * 100, "%")
    }

    /// Processor time of the server's side of a handshake, in memory.
    private static func handshake(times: Int) throws -> Duration {
        var random = SecureRandom()
        let now = Loop.readWallClock().seconds
        let identity = try SelfSigned(
            names: ["localhost"],
            notBefore: now - 3_600,
            notAfter: now + 86_400,
            using: &random
        )
        let serverContext = try TLSContext.server(
            certificateChainPEM: identity.certificatePEM.span,
            privateKeyPEM: identity.keyPEM.span
        )
        let clientContext = try TLSContext.client(trust: .anybody)
        var total = Duration.zero
        for _ in 0..<times {
            var client = try TLSMachine.client(clientContext, serverName: "localhost")
            var began = ProcessorTime.ofThread
            var server = try TLSMachine.server(serverContext)
            total += ProcessorTime.ofThread - began
            var toServer: [UInt8] = []
            var toClient: [UInt8] = []
            for _ in 0..<4 {
                guard client.advance() != .established || server.advance() != .established else {
                    break
                }
                client.takeOutput(into: &toServer)
                began = ProcessorTime.ofThread
                server.receive(toServer.span)
                _ = server.advance()
                server.takeOutput(into: &toClient)
                total += ProcessorTime.ofThread - began
                client.receive(toClient.span)
                toServer.removeAll()
                toClient.removeAll()
            }
            guard client.version == .tls13, server.advance() == .established else {
                throw DrillFault("a handshake in memory did not come to TLS 1.3")
            }
        }
        return total / times
    }
}
