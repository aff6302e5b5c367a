package import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Wire

/// Where a load goes: a node of the tool's own, or one that somebody else has started.
package struct LoadServer: LoadTarget {
    let address: SocketAddress
    /// The process whose time and memory are counted, if it is known.
    let pid: pid_t?
    private let own: RoostServer?
    private let passes: CallPasses?
    private let given: IPAddress?

    /// - Parameter home: Where people have their sockets, if that is settled already.
    init(_ plan: LoadPlan, roost: String, home: IPAddress? = nil) throws {
        given = home
        guard let target = plan.target else {
            let server = try RoostServer(
                roost,
                settings: [
                    "media.udp_address=127.0.0.1", "media.tcp_address=127.0.0.1",
                ] + plan.settings,
                cpus: plan.serverCPUs,
                file: CallPasses.settings
            )
            own = server
            address = server.address
            pid = server.pid
            passes = try CallPasses()
            try server.waitUntilReady()
            return
        }
        own = nil
        address = try Self.address(target, allowsRemote: plan.allowsRemote)
        pid = plan.pid.map { pid_t($0) }
        if let pid { _ = try ProcessReading.cpuSeconds(of: pid) }
        passes = try plan.keyFile.map {
            var secret = try FileContent.read($0)
            while secret.last == 10 || secret.last == 13 { secret.removeLast() }
            return try CallPasses(secret: secret, named: plan.keyName)
        }
    }

    func end() { own?.end() }

    var subprotocols: [String] { [] }

    func waves(of plan: LoadPlan) -> [[LoadNewcomer]] {
        var secure = SecureRandom()
        let channels = (0..<plan.calls).map { _ in Identifier(using: &secure).description }
        return [
            (0..<plan.people).map { index in
                let (call, place) = (index / plan.perCall, index % plan.perCall)
                let habits = CallsGuest.Habits(of: plan, call: call, place: place)
                let channel = channels[call]
                return LoadNewcomer(
                    path: "/api/v4/websocket?connection_id={line}&sequence_number={expected}",
                    fields: { [try credentials(of: "load-\(index)", in: channel)] },
                    guest: { CallsGuest(channel: channel, habits: habits, random: $0, at: $1) }
                )
            }
        ]
    }

    /// The line of a request by which that person is known to it.
    private func credentials(of person: String, in channel: String) throws -> String {
        let token = try passes?.pass(for: person, into: channel) ?? logIn(person)
        return "Authorization: Bearer \(token)"
    }

    /// Where people have their own sockets: where the node's packets come from.
    var home: IPAddress {
        get throws {
            if let given { return given }
            if address.ip.isLoopback { return .loopback }
            let found = try InterfaceAddresses.found().usable(withIPv6: address.ip.family == .v6)
            guard let ip = found.first(where: { $0.family == address.ip.family }) else {
                throw DrillFault("this machine has no address from which \(address) can be reached")
            }
            return ip
        }
    }

    private func logIn(_ person: String) throws -> String {
        var body: [UInt8] = []
        JSONWriter.append(to: &body) { json in
            json.beginObject()
            json.member("login_id", person)
            json.member("password", "password")
            json.endObject()
        }
        let answer = try LoopbackHTTP.post("/api/v4/users/login", body, at: address)
        guard answer.status == 200, let token = answer.field("token") else {
            throw DrillFault(
                "the node let nobody log in as \(person): \(answer.status) \(answer.body)\n"
                    + "Let it have the identity provider \"dev\", or give --key and --key-name",
                code: 2
            )
        }
        return token
    }

    /// Reads a target, and refuses one that nobody meant: a load is an attack on whoever does not expect
    /// it.
    package static func address(_ target: String, allowsRemote: Bool) throws -> SocketAddress {
        var text = Substring(target)
        if text.hasPrefix("https://") {
            throw DrillFault("\(target): say the node's own address, which has no TLS", code: 2)
        }
        if text.hasPrefix("http://") { text = text.dropFirst(7) }
        if text.hasSuffix("/") { text = text.dropLast() }
        if text.hasPrefix("localhost:") { text = "127.0.0.1:" + text.dropFirst(10) }
        guard let address = try? SocketAddress(String(text)), address.port > 0 else {
            throw DrillFault("\(target) is no address with a port, such as 127.0.0.1:8065", code: 2)
        }
        let isHere =
            try address.ip.isLoopback || InterfaceAddresses.found().all.contains(address.ip)
        guard isHere || allowsRemote else {
            throw DrillFault(
                "\(target) is another machine; say --allow-remote if it is yours and expects this",
                code: 2
            )
        }
        return address
    }
}
