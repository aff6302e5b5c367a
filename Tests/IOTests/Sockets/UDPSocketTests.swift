import Basics
import IO
import Synchronization
import Testing

@Suite struct `A UDP socket` {
    /// The last pair is a socket for both families that speaks to one for IPv4.
    @Test(arguments: [
        (IPAddress.loopback, IPAddress.loopback), (.loopbackV6, .loopbackV6), (.loopback, .any),
        (.any, .loopback),
    ])
    func `is heard, from its own address`(listening: IPAddress, speaking: IPAddress) async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let heard = Heard()
        let listener = try UDPSocket(on: SocketAddress(ip: listening, port: 0), loop: loop) {
            heard.add([UInt8](copying: $0), from: $1)
        }
        let speaker = try UDPSocket(on: SocketAddress(ip: speaking, port: 0), loop: loop) { _, _ in
        }
        let place = SocketAddress(
            ip: listening == .any ? .loopback : listening,
            port: listener.bound.port
        )
        try await begin(listener, on: loop)
        let words: [UInt8] = [1, 2, 3]
        loop.execute { speaker.send(words.span, to: place) }
        #expect(await eventually(on: loop) { heard.datagrams.count == 1 })
        #expect(heard.datagrams.first?.bytes == words)
        #expect(heard.datagrams.first?.from.port == speaker.bound.port)
        #expect(heard.datagrams.first?.from.ip == place.ip)
    }

    @Test func `takes a burst larger than one turn, whole`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let heard = Heard()
        let here = SocketAddress(ip: .loopback, port: 0)
        let socket = try UDPSocket(on: here, loop: loop) {
            heard.add([UInt8](copying: $0), from: $1)
        }
        try await begin(socket, on: loop)
        loop.execute {
            for number in 0..<200 {
                let datagram = [UInt8](repeating: UInt8(number), count: 100)
                socket.send(datagram.span, to: socket.bound)
            }
        }
        #expect(await eventually(on: loop) { heard.datagrams.count == 200 })
        #expect(heard.datagrams.map { $0.bytes[0] } == (0..<200).map { UInt8($0) })
    }

    @Test func `survives the news that nobody is at a port`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let heard = Heard()
        let here = SocketAddress(ip: .loopback, port: 0)
        let socket = try UDPSocket(on: here, loop: loop) {
            heard.add([UInt8](copying: $0), from: $1)
        }
        try await begin(socket, on: loop)
        // Bound and let go of: nobody is there.
        let nobody = try UDPSocket(on: here, loop: loop) { _, _ in }.bound
        let words: [UInt8] = [9]
        for _ in 0..<3 { loop.execute { socket.send(words.span, to: nobody) } }
        #expect(
            await eventually(on: loop) {
                loop.execute { socket.send(words.span, to: socket.bound) }
                return !heard.datagrams.isEmpty
            }
        )
    }

    private func begin(_ socket: UDPSocket, on loop: Loop) async throws {
        let fault: SystemFault? = await withCheckedContinuation { done in
            loop.execute {
                do throws(SystemFault) {
                    try socket.open()
                    done.resume(returning: nil)
                } catch {
                    done.resume(returning: error)
                }
            }
        }
        if let fault { throw fault }
    }

    private func eventually(on loop: Loop, _ claim: () -> Bool) async -> Bool {
        for _ in 0..<500 {
            if claim() { return true }
            await loop.sleep(for: .milliseconds(10))
        }
        return claim()
    }
}

private final class Heard: Sendable {
    private let state = Mutex<[(bytes: [UInt8], from: SocketAddress)]>([])

    var datagrams: [(bytes: [UInt8], from: SocketAddress)] { state.withLock { $0 } }

    func add(_ bytes: [UInt8], from: SocketAddress) {
        state.withLock { $0.append((bytes, from)) }
    }
}
