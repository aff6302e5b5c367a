import Basics
import IO
import Synchronization
import Testing

@Suite struct `Seats of datagrams` {
    @Test func `have a port each, and tell each guest what came to theirs`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let guests = (0..<3).map { _ in SeatedGuest() }
        let ports = try await sit(guests, on: loop)
        #expect(Set(ports.map(\.port)).count == 3)
        await on(loop) { guests[0].send([1, 2, 3], to: ports[1]) }
        await on(loop) { guests[2].send([4], to: ports[1]) }
        #expect(await loop.eventually { guests[1].heard.count == 2 })
        #expect(guests[1].heard.map(\.bytes) == [[1, 2, 3], [4]])
        #expect(guests[1].heard.map(\.from) == [ports[0], ports[2]])
        #expect(guests[0].heard.isEmpty && guests[2].heard.isEmpty)
        await on(loop) { for guest in guests { guest.leave() } }
    }

    @Test func `tell a guest of an instant once it has come`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let guest = SeatedGuest()
        _ = try await sit([guest], on: loop)
        let due = Loop.readClock() + .milliseconds(30)
        await on(loop) { guest.wait(until: due) }
        #expect(await loop.eventually { guest.calls > 0 })
        #expect(Loop.readClock() >= due)
        await on(loop) { guest.leave() }
    }

    @Test func `send nothing once they are given back`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let guests = (0..<2).map { _ in SeatedGuest() }
        let ports = try await sit(guests, on: loop)
        await on(loop) {
            guests[0].leave()
            guests[0].send([1], to: ports[1])
            guests[1].send([2], to: ports[1])
        }
        #expect(await loop.eventually { !guests[1].heard.isEmpty })
        #expect(guests[1].heard.map(\.bytes) == [[2]])
        await on(loop) { guests[1].leave() }
    }

    private func sit(_ guests: [SeatedGuest], on loop: Loop) async throws -> [SocketAddress] {
        try await withCheckedThrowingContinuation { done in
            loop.execute {
                done.resume(
                    with: Result {
                        let seats = DatagramSeats(loop: loop)
                        return try guests.map { try $0.sit(among: seats) }
                    }
                )
            }
        }
    }

    private func on(_ loop: Loop, _ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { done in
            loop.execute {
                body()
                done.resume()
            }
        }
    }
}

/// Keeps what comes to its socket.
private final class SeatedGuest: DatagramGuest, Sendable {
    private struct State: ~Copyable {
        var seat: DatagramSeat?
        var heard: [(bytes: [UInt8], from: SocketAddress)] = []
        var calls = 0
    }

    private let state = Mutex(State())

    var heard: [(bytes: [UInt8], from: SocketAddress)] { state.withLock { $0.heard } }
    var calls: Int { state.withLock { $0.calls } }

    func sit(among seats: DatagramSeats) throws -> SocketAddress {
        let seat = try DatagramSeat(at: .loopback, for: self, among: seats)
        state.withLock { $0.seat = seat }
        return seat.bound
    }

    func send(_ bytes: [UInt8], to address: SocketAddress) {
        var batch = OutgoingBatch(capacity: 4_096, runLimit: 4)
        guard let room = unsafe batch.room else { return }
        for (offset, byte) in bytes.enumerated() {
            unsafe room.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        }
        batch.commit(count: bytes.count, to: DatagramPath(remote: address, local: 0))
        seat?.flush(&batch)
    }

    func wait(until instant: Instant) { seat?.schedule(at: instant) }
    func leave() { seat?.close() }

    private var seat: DatagramSeat? { state.withLock { $0.seat } }

    func datagramsArrived(_ batch: inout IncomingBatch, at now: Instant) {
        for index in 0..<batch.count {
            let datagram = unsafe batch[index]
            let bytes = unsafe (0..<datagram.count).map {
                unsafe datagram.start.load(fromByteOffset: $0, as: UInt8.self)
            }
            let from = unsafe datagram.path.remote
            state.withLock { $0.heard.append((bytes, from)) }
        }
    }

    func isDue(at now: Instant) { state.withLock { $0.calls += 1 } }
}
