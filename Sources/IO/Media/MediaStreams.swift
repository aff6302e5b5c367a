package import Basics
internal import CLinux
internal import Glibc

/// The TCP connections of one media loop. Each stands for a path, by its number.
///
/// A number is a place and how often the place was given away, so a late packet for a connection
/// that is gone is recognised: the same number comes back after 65,535 others in its place.
package final class MediaStreams: @unchecked Sendable {
    package let loop: Loop
    package let rules: MediaStreamRules

    private struct Place {
        var stream: MediaStream?
        var generation: UInt16 = 0
    }

    // On the loop.
    private var receiver: (any MediaReceiver)?
    private var places: [Place] = []
    private var freePlaces: [UInt16] = []
    private let frames = MediaStreamFrames()
    private var tally = MediaStreamCounters()
    /// One read of one connection, handed over before the next.
    var incoming: IncomingBatch

    init(loop: Loop, rules: MediaStreamRules) {
        precondition(rules.queueLimit >= 4_096, "a queue holds a packet that was begun")
        self.loop = loop
        self.rules = rules
        incoming = IncomingBatch(slots: 1, slotSize: Self.readSize, limit: Self.framesPerBatch)
    }

    // MARK: - From any thread

    /// Takes over a connected, non-blocking descriptor. `local` says which of our addresses it came to,
    /// for the paths of its packets.
    package func adopt(_ descriptor: Int32, from peer: SocketAddress, to local: UInt16) {
        adopt(descriptor, from: peer, to: local, gate: nil)
    }

    func adopt(
        _ descriptor: Int32,
        from peer: SocketAddress,
        to local: UInt16,
        gate: MediaStreamGate?
    ) {
        Socket.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // What the kernel holds unsent is old when it leaves; let it wait where it can be counted.
        let (level, name) = (Int32(IPPROTO_TCP), roost_tcp_notsent_lowat)
        Socket.setOption(descriptor, level, name, Self.unsentLimit)
        let stream = MediaStream(
            descriptor: descriptor,
            peer: peer,
            local: local,
            streams: self,
            gate: gate
        )
        if loop.isCurrent { begin(stream) } else { loop.execute { self.begin(stream) } }
    }

    // MARK: - On the loop

    /// Notes that a check with the right password came over this connection: from now on it may
    /// stay, and may be silent for longer.
    package func prove(_ number: UInt32) {
        loop.checkIsolated()
        stream(number)?.prove()
    }

    /// Ends a connection. The receiver is not told of what it does itself.
    package func close(_ number: UInt32) {
        loop.checkIsolated()
        guard let stream = stream(number) else { return }
        remove(stream)
    }

    package var counters: MediaStreamCounters { tally }

    /// How many connections there are.
    package var count: Int { places.count - freePlaces.count }

    func open(receiver: any MediaReceiver) { self.receiver = receiver }

    /// Ends all connections, and lets the receiver go without telling it.
    func closeAll() {
        receiver = nil
        for case let stream? in places.map(\.stream) { remove(stream) }
    }

    /// Sends those runs of the batch that go by a connection.
    func send(_ batch: borrowing OutgoingBatch) {
        for index in 0..<batch.runCount {
            let run = batch[index]
            guard run.path.stream != 0 else { continue }
            if let stream = stream(run.path.stream) {
                unsafe stream.send(run, from: batch.bytes, by: frames, counting: &tally)
            } else {
                tally.lateFrames &+= UInt64(run.packets)
            }
        }
    }

    /// Hands over what a connection has noted in the batch.
    func handOver(at now: Instant) {
        guard let receiver else { return }
        let (frames, bytes) = Self.figures(of: incoming)
        guard frames > 0 else { return }
        tally.receivedFrames &+= UInt64(frames)
        tally.receivedBytes &+= UInt64(bytes)
        receiver.mediaArrived(&incoming, at: now)
    }

    private static func figures(of batch: borrowing IncomingBatch) -> (frames: Int, bytes: Int) {
        var bytes = 0
        for index in 0..<batch.count { bytes += unsafe batch[index].count }
        return (batch.count, bytes)
    }

    func turnEnded(at now: Instant) { receiver?.mediaTurnEnded(at: now) }

    func end(_ stream: MediaStream, _ ending: MediaStreamEnding, at now: Instant) {
        let number = stream.number
        remove(stream)
        switch ending {
        case .ended: tally.ended &+= 1
        case .malformed: tally.malformed &+= 1
        case .silent: tally.silent &+= 1
        }
        receiver?.mediaStreamEnded(number, ending, at: now)
    }

    func countDrained(_ bytes: Int) { tally.sentBytes &+= UInt64(bytes) }

    private func begin(_ stream: MediaStream) {
        // Nobody listens yet or any more: dropping the object closes the connection.
        guard receiver != nil, let place = takePlace() else {
            tally.refused &+= 1
            return
        }
        places[Int(place)].stream = stream
        do throws(SystemFault) {
            try stream.begin(
                as: UInt32(places[Int(place)].generation) << 16 | UInt32(place),
                on: loop
            )
            tally.adopted &+= 1
        } catch {
            // The machine has no memory to watch it with; the peer finds out at once.
            tally.refused &+= 1
            remove(stream)
        }
    }

    private func remove(_ stream: MediaStream) {
        stream.end(on: loop)
        let place = UInt16(truncatingIfNeeded: stream.number)
        places[Int(place)].stream = nil
        freePlaces.append(place)
    }

    private func takePlace() -> UInt16? {
        let place: UInt16
        if let free = freePlaces.popLast() {
            place = free
        } else {
            guard let next = UInt16(exactly: places.count) else { return nil }
            place = next
            places.append(Place())
        }
        let generation = places[Int(place)].generation &+ 1
        places[Int(place)].generation = generation == 0 ? 1 : generation
        return place
    }

    private func stream(_ number: UInt32) -> MediaStream? {
        let place = Int(truncatingIfNeeded: number & 0xFFFF)
        guard place < places.count, UInt32(places[place].generation) == number >> 16 else {
            return nil
        }
        return places[place].stream
    }

    private static let readSize = 64 * 1024
    private static let framesPerBatch = 1_024
    private static let unsentLimit: Int32 = 64 * 1024
}
