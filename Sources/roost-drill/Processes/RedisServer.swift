internal import Basics
internal import Glibc
internal import IO

/// A redis-server of our own on the loopback, which keeps nothing.
struct RedisServer {
    let address: SocketAddress
    private let child: Child

    init() throws {
        guard unsafe access("/usr/bin/redis-server", X_OK) == 0 else {
            throw DrillFault("there is no redis-server here; run cluster/setup bench")
        }
        address = SocketAddress(ip: .loopback, port: try Workbench.freePort())
        let words = [
            "--port", "\(address.port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", try Workbench.path(""),
        ]
        child = try Child("/usr/bin/redis-server", words, name: "redis")
    }

    var place: RedisPlace { RedisPlace(.plain(RedisHost(name: "127.0.0.1", port: address.port))) }

    func end() { child.end() }

    /// Waits until it answers this client.
    func waitUntilReady(_ client: RedisClient) async throws {
        do throws(RedisFault) {
            _ = try await client.ask(RedisCommand("PING"), timeout: .seconds(10))
        } catch {
            throw DrillFault("redis-server did not answer: \(error); it said:\n\(try child.said())")
        }
    }
}
