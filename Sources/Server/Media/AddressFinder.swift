internal import Basics
internal import Crypto
internal import IO
internal import Media

/// Asks STUN servers by which addresses the world sees this machine: ``AddressDiscovery`` with sockets,
/// names and a clock. Everything happens on one loop.
///
/// The sockets are its own, not those of media: a translator that maps one address to one does so for
/// every port, and what a stranger sends to these has nothing to do with calls.
final class AddressFinder: @unchecked Sendable {
    typealias Tell = @Sendable ([IPAddress: IPAddress]) -> Void

    private let loop: Loop
    private let servers: [STUNServer]
    private let resolver: NameResolver
    private let log: Log
    private let tell: Tell
    private var discovery: AddressDiscovery
    private var sockets: [IPAddress: UDPSocket] = [:]
    private var isAsking = false
    private var isClosed = false
    private var random = SecureRandom()

    init(
        locals: [IPAddress],
        servers: [STUNServer],
        loop: Loop,
        resolver: NameResolver,
        log: Log,
        tell: @escaping Tell
    ) {
        discovery = AddressDiscovery(locals: locals)
        self.servers = Array(servers.prefix(AddressDiscovery.mostServers))
        self.loop = loop
        self.resolver = resolver
        self.log = log
        self.tell = tell
        for local in locals {
            do throws(SystemFault) {
                let socket = try UDPSocket(on: SocketAddress(ip: local, port: 0), loop: loop) {
                    [weak self] datagram, server in
                    self?.receive(datagram, at: local, from: server)
                }
                sockets[local] = socket
            } catch {
                log.warning(
                    "a public address can't be looked for",
                    ["of": .string("\(local)"), "why": .error(error)]
                )
            }
        }
    }

    /// Begins. On the loop.
    func open() {
        for (local, socket) in sockets {
            do throws(SystemFault) {
                try socket.open()
            } catch {
                log.warning(
                    "a public address can't be looked for",
                    ["of": .string("\(local)"), "why": .error(error)]
                )
            }
        }
        wake()
    }

    /// On the loop.
    func close() {
        isClosed = true
        for socket in sockets.values { socket.close() }
        sockets = [:]
    }

    private func receive(_ datagram: Span<UInt8>, at local: IPAddress, from server: SocketAddress) {
        perform(discovery.receive(datagram, at: local, from: server))
    }

    private func wake() {
        guard !isClosed else { return }
        let now = Loop.readClock()
        if discovery.wantsRound(at: now), !isAsking {
            isAsking = true
            loop.begin { [weak self] in
                guard let self else { return }
                let addresses = await look()
                loop.execute { [weak self] in self?.ask(addresses) }
            }
            return
        }
        perform(discovery.advance(to: now))
        wakeLater()
    }

    /// The servers' addresses; those whose names are not known are told and left out.
    private func look() async -> [SocketAddress] {
        var found: [SocketAddress] = []
        for server in servers {
            do throws(NameFault) {
                for ip in try await resolver.addresses(of: server.host).prefix(2) {
                    found.append(SocketAddress(ip: ip, port: server.port))
                }
            } catch {
                log.warning("a STUN server's name can't be looked up", ["why": .error(error)])
            }
        }
        return found
    }

    private func ask(_ addresses: [SocketAddress]) {
        isAsking = false
        guard !isClosed else { return }
        perform(discovery.ask(addresses, at: Loop.readClock(), using: &random))
        wakeLater()
    }

    private func wakeLater() {
        guard let due = discovery.deadline else { return }
        loop.schedule(at: due) { [weak self] in self?.wake() }
    }

    private func perform(_ actions: [AddressDiscovery.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes, let local, let server):
                sockets[local]?.send(bytes.span, to: server)
            case .found(let addresses):
                for (local, seen) in addresses {
                    log.info(
                        "the world sees an address of ours",
                        ["local": .string("\(local)"), "as": .string("\(seen)")]
                    )
                }
                tell(addresses)
            case .silent(let locals):
                log.warning(
                    "no STUN server says by which address the world sees us; clients elsewhere may "
                        + "not reach media: see media.ice_servers, or set media.host_override",
                    ["local": .string(locals.map(\.description).joined(separator: ", "))]
                )
            }
        }
    }
}
