package import Basics
internal import CLinux
internal import Glibc

/// The TCP port through which media come where no UDP gets through: listens on each address, and
/// hands each connection to a media loop.
///
/// Strangers can open connections for nothing, so the number of those that have not proved who they
/// are is limited, on the node and for each IPv4 address or IPv6 /64. One more is closed at once.
package final class MediaStreamDoor: Sendable {
    /// Which loop takes the connection of this peer; `index` counts them.
    package typealias Choice = @Sendable (_ peer: SocketAddress, _ index: Int) -> MediaStreams

    /// The addresses it listens on, in the order of a path's `local`.
    package let addresses: [SocketAddress]
    private let listeners: [Listener]
    private let gate: MediaStreamGate

    /// Binds and listens; ``open()`` begins to accept.
    ///
    /// Port 0 picks one that is free on all of them. `setting` is what to change if the port is somebody
    /// else's.
    package init(
        on addresses: [IPAddress],
        port: UInt16,
        loop: Loop,
        limit: Int = 1_000,
        limitPerAddress: Int = 8,
        setting: String = "media.tcp_port",
        starved: Counter,
        log: Log,
        choose: @escaping Choice
    ) throws(SystemFault) {
        let gate = MediaStreamGate(limit: limit, limitPerAddress: limitPerAddress)
        self.gate = gate
        var attempts = 0
        while true {
            do throws(SystemFault) {
                var listeners: [Listener] = []
                for (local, ip) in addresses.enumerated() {
                    let address = SocketAddress(ip: ip, port: listeners.first?.bound.port ?? port)
                    let listener = try Listener(on: address, loop: loop, starved: starved, log: log)
                    { descriptor, peer, index in
                        guard gate.admits(peer.ip) else {
                            Glibc.close(descriptor)
                            return
                        }
                        let streams = choose(peer, index)
                        streams.adopt(descriptor, from: peer, to: UInt16(local), gate: gate)
                    }
                    listeners.append(listener)
                }
                self.listeners = listeners
                self.addresses = listeners.map(\.bound)
                return
            } catch {
                attempts += 1
                if port == 0, error.code == EADDRINUSE, attempts < 16 { continue }
                throw MediaPort.explained(error, transport: "tcp", port: port, setting: setting)
            }
        }
    }

    package func open() {
        for listener in listeners { listener.open() }
    }

    /// Stops accepting. Connections handed over live on.
    package func close() {
        for listener in listeners { listener.close() }
    }

    package var port: UInt16 { addresses.first?.port ?? 0 }

    /// How many connections there are that have proved nothing.
    package var unproved: Int { gate.unproved }

    /// How many were closed at once because there were too many already.
    package var refused: UInt64 { gate.refused }
}
