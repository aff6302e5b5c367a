internal import Basics
internal import CLinux
internal import Glibc

/// One TCP connection that carries packets as UDP would (ICE-TCP, passive: RFC 6544 §4).
///
///     accepted ──first frame, STUN──▶ spoken ──proved by its owner──▶ proved
///        │ 5 s, or anything else        │ 15 s                          │ 60 s silent
///        └──────────────────────────────┴──────────────── ended ◀──────┘
///
/// What can't be sent at once waits in a queue; what the queue has no room for is dropped, packet by
/// packet, as a router would: a packet that was begun is always finished.
final class MediaStream: LoopHandler, @unchecked Sendable {
    let peer: SocketAddress
    let local: UInt16
    private let descriptor: Int32
    private let rules: MediaStreamRules
    private let gate: MediaStreamGate?

    // On the loop.
    private let streams: MediaStreams
    private(set) var number: UInt32 = 0
    private var registration: Loop.Registration?
    private var isOpen = true
    private var hasSpoken = false
    private var isProved = false
    private var mayRead = false
    /// The end has been announced, so a short read no longer means that the kernel has nothing left.
    private var mustReadToEnd = false
    private var accepted = Instant(nanoseconds: 0)
    private var lastHeard = Instant(nanoseconds: 0)
    private var reader: FrameReader
    private var queue: MediaStreamQueue

    /// Takes over a connected, non-blocking descriptor, and the place at the gate it came in by.
    init(
        descriptor: Int32,
        peer: SocketAddress,
        local: UInt16,
        streams: MediaStreams,
        gate: MediaStreamGate?
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.local = local
        self.streams = streams
        self.gate = gate
        rules = streams.rules
        reader = FrameReader(limit: rules.frameLimit)
        queue = MediaStreamQueue(capacity: rules.queueLimit)
    }

    deinit {
        // Left over if the loop ended before it could begin.
        if isOpen { letGo() }
    }

    var path: DatagramPath { DatagramPath(remote: peer, local: local, stream: number) }

    func begin(as number: UInt32, on loop: Loop) throws(SystemFault) {
        self.number = number
        accepted = loop.now
        lastHeard = loop.now
        let registration = try loop.register(descriptor, handler: self)
        self.registration = registration
        loop.schedule(registration, at: deadline)
    }

    /// The owner has seen a check that knows the password.
    func prove() {
        guard isOpen, !isProved else { return }
        isProved = true
        gate?.leave(peer.ip)
    }

    func end(on loop: Loop) {
        guard isOpen else { return }
        if let registration { loop.deregister(registration, descriptor) }
        registration = nil
        letGo()
    }

    private func letGo() {
        isOpen = false
        if !isProved { gate?.leave(peer.ip) }
        Glibc.close(descriptor)
    }

    // MARK: - Events

    func isReady(_ readiness: Readiness, at now: Instant) {
        guard isOpen else { return }
        if readiness.contains(.write) { drain() }
        if !readiness.isDisjoint(with: [.read, .peerEnded, .broken]) { mayRead = true }
        if !readiness.isDisjoint(with: [.peerEnded, .broken]) { mustReadToEnd = true }
        read(at: now)
    }

    func isDue(at now: Instant) {
        guard isOpen, let registration else { return }
        if now >= deadline {
            streams.end(self, .silent, at: now)
        } else {
            streams.loop.schedule(registration, at: deadline)
        }
    }

    private var deadline: Instant {
        if !hasSpoken { return accepted + rules.firstFrameWithin }
        return isProved ? lastHeard + rules.idleAfter : accepted + rules.provedWithin
    }

    // MARK: - Reading

    private func read(at now: Instant) {
        guard isOpen, mayRead else { return }
        let ending = readSome(at: now)
        streams.turnEnded(at: now)
        guard isOpen else { return }
        if let ending {
            streams.end(self, ending, at: now)
        } else if mayRead, let registration {
            streams.loop.revisit(registration)
        }
    }

    private func readSome(at now: Instant) -> MediaStreamEnding? {
        for _ in 0..<Self.readsPerTurn where isOpen && mayRead {
            let room = unsafe streams.incoming.slot(0)
            let kept = unsafe reader.resume(into: room)
            let size = streams.incoming.slotSize - kept
            let count = unsafe recv(descriptor, room + kept, size, Int32(MSG_DONTWAIT))
            guard count > 0 else {
                let code = errno
                guard count < 0, code == EAGAIN || code == EINTR else { return .ended }
                mayRead = code == EINTR
                // Nothing came, so what was kept is kept again.
                _ = unsafe reader.next(in: room, count: kept)
                continue
            }
            // Less than there was room for: the kernel has no more, and will tell when it has.
            if count < size, !mustReadToEnd { mayRead = false }
            lastHeard = now
            if let ending = unsafe deliver(room, kept + count, at: now) { return ending }
        }
        return nil
    }

    /// Hands over the frames, as many at once as a batch holds.
    private func deliver(
        _ room: UnsafeMutableRawPointer,
        _ count: Int,
        at now: Instant
    ) -> MediaStreamEnding? {
        let path = path
        while isOpen {
            let noted = unsafe Self.note(
                room,
                count,
                of: path,
                by: &reader,
                into: &streams.incoming,
                hasSpoken: &hasSpoken
            )
            streams.handOver(at: now)
            switch noted {
            case .someLeft: continue
            case .all: return nil
            case .nonsense: return .malformed
            }
        }
        return nil
    }

    private enum Noted {
        case all
        case someLeft
        case nonsense
    }

    /// Notes the frames in the batch until it is full.
    private static func note(
        _ room: UnsafeMutableRawPointer,
        _ count: Int,
        of path: DatagramPath,
        by reader: inout FrameReader,
        into batch: inout IncomingBatch,
        hasSpoken: inout Bool
    ) -> Noted {
        batch.removeAll()
        while !batch.isFull {
            switch unsafe reader.next(in: room, count: count) {
            case .frame(let offset, let size):
                guard unsafe hasSpoken || looksLikeSTUN(room + offset, size) else {
                    return .nonsense
                }
                hasSpoken = true
                // Never full here, so never refused.
                _ = unsafe batch.note(room + offset, size, from: path)
            case .needsMore: return .all
            case .tooLarge: return .nonsense
            }
        }
        return .someLeft
    }

    /// The first two bits zero and the cookie in its place (RFC 8489 §5).
    private static func looksLikeSTUN(_ frame: UnsafeRawPointer, _ count: Int) -> Bool {
        guard count >= 20 else { return false }
        let cookie = unsafe frame.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        return unsafe frame.load(as: UInt8.self) < 0x40 && UInt32(bigEndian: cookie) == 0x2112_A442
    }

    // MARK: - Writing

    /// Sends the packets of a run, each in its frame, or as many of them as there is room for.
    func send(
        _ run: OutgoingBatch.Run,
        from bytes: UnsafeRawPointer,
        by frames: borrowing MediaStreamFrames,
        counting counters: inout MediaStreamCounters
    ) {
        guard isOpen else { return }
        let start = unsafe bytes + run.offset
        var gone = 0
        if queue.isEmpty {
            guard let sent = unsafe frames.send(run, from: start, to: descriptor) else {
                // Broken. Its end is told by the loop, not in the middle of somebody's sending.
                counters.droppedFrames &+= UInt64(run.packets)
                return
            }
            gone = sent
            counters.sentBytes &+= UInt64(sent)
        }
        var offset = 0
        while offset < run.count {
            let size = min(run.segmentSize, run.count - offset)
            if gone >= size + 2 {
                gone -= size + 2
                counters.sentFrames &+= 1
            } else if queue.fits(size + 2 - gone) {
                unsafe enqueue(start + offset, size, after: gone)
                gone = 0
                counters.sentFrames &+= 1
            } else {
                counters.droppedFrames &+= 1
            }
            offset += size
        }
    }

    private func enqueue(_ packet: UnsafeRawPointer, _ size: Int, after gone: Int) {
        var length = UInt16(truncatingIfNeeded: size).bigEndian
        if gone < 2 {
            unsafe withUnsafeBytes(of: &length) {
                guard let base = $0.baseAddress else { return }
                unsafe queue.append(base + gone, 2 - gone)
            }
        }
        let body = max(gone - 2, 0)
        unsafe queue.append(packet + body, size - body)
    }

    private func drain() {
        guard !queue.isEmpty, let sent = queue.flush(descriptor) else { return }
        streams.countDrained(sent)
    }

    private static let readsPerTurn = 4
}
