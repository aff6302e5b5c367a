internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Server
internal import Settings
internal import Wire

/// The door of operators at one node, from outside.
struct ClusterDoor: Sendable {
    static let valued: Set<String> = ["at", "token"]

    let loop: Loop
    private let base: String
    private let token: Secret?
    private let client: HTTPClient

    init(_ options: Options) throws(CommandFault) {
        let settings = try SettingsSource(options).read()
        base = try Self.base(options.value("at"), settings)
        token =
            options.value("token").map { Secret($0) }
            ?? AdminToken(of: settings.cluster.secret)?.secret
        do throws(SystemFault) {
            loop = try Loop(name: "door")
            client = HTTPClient(
                loop: loop,
                resolver: try NameResolver(threads: 1),
                tls: try Self.tls(),
                rules: Self.rules
            )
        } catch {
            throw CommandFault("\(error); raise the limits of threads and open files")
        }
    }

    private static var rules: HTTPClientRules {
        var rules = HTTPClientRules()
        rules.limits.bodyBytes = 64 << 20
        return rules
    }

    private static func tls() throws(SystemFault) -> TLSContext {
        do throws(TLSFault) {
            return try .client(trust: .system)
        } catch {
            throw SystemFault(doing: "read the system's certificates (\(error))", code: ENOENT)
        }
    }

    private static func base(
        _ given: String?,
        _ settings: Settings
    ) throws(CommandFault) -> String {
        if let given {
            return given.hasSuffix("/") ? String(given.dropLast()) : given
        }
        guard let address = settings.metrics.listen.first, address.port > 0 else {
            throw CommandFault(
                "metrics.listen names no address to ask the node at; give --at http://ADDRESS:PORT"
            )
        }
        guard address.ip.isUnspecified else { return "http://\(address)" }
        return "http://127.0.0.1:\(address.port)"
    }

    // MARK: - Asking

    func view() async throws(CommandFault) -> ClusterView {
        let (value, _) = try await ask(.get, "/cluster.json", nil)
        return ClusterView(value)
    }

    /// Asks for something, and says what became of it.
    func wish(
        _ verb: String,
        _ members: [(String, String)]
    ) async throws(CommandFault) -> String {
        var body = JSONObject()
        for (name, value) in members { body[name] = .string(value) }
        let (value, _) = try await ask(.post, "/cluster/\(verb)", .object(body))
        return value["message"]?.string ?? ""
    }

    private func ask(
        _ method: HTTPMethod,
        _ path: String,
        _ body: JSONValue?
    ) async throws(CommandFault) -> (JSONValue, HTTPStatus) {
        let location: HTTPLocation
        do throws(HTTPLocationFault) {
            location = try HTTPLocation(base + path)
        } catch {
            throw CommandFault("--at \(base): \(error)", .usage)
        }
        var fields = HTTPFields()
        fields.append("x-roost-admin", "1")
        if let token { fields.append("authorization", "Bearer \(token.revealedText)") }
        if body != nil { fields.append("content-type", "application/json") }
        let request = OutgoingRequest(
            method,
            location,
            fields: fields,
            body: body.map { Array($0.text.utf8) } ?? []
        )
        let response: IncomingResponse
        do throws(HTTPClientFault) {
            response = try await client.send(request)
        } catch {
            throw CommandFault("\(error); is the node running, and is its metrics.listen there?")
        }
        return (try Self.read(response, base), response.status)
    }

    private static func read(
        _ response: IncomingResponse,
        _ base: String
    ) throws(CommandFault) -> JSONValue {
        var limits = JSONLimits()
        limits.elements = .max
        limits.bytes = .max
        let value: JSONValue
        do throws(JSONFault) {
            value = try JSONValue(parsing: response.body.span, limits: limits)
        } catch {
            throw CommandFault("\(base) does not speak as a node does: \(error); check --at")
        }
        guard response.status == .ok else {
            throw CommandFault(value["message"]?.string ?? "status \(response.status.rawValue)")
        }
        return value
    }
}
