package import Basics
internal import CLinux
internal import Glibc

/// The sockets of one media loop: a UDP socket for each local address, and the TCP connections that
/// stand in for UDP.
///
///     let all = try MediaSockets.bind(on: addresses, port: 8_443, loops: loops)
///     try all[n].open(receiver: shard)                               // on loops[n]
///
///     epoll → recvmmsg → receiver.mediaArrived(&batch)  ┐ at most four batches of 64
///                         receiver.mediaTurnEnded       ┘ a socket and turn
///                           └→ flush(&outgoing) → sendmmsg
///
/// Nothing here waits, and nothing is allocated after it is opened. A datagram for which the kernel
/// has no room is lost and counted, as on any network.
package final class MediaSockets: @unchecked Sendable {
    /// The local addresses; a path's `local` counts in here.
    package let addresses: [SocketAddress]
    /// How many bytes of datagrams the kernel keeps for each socket while nobody reads. Asked for
    /// are 4 MiB; the system may grant less (net.core.rmem_max).
    package let receiveBufferSize: Int
    /// Whether the kernel delivers trains of datagrams in one piece (UDP_GRO).
    package let takesTrains: Bool
    /// The TCP connections of this loop.
    package let streams: MediaStreams

    package let loop: Loop

    // On the loop, once opened.
    private var isOpen = false
    private var receiver: (any MediaReceiver)?
    private var doors: [DatagramWriter.Door]
    private var registrations: [Loop.Registration] = []
    private var incoming: IncomingBatch
    private var reader: DatagramReader
    private var writer = DatagramWriter()
    private var tally = MediaCounters()

    /// Takes the port on all these addresses, for all these loops. Nobody reads before all of it is
    /// done, so that the kernel deals datagrams among the loops in one way from the first on.
    ///
    /// Port 0 picks one that is free on all of them. `setting` is what to change if the port is somebody
    /// else's.
    package static func bind(
        on addresses: [IPAddress],
        port: UInt16,
        loops: [Loop],
        streamRules: MediaStreamRules = MediaStreamRules(),
        setting: String = "media.udp_port"
    ) throws(SystemFault) -> [MediaSockets] {
        precondition(!loops.isEmpty && !addresses.isEmpty, "somebody to read, and somewhere")
        let made = try MediaPort.bind(
            on: addresses,
            port: port,
            threads: loops.count,
            setting: setting
        )
        return zip(made.descriptors, loops).map {
            MediaSockets($0, on: $1, bound: made.bound, streamRules: streamRules)
        }
    }

    private init(
        _ descriptors: [Int32],
        on loop: Loop,
        bound: [SocketAddress],
        streamRules: MediaStreamRules
    ) {
        self.loop = loop
        addresses = bound
        doors = []
        var takesTrains = !descriptors.isEmpty
        var smallest = Int32.max
        for (local, descriptor) in descriptors.enumerated() {
            let isIPv6 = bound[local].ip.family == .v6
            let takesRuns = Socket.option(descriptor, roost_sol_udp, roost_udp_segment) != nil
            let door = DatagramWriter.Door(
                descriptor: descriptor,
                local: UInt16(local),
                isIPv6: isIPv6,
                takesRuns: takesRuns
            )
            doors.append(door)
            Socket.setOption(descriptor, roost_sol_udp, roost_udp_gro, 1)
            let gro = Socket.option(descriptor, roost_sol_udp, roost_udp_gro)
            takesTrains = takesTrains && gro == 1
            smallest = min(smallest, Socket.option(descriptor, SOL_SOCKET, SO_RCVBUF) ?? 0)
        }
        self.takesTrains = takesTrains
        // The kernel doubles what it grants, for its own bookkeeping.
        receiveBufferSize = Int(smallest) / 2
        incoming = takesTrains ? .ofTrains() : IncomingBatch()
        reader = DatagramReader(filling: incoming)
        streams = MediaStreams(loop: loop, rules: streamRules)
    }

    deinit {
        for door in doors { Glibc.close(door.descriptor) }
    }

    package var port: UInt16 { addresses.first?.port ?? 0 }

    // MARK: - On the loop

    /// Begins to receive. The receiver is kept until ``close()``.
    package func open(receiver: any MediaReceiver) throws(SystemFault) {
        loop.checkIsolated()
        precondition(!isOpen, "media sockets are opened once")
        isOpen = true
        self.receiver = receiver
        streams.open(receiver: receiver)
        do throws(SystemFault) {
            for index in doors.indices {
                let watcher = Watcher(sockets: self, index: index)
                let descriptor = doors[index].descriptor
                registrations.append(
                    try loop.register(descriptor, for: .read, handler: watcher)
                )
            }
        } catch {
            close()
            throw error
        }
    }

    /// Stops receiving and lets the receiver go. The port stays taken until nobody has the object.
    package func close() {
        loop.checkIsolated()
        for (registration, door) in zip(registrations, doors) {
            loop.deregister(registration, door.descriptor)
        }
        registrations = []
        streams.closeAll()
        receiver = nil
    }

    /// Sends what the batch holds, and empties it.
    package func flush(_ batch: inout OutgoingBatch) {
        guard !batch.isEmpty else { return }
        for index in doors.indices {
            writer.send(batch, by: &doors[index], counting: &tally)
        }
        streams.send(batch)
        batch.removeAll()
    }

    /// Has the receiver told of that instant, or up to a millisecond later.
    package func schedule(at instant: Instant) {
        guard let registration = registrations.first else { return }
        loop.schedule(registration, at: instant)
    }

    /// What has gone through the UDP sockets.
    package var counters: MediaCounters { tally }

    /// How many datagrams the kernel has lost, because they came faster than they were read.
    package var overflowedDatagrams: UInt64 {
        doors.reduce(0) { $0 + UInt64(max(roost_socket_drops($1.descriptor), 0)) }
    }

    fileprivate func read(_ index: Int, at now: Instant) {
        guard let receiver, registrations.indices.contains(index) else { return }
        let (descriptor, local) = (doors[index].descriptor, doors[index].local)
        var mayHoldMore = true
        reading: for _ in 0..<Self.batchesPerTurn {
            switch reader.read(descriptor) {
            case .nothing:
                mayHoldMore = false
                break reading
            case .interrupted:
                continue
            case .arrived(let isAll):
                while true {
                    incoming.removeAll()
                    let isFull = reader.unload(local: local, into: &incoming, counting: &tally)
                    if !incoming.isEmpty { receiver.mediaArrived(&incoming, at: now) }
                    guard isFull else { break }
                }
                guard isAll else { continue }
                mayHoldMore = false
                break reading
            }
        }
        receiver.mediaTurnEnded(at: now)
        // The receiver may have closed us.
        if mayHoldMore, index < registrations.count { loop.revisit(registrations[index]) }
    }

    /// The place of one socket on the loop.
    private final class Watcher: LoopHandler, @unchecked Sendable {
        private let sockets: MediaSockets
        private let index: Int

        init(sockets: MediaSockets, index: Int) {
            self.sockets = sockets
            self.index = index
        }

        func isReady(_ readiness: Readiness, at now: Instant) { sockets.read(index, at: now) }

        func isDue(at now: Instant) { sockets.receiver?.mediaIsDue(at: now) }
    }

    private static let batchesPerTurn = 4
}
