internal import Basics
internal import Glibc
internal import IO

/// Debian's Janus with a configuration of our own, as one sets it up for many: event loops that are shared,
/// the VideoRoom alone, websockets in the clear.
struct JanusServer: LoadTarget {
    let address: SocketAddress
    /// Where media comes in. Janus gathers no addresses of the loopback, so it is the machine's own, whose
    /// datagrams to itself stay inside all the same.
    let media: IPAddress
    private let child: Child

    static let program = "/usr/bin/janus"

    var pid: pid_t? { child.pid }
    var home: IPAddress { media }
    var subprotocols: [String] { ["janus-protocol"] }

    func end() { child.end() }

    init(eventLoops: Int, cpus: String?) throws {
        guard unsafe access(Self.program, X_OK) == 0 else {
            throw DrillFault("there is no \(Self.program); apt-get install janus", code: 2)
        }
        let port = try Workbench.freePort()
        address = SocketAddress(ip: .loopback, port: port)
        media = try Self.ownAddress()
        let main = try Workbench.path("janus.jcfg")
        let folder = String(main.dropLast("/janus.jcfg".count))
        try Workbench.write(Array(Self.main(folder, media, eventLoops).utf8), to: main)
        for (name, text) in Self.others(port) {
            try Workbench.write(Array(text.utf8), to: try Workbench.path(name))
        }
        var command = [Self.program, "-F", folder, "-C", main]
        if let cpus { command = ["/usr/bin/taskset", "--cpu-list", cpus] + command }
        child = try Child(command[0], Array(command.dropFirst()), name: "janus-\(port)")
        try waitUntilListening()
    }

    private func waitUntilListening() throws {
        for _ in 0..<200 {
            usleep(50_000)
            guard !child.hasEnded() else { break }
            if (try? LoopbackHTTP.get("/", at: address)) != nil { return }
        }
        child.end()
        throw DrillFault("Janus did not become ready; it said:\n\(try child.said())")
    }

    /// The first of the machine's addresses that is not loopback.
    static func ownAddress() throws -> IPAddress {
        guard let own = try InterfaceAddresses.found().usable(withIPv6: false).first else {
            throw DrillFault("this machine has no address but the loopback, which Janus won't take")
        }
        return own
    }

    private static func main(_ folder: String, _ media: IPAddress, _ eventLoops: Int) -> String {
        """
        general: {
          configs_folder = "\(folder)"
          plugins_folder = "\(library)/plugins"
          transports_folder = "\(library)/transports"
          events_folder = "\(library)/events"
          loggers_folder = "\(library)/loggers"
          debug_level = 2
          debug_colors = false
          session_timeout = 120
          event_loops = \(eventLoops)
        }
        media: { rtp_port_range = "20000-39999" }
        nat: { ignore_mdns = true, ice_lite = false, ice_tcp = false, ice_enforce_list = "\(media)" }
        plugins: { disable = "\(names(idlePlugins))" }
        transports: { disable = "\(names(["http", "mqtt", "nanomsg", "pfunix", "rabbitmq"]))" }

        """
    }

    private static func others(_ port: UInt16) -> [(name: String, text: String)] {
        let socket = "json = \"plain\", ws = true, ws_port = \(port), ws_ip = \"127.0.0.1\""
        return [
            (
                "janus.transport.websockets.jcfg",
                "general: { \(socket), wss = false }\nadmin: { admin_ws = false }\n"
            ),
            ("janus.plugin.videoroom.jcfg", "general: { }\n"),
        ]
    }

    private static func names(_ short: [String]) -> String {
        short.map { "libjanus_\($0).so" }.joined(separator: ",")
    }

    private static let library = "/usr/lib/x86_64-linux-gnu/janus"
    private static let idlePlugins = [
        "audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming",
        "textroom", "videocall", "voicemail",
    ]

    // MARK: - Who comes

    func waves(of plan: LoadPlan) -> [[LoadNewcomer]] {
        var publishers: [LoadNewcomer] = []
        var subscribers: [LoadNewcomer] = []
        for call in 0..<plan.calls {
            let senders = (0..<plan.perCall).filter { place in
                !plan.tracks(call: call, place: place).isEmpty
            }
            for place in 0..<plan.perCall {
                let feeds = senders.filter { $0 != place }.map { feed(call, $0, plan) }
                if senders.contains(place) {
                    publishers.append(
                        newcomer(
                            .publisher(
                                room: call + 1,
                                feed: feed(call, place, plan),
                                tracks: plan.tracks(call: call, place: place)
                            )
                        )
                    )
                }
                if !feeds.isEmpty {
                    subscribers.append(newcomer(.subscriber(room: call + 1, feeds: feeds)))
                }
            }
        }
        return [[newcomer(.host(rooms: plan.calls))], publishers, subscribers]
    }

    private func feed(_ call: Int, _ place: Int, _ plan: LoadPlan) -> Int {
        call * plan.perCall + place + 1
    }

    private func newcomer(_ part: JanusGuest.Part) -> LoadNewcomer {
        LoadNewcomer(path: "/", fields: { [] }, guest: { JanusGuest(part, at: $1) })
    }
}
