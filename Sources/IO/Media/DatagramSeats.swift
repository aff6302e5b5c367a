package import Basics
internal import CLinux
internal import Glibc

/// Whoever has a UDP socket of their own on a loop, among many, and is told there what came.
package protocol DatagramGuest: AnyObject {
    /// What one reading brought; the batch is the guest's until it returns.
    func datagramsArrived(_ batch: inout IncomingBatch, at now: Instant)
    /// An instant asked for has come, maybe one that no longer matters.
    func isDue(at now: Instant)
}

/// The UDP sockets of many guests on one loop: of clients, who have one each, where a node has few.
///
/// They share what reading and writing needs, so that a guest costs no more than the kernel's socket. What
/// a guest sends is given to the kernel before the next is served. A frame that a node has sent in one piece
/// is taken in one piece (UDP_GRO), as HTTP/3's clients do; otherwise the kernel cuts it up, on a loopback in
/// the sender's time.
package final class DatagramSeats: @unchecked Sendable {
    package let loop: Loop

    // On the loop.
    fileprivate var incoming = IncomingBatch.ofTrains()
    fileprivate var reader: DatagramReader
    fileprivate var writer = DatagramWriter()
    fileprivate var tally = MediaCounters()
    /// Datagrams that the kernel had lost on sockets that are closed by now.
    fileprivate var overflowed: UInt64 = 0
    fileprivate var taken: [ObjectIdentifier: DatagramSeat] = [:]

    package init(loop: Loop) {
        self.loop = loop
        reader = DatagramReader(filling: incoming)
    }

    /// What has gone through all of them.
    package var counters: MediaCounters { tally }

    /// How many datagrams the kernel has lost, since they came faster than they were read.
    package var overflowedDatagrams: UInt64 {
        taken.values.reduce(overflowed) { $0 + $1.overflowedDatagrams }
    }
}

/// One guest's socket, on a port that the kernel picks. On its loop, all of it.
package final class DatagramSeat: LoopHandler, @unchecked Sendable {
    package let bound: SocketAddress
    private let seats: DatagramSeats
    private unowned let guest: any DatagramGuest
    private var door: DatagramWriter.Door
    private var registration: Loop.Registration?

    /// Takes a port at that address and begins to receive. The guest must last until ``close()``.
    package init(
        at ip: IPAddress,
        for guest: any DatagramGuest,
        among seats: DatagramSeats
    ) throws(SystemFault) {
        let (descriptor, bound) = try Socket.datagrams(on: SocketAddress(ip: ip, port: 0))
        // Where the kernel does not know it, each datagram comes by itself.
        Socket.setOption(descriptor, roost_sol_udp, roost_udp_gro, 1)
        self.bound = bound
        self.seats = seats
        self.guest = guest
        door = DatagramWriter.Door(
            descriptor: descriptor,
            local: 0,
            isIPv6: bound.ip.family == .v6,
            takesRuns: false
        )
        registration = try seats.loop.register(descriptor, for: .read, handler: self)
        seats.taken[ObjectIdentifier(self)] = self
    }

    deinit {
        Glibc.close(door.descriptor)
    }

    /// Gives the port back.
    package func close() {
        guard let registration else { return }
        seats.overflowed += overflowedDatagrams
        seats.taken[ObjectIdentifier(self)] = nil
        seats.loop.deregister(registration, door.descriptor)
        self.registration = nil
    }

    /// Sends what the batch holds on paths whose `local` is zero, and empties it.
    package func flush(_ batch: inout OutgoingBatch) {
        guard !batch.isEmpty else { return }
        if registration != nil { seats.writer.send(batch, by: &door, counting: &seats.tally) }
        batch.removeAll()
    }

    /// Has the guest told of that instant.
    package func schedule(at instant: Instant) {
        guard let registration else { return }
        seats.loop.schedule(registration, at: instant)
    }

    fileprivate var overflowedDatagrams: UInt64 {
        UInt64(max(roost_socket_drops(door.descriptor), 0))
    }

    package func isReady(_ readiness: Readiness, at now: Instant) {
        for _ in 0..<Self.readingsPerTurn {
            switch seats.reader.read(door.descriptor) {
            case .nothing: return
            case .interrupted: continue
            case .arrived(let isAll):
                let now = Loop.readClock()
                var isFull = true
                while isFull {
                    seats.incoming.removeAll()
                    isFull = seats.reader.unload(
                        local: 0,
                        into: &seats.incoming,
                        counting: &seats.tally
                    )
                    guest.datagramsArrived(&seats.incoming, at: now)
                }
                guard registration != nil, !isAll else { return }
            }
        }
        if let registration { seats.loop.revisit(registration) }
    }

    package func isDue(at now: Instant) { guest.isDue(at: Loop.readClock()) }

    private static let readingsPerTurn = 4
}
