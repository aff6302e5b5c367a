internal import Basics
internal import Calls
internal import Cluster
internal import Crypto
internal import Glibc
internal import IO
internal import Media
internal import Settings
internal import Synchronization

/// All of a node's media: its threads, its port, and which call is on which.
final class MediaPlane: Sendable {
    private struct Calls {
        var next: UInt64 = 1
        var numbers: [String: UInt64] = [:]
        /// Sessions in each.
        var counts: [UInt64: Int] = [:]
    }

    /// What those who come next are told of this node.
    private struct Face {
        var hosts: HostCandidates
        var context: DTLSContext
        let spread: CallSpread

        var node: PlanNode {
            PlanNode(
                candidates: hosts.candidates().map(\.description),
                context: context,
                answers: MediaPlane.answers,
                spread: spread
            )
        }
    }

    private let loops: [Loop]
    private let desks: [MediaDesk]
    private let door: MediaStreamDoor
    private let calls = Mutex(Calls())
    private let face: Mutex<Face>
    private let finder = Mutex<AddressFinder?>(nil)
    private let log: Log
    /// Where media is received.
    let addresses: [SocketAddress]

    /// From now on media leaves only while the gate is open.
    func keep(behind gate: HoldGate) {
        for desk in desks { desk.loop.execute { desk.keep(behind: gate) } }
    }

    init(_ settings: Settings, registry: MetricRegistry, log: Log) throws(NodeFault) {
        let media = settings.media
        let count = media.threads > 0 ? media.threads : max(Self.cores - 1, 1)
        var loops: [Loop] = []
        do throws(SystemFault) {
            for index in 0..<count {
                loops.append(try Loop(index: index, name: "media", rest: media.turnRest))
            }
        } catch {
            throw NodeFault("\(error); lower media.threads, or raise the limit of open files")
        }
        self.loops = loops
        var hosts = try Self.hosts(media)
        let sockets: [MediaSockets]
        do throws(SystemFault) {
            sockets = try MediaSockets.bind(
                on: hosts.udpLocals,
                port: UInt16(media.udpPort),
                loops: loops
            )
            let streams = sockets.map(\.streams)
            door = try MediaStreamDoor(
                on: hosts.tcpLocals,
                port: UInt16(media.tcpPort),
                loop: loops[0],
                starved: registry.counter(
                    "roost_media_connections_refused_total",
                    help: "Connections for media over TCP that found no descriptor free."
                ),
                log: log
            ) { _, index in streams[index % streams.count] }
        } catch {
            throw NodeFault("media: \(error)")
        }
        addresses = sockets[0].addresses
        hosts.udpPort = sockets[0].port
        hosts.tcpPort = door.port
        let face = Face(
            hosts: hosts,
            context: try Self.context(),
            spread: CallSpread(shards: count, gathering: media.spreadFrom)
        )
        self.face = Mutex(face)
        self.log = log
        let node = face.node
        var rules = BoardRules()
        rules.historyPackets = media.historyPackets
        rules.videoWait = media.videoWait
        rules.loudest = media.loudest
        rules.consent = media.consentTimeout
        rules.library = media.cipher == .openssl ? .openSSL : .fastest
        // Before it is first used it tries itself out. Nobody who joins is to wait for that.
        _ = rules.library.chosen
        let (seconds, nanoseconds) = Loop.readWallClock()
        rules.epoch = seconds * 1_000_000_000 + nanoseconds - Loop.readClock().nanoseconds
        let figures = MediaFigures(shards: count, in: registry)
        let boxes = try Self.boxes(between: loops)
        desks = sockets.enumerated().map { index, sockets in
            MediaDesk(
                shard: index,
                sockets: sockets,
                boxes: boxes[index],
                node: node,
                rules: rules,
                figures: figures
            )
        }
        open(boxes, log)
        let door = door
        loops[0].execute { door.open() }
        try findAddresses(settings, hosts)
        renewLater()
    }
}

// What may change while the node runs: by which addresses it is seen, and its certificate.
extension MediaPlane {
    /// Asks the STUN servers that clients are told of, unless the operator has said what the addresses
    /// are.
    private func findAddresses(
        _ settings: Settings,
        _ hosts: HostCandidates
    ) throws(NodeFault) {
        guard case .none = hosts.hostOverride else { return }
        let servers = settings.media.iceServers.flatMap(\.urls).compactMap(STUNServer.init)
            .filter { !$0.isTURN && !$0.isSecure && !$0.isStream }
        let locals = hosts.udpLocals.filter { !$0.isLoopback }
        guard !servers.isEmpty, !locals.isEmpty else { return }
        let resolver: NameResolver
        do throws(SystemFault) {
            resolver = try NameResolver(threads: 1)
        } catch {
            throw NodeFault("\(error); raise the limit of open files")
        }
        let finder = AddressFinder(
            locals: locals,
            servers: servers,
            loop: loops[0],
            resolver: resolver,
            log: log
        ) { [weak self] found in
            self?.show { $0.hosts.discovered = found }
        }
        self.finder.withLock { $0 = finder }
        loops[0].execute { finder.open() }
    }

    /// Those who come from now on meet the node as it is then; those who are here keep what they know.
    private func show(_ change: (inout Face) -> Void) {
        let node = face.withLock { face in
            change(&face)
            return face.node
        }
        for desk in desks { desk.loop.execute { desk.replace(node) } }
    }

    /// Takes a new certificate for those who come from now on. A handshake that was promised the old one
    /// still gets it.
    func renewCertificate() {
        do throws(NodeFault) {
            let context = try Self.context()
            show { $0.context = context }
            log.info("media has a new certificate")
        } catch {
            log.error("media keeps its certificate", ["why": .error(error)])
        }
    }

    /// Long before it expires, so that one that leaks is of little use.
    private func renewLater() {
        let loop = loops[0]
        loop.execute { [weak self] in
            loop.schedule(at: loop.now + Self.certificateUse) { [weak self] in
                self?.renewCertificate()
                self?.renewLater()
            }
        }
    }

    private static var certificateUse: Duration { .seconds(86_400) }
}

extension MediaPlane {
    /// A box from each shard (first index) to each other.
    private static func boxes(between loops: [Loop]) throws(NodeFault) -> [[LoopMail?]] {
        do throws(SystemFault) {
            var boxes: [[LoopMail?]] = []
            for sender in loops.indices {
                var row: [LoopMail?] = []
                for reader in loops.indices {
                    row.append(sender == reader ? nil : try LoopMail(to: loops[reader]))
                }
                boxes.append(row)
            }
            return boxes
        } catch {
            throw NodeFault("\(error); lower media.threads, or raise the limit of open files")
        }
    }

    /// Everybody learns of everybody else before anything is received.
    private func open(_ boxes: [[LoopMail?]], _ log: Log) {
        let desks = desks
        for desk in desks {
            desk.confirm = { [shard = desk.shard] sender, path in
                let other = desks[sender]
                other.loop.execute { other.lead(path, to: shard) }
            }
            desk.command = { shard, commands in
                let other = desks[shard]
                other.loop.execute { other.perform(commands) }
            }
            desk.report = { [shard = desk.shard] home, events in
                let other = desks[home]
                other.loop.execute { other.hear(events, from: shard) }
            }
        }
        for desk in desks {
            desk.loop.execute {
                do throws(SystemFault) {
                    for sender in boxes.indices {
                        guard let box = boxes[sender][desk.shard] else { continue }
                        try box.open(MediaInbox(desk, from: sender))
                    }
                    try desk.open()
                } catch {
                    log.error("media can't be received", ["why": .error(error)])
                }
            }
        }
    }

    /// Clients say it each second, those of old phones in words. The way to the call and back would cost
    /// more than all else that is sent to one who listens.
    private static let answers = [
        ChannelWord(isText: false, DataChannelMessage.ping.bytes):
            ChannelWord(isText: false, DataChannelMessage.pong.bytes),
        ChannelWord(isText: true, Array("ping".utf8)): ChannelWord(
            isText: true,
            Array("pong".utf8)
        ),
    ]

    private static var cores: Int { max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1) }

    /// Where media can be received, and what clients are told of it.
    private static func hosts(_ media: Section<MediaSettings>) throws(NodeFault) -> HostCandidates {
        var hosts: HostCandidates
        do throws(SystemFault) {
            let found = try InterfaceAddresses.found()
            // Loopback is for whoever asks for it by name.
            let named = media.udpAddress + media.tcpAddress
            let usable = found.usable(
                withIPv6: media.enableIPv6,
                withLoopback: named.contains { $0.isLoopback }
            )
            // A machine without any network still serves itself.
            hosts = HostCandidates(
                found: usable.isEmpty ? [.loopback] : usable,
                udpPort: UInt16(media.udpPort),
                tcpPort: UInt16(media.tcpPort)
            )
        } catch {
            throw NodeFault("the machine's addresses can't be read: \(error)")
        }
        hosts.udpAddresses = media.udpAddress
        hosts.tcpAddresses = media.tcpAddress
        hosts.allowsIPv6 = media.enableIPv6
        do throws(OverrideFault) {
            hosts.hostOverride = try HostOverride(media.hostOverride)
            hosts.portOverride = try PortOverride(media.portOverride)
        } catch {
            throw NodeFault("media.host_override and media.port_override: \(error)")
        }
        if case .name(let name) = hosts.hostOverride {
            do throws(NameFault) {
                let addresses = try NameResolver.askSystem(name)
                hosts.hostOverride = hosts.hostOverride.resolved(to: addresses)
            } catch {
                throw NodeFault("media.host_override: \(error); set it to the address itself")
            }
        }
        for (name, locals) in [("udp", hosts.udpLocals), ("tcp", hosts.tcpLocals)]
        where locals.isEmpty {
            throw NodeFault(
                "media.\(name)_address names no address of this machine; it has "
                    + hosts.found.map { "\($0)" }.joined(separator: ", ")
            )
        }
        return hosts
    }

    private static func context() throws(NodeFault) -> DTLSContext {
        var random = SecureRandom()
        let now = Loop.readWallClock().seconds
        do {
            let certificate = try DTLSCertificate(
                notBefore: now - 86_400,
                notAfter: now + 30 * 86_400,
                using: &random
            )
            return try DTLSContext(certificate)
        } catch {
            throw NodeFault("media has no certificate: \(error)")
        }
    }

    // MARK: - Calls

    /// Takes a participant into the call of that name. What media has to say comes by the listener, on
    /// a media thread.
    func join(
        _ call: String,
        _ session: SessionID,
        _ abilities: PlanEvent.Abilities,
        _ listener: @escaping @Sendable (PlanAction.Signal) -> Void
    ) {
        let number = calls.withLock { calls in
            let number = calls.numbers[call] ?? calls.next
            if number == calls.next {
                calls.next += 1
                calls.numbers[call] = number
            }
            calls.counts[number, default: 0] += 1
            return number
        }
        let desk = desk(of: number)
        desk.loop.execute { desk.join(number, session, abilities, listener) }
    }

    func tell(_ call: String, _ event: PlanEvent) {
        guard let number = calls.withLock({ $0.numbers[call] }) else { return }
        if case .leave = event { forget(call, number) }
        let desk = desk(of: number)
        desk.loop.execute { desk.tell(number, event) }
    }

    /// The last to leave takes the name along; who comes later is in a new call.
    private func forget(_ call: String, _ number: UInt64) {
        calls.withLock { calls in
            let count = calls.counts[number, default: 1] - 1
            calls.counts[number] = count == 0 ? nil : count
            if count == 0 { calls.numbers[call] = nil }
        }
    }

    private func desk(of call: UInt64) -> MediaDesk {
        desks[MediaDesk.home(of: call, among: desks.count)]
    }

    // MARK: - Ending

    func close() async {
        door.close()
        if let finder = finder.withLock({ $0 }) { loops[0].execute { finder.close() } }
        // All say goodbye before any stops: a call's people may be on other threads than its plan.
        await forEachDesk { $0.closeCalls() }
        await forEachDesk { $0.close() }
        for loop in loops { loop.stop() }
    }

    private func forEachDesk(_ work: @escaping @Sendable (MediaDesk) -> Void) async {
        for desk in desks {
            await withCheckedContinuation { done in
                desk.loop.execute {
                    work(desk)
                    done.resume()
                }
            }
        }
    }
}
