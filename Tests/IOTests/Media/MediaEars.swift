import Basics
import IO
import Synchronization

/// The owner of a loop's media in tests: remembers what came, and may send it back.
final class MediaEars: MediaReceiver, @unchecked Sendable {
    struct Heard: Hashable, Sendable {
        var bytes: [UInt8]
        var path: DatagramPath
    }

    struct Ended: Hashable, Sendable {
        var stream: UInt32
        var ending: MediaStreamEnding
    }

    let sockets: MediaSockets
    private let echoes: Bool
    /// Connections are proved by their first frame, as if it were a check with the right password.
    private let proves: Bool
    private struct Noted {
        var heard: [Heard] = []
        var ended: [Ended] = []
        var dues: [Instant] = []
        var turns = 0
    }

    private let log = Mutex(Noted())
    // On the loop.
    private var outgoing = OutgoingBatch()

    init(_ sockets: MediaSockets, echoes: Bool = false, proves: Bool = false) {
        self.sockets = sockets
        self.echoes = echoes
        self.proves = proves
    }

    var loop: Loop { sockets.loop }
    var heard: [Heard] { log.withLock { $0.heard } }
    var ended: [Ended] { log.withLock { $0.ended } }
    var turns: Int { log.withLock { $0.turns } }
    var dues: [Instant] { log.withLock { $0.dues } }

    func mediaArrived(_ batch: inout IncomingBatch, at now: Instant) {
        for index in 0..<batch.count {
            let datagram = unsafe batch[index]
            let start = unsafe UnsafeRawPointer(datagram.start)
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: datagram.count)
            let heard = unsafe Heard(bytes: [UInt8](bytes), path: datagram.path)
            log.withLock { $0.heard.append(heard) }
            if proves, heard.path.stream != 0 { sockets.streams.prove(heard.path.stream) }
            if echoes { put(heard.bytes, to: heard.path) }
        }
    }

    func mediaTurnEnded(at now: Instant) {
        log.withLock { $0.turns += 1 }
        sockets.flush(&outgoing)
    }

    func mediaIsDue(at now: Instant) {
        log.withLock { $0.dues.append(now) }
    }

    func mediaStreamEnded(_ stream: UInt32, _ ending: MediaStreamEnding, at now: Instant) {
        log.withLock { $0.ended.append(Ended(stream: stream, ending: ending)) }
    }

    func open() async throws { try await loop.run { try self.sockets.open(receiver: self) } }

    func close() async { await loop.run { self.sockets.close() } }

    /// Sends these packets in one batch.
    func send(_ packets: [[UInt8]], to path: DatagramPath) async {
        await loop.run {
            for packet in packets { self.put(packet, to: path) }
            self.sockets.flush(&self.outgoing)
        }
    }

    var counters: MediaCounters {
        get async { await loop.run { self.sockets.counters } }
    }

    private func put(_ packet: [UInt8], to path: DatagramPath) {
        if unsafe outgoing.room == nil { sockets.flush(&outgoing) }
        guard let room = unsafe outgoing.room else { return }
        unsafe packet.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe room.copyMemory(from: base, byteCount: bytes.count)
        }
        outgoing.commit(count: packet.count, to: path)
    }
}

extension Loop {
    /// Runs the closure on the loop and waits for what it gives.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { done in
            execute { done.resume(returning: body()) }
        }
    }

    func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { done in
            execute { done.resume(with: Swift.Result { try body() }) }
        }
    }

    /// Waits until the claim holds, five seconds at most.
    func eventually(_ claim: () -> Bool) async -> Bool {
        for _ in 0..<1_000 {
            if claim() { return true }
            await sleep(for: .milliseconds(5))
        }
        return claim()
    }
}
