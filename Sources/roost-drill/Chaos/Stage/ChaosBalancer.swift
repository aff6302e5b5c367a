internal import Basics
internal import Glibc
internal import IO
internal import Wire

/// An HAProxy of the drill's own before its nodes, by the configuration that operators are given. Only what it
/// must be told of this cluster is other: where it listens, which nodes there are, and that it says with each
/// answer whose that is.
final class ChaosBalancer {
    let address: SocketAddress
    private let path: String
    private var child: Child?

    static let program = "/usr/sbin/haproxy"
    /// By which it says which node has answered.
    static let field: StaticString = "x-answered-by"

    /// Stands where people are, who come from `source`.
    init(_ template: String, before nodes: [ChaosNode], at source: IPAddress) throws {
        guard unsafe access(Self.program, X_OK) == 0 else {
            throw DrillFault("there is no haproxy here; run cluster/setup cluster")
        }
        address = SocketAddress(ip: source, port: try Workbench.freePort())
        path = try Workbench.path("haproxy.cfg")
        let bytes: [UInt8]
        do throws(SystemFault) {
            bytes = try FileContent.read(template)
        } catch {
            throw DrillFault("the balancer's configuration can't be read: \(error)", code: 2)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let adapted = try Self.adapt(text, from: template, to: address, nodes)
        try Workbench.write([UInt8](adapted.utf8), to: path)
    }

    private static func adapt(
        _ text: String,
        from template: String,
        to address: SocketAddress,
        _ nodes: [ChaosNode]
    ) throws -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let bind = lines.firstIndex(of: "    bind :8065") else {
            throw DrillFault("\(template) has no line `bind :8065` to be changed", code: 2)
        }
        lines[bind] = "    bind \(address)\n    http-response set-header \(field) %s"
        let servers = lines.indices.filter { lines[$0].hasPrefix("    server ") }
        guard let first = servers.first, servers.count == 3 else {
            throw DrillFault("\(template) does not name three servers to be replaced", code: 2)
        }
        for line in servers.reversed() { lines.remove(at: line) }
        lines.insert(
            contentsOf: nodes.map { "    server \($0.name) \($0.address)" },
            at: first
        )
        return lines.joined(separator: "\n")
    }

    /// Once nodes are ready: it finds them so within two of its looks.
    func begin() throws {
        child = try Child(Self.program, ["-db", "-f", path], name: "haproxy", isBound: true)
        let end = Loop.readClock() + .seconds(10)
        // Until it listens it answers nobody, and why it never does it says itself.
        while (try? LoopbackHTTP.get("/readyz", at: address))?.status != 200 {
            guard Loop.readClock() < end, child?.ended() == nil else {
                throw DrillFault(
                    "haproxy leads nobody to a node; it said:\n\(try child?.said() ?? "")"
                )
            }
            usleep(20_000)
        }
    }

    /// Says so if it has ended by itself.
    func judge() throws {
        guard let code = child?.ended() else { return }
        throw DrillVoid("haproxy ended by itself with \(code)")
    }

    func logs() -> [(name: String, text: [UInt8])] {
        child.map { [("haproxy.log", $0.saidOrWhyNot)] } ?? []
    }

    func end() { child?.end() }
}
