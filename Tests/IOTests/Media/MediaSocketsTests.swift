import Basics
import Glibc
import IO
import Testing

@Suite struct `Media sockets` {
    @Test(arguments: [IPAddress.loopback, .loopbackV6])
    func `echo datagrams through both batches`(ip: IPAddress) async throws {
        try await withPair(ip, echoes: true) { here, there in
            let packets = (0..<50).map { [UInt8](repeating: UInt8($0), count: 40 + 20 * $0) }
            await here.send(packets, to: path(to: there))
            #expect(await here.loop.eventually { here.heard.count == 50 })
            #expect(here.heard.map(\.bytes) == packets)
            #expect(here.heard.allSatisfy { $0.path == path(to: there) })
            #expect(there.heard.allSatisfy { $0.path == path(to: here) })
            #expect(there.turns > 0)
        }
    }

    @Test func `tell their receiver of the instants it asked for`() async throws {
        try await withPair { here, _ in
            let asked = Loop.readClock() + .milliseconds(20)
            await here.loop.run { here.sockets.schedule(at: asked) }
            #expect(await here.loop.eventually { !here.dues.isEmpty })
            #expect(here.dues.count == 1 && here.dues[0] >= asked)
        }
    }

    @Test func `send a run that arrives as single packets, the last of them smaller`() async throws
    {
        try await withPair { here, there in
            let packets = sizes([1_200, 1_200, 1_200, 1_200, 500])
            await here.send(packets, to: path(to: there))
            #expect(await here.loop.eventually { there.heard.count == 5 })
            #expect(there.heard.map(\.bytes) == packets)
            let counters = await here.counters
            #expect(counters.sentPackets == 5)
            #expect(counters.sentRuns == 1)
            #expect(counters.sentBytes == 5_300)
            let received = await there.counters
            #expect(received.receivedDatagrams == 5)
            #expect(received.receivedTrains == (there.sockets.takesTrains ? 1 : 0))
        }
    }

    @Test func `break a run where sizes rise`() async throws {
        try await withPair { here, there in
            let packets = sizes([1_200, 1_201, 1_201, 100, 101])
            await here.send(packets, to: path(to: there))
            #expect(await here.loop.eventually { there.heard.count == 5 })
            #expect(there.heard.map(\.bytes) == packets)
            #expect(await here.counters.sentRuns == 3)
        }
    }

    /// Whether or not the receiving kernel joins them, plain sockets see single datagrams.
    @Test func `send runs that other programs see as packets`() async throws {
        let plain = try Socket.datagrams(on: SocketAddress(ip: .loopback, port: 0))
        defer { close(plain.descriptor) }
        try await withPair { here, _ in
            let packets = sizes([1_200, 1_200, 700])
            await here.send(packets, to: DatagramPath(remote: plain.bound, local: 0))
            var seen: [[UInt8]] = []
            _ = await here.loop.eventually {
                if let next = Socket.receive(plain.descriptor) { seen.append(next.bytes) }
                return seen.count == 3
            }
            #expect(seen == packets)
        }
    }

    /// A socket that makes no checksums can't have its packets cut by the kernel either.
    @Test func `split runs for good where the kernel won't take them whole`() async throws {
        try await withPair(.loopback) { here, there in
            try unsumChecks(of: here.sockets.addresses[0])
            let packets = sizes([1_200, 1_200, 1_200, 400])
            for round in 1...3 {
                await here.send(packets, to: path(to: there))
                #expect(await here.loop.eventually { there.heard.count == 4 * round })
            }
            #expect(there.heard.map(\.bytes) == packets + packets + packets)
            let counters = await here.counters
            #expect(counters.sentPackets == 12)
            // Refused once, and not offered again.
            #expect(counters.splitRuns == 1)
            #expect(counters.droppedUnreachable == 0)
        }
    }

    @Test func `carry twenty thousand packets without loss when paced`() async throws {
        try await withPair { here, there in
            let packets = sizes([Int](repeating: 1_200, count: 100))
            for round in 1...200 {
                await here.send(packets, to: path(to: there))
                if round % 8 == 0 {
                    #expect(await here.loop.eventually { there.heard.count == 100 * round })
                }
            }
            #expect(there.heard.count == 20_000)
            #expect(await there.counters.receivedDatagrams == 20_000)
            #expect(await there.counters.receivedBytes == 24_000_000)
            #expect(await there.loop.run { there.sockets.overflowedDatagrams } == 0)
        }
    }

    @Test func `count what no way leads to, and go on`() async throws {
        try await withPair(.loopback) { here, there in
            let v6 = SocketAddress(ip: .loopbackV6, port: 9)
            await here.send(sizes([100]), to: DatagramPath(remote: v6, local: 0))
            // Reserved for experiments: no route has it.
            let nowhere = SocketAddress(ip: IPAddress(v4: 0xF000_0001), port: 9)
            await here.send(sizes([100, 100]), to: DatagramPath(remote: nowhere, local: 0))
            // Nobody listens there, which the kernel may tell later.
            let closed = SocketAddress(ip: .loopback, port: 1)
            for _ in 0..<5 {
                await here.send(sizes([100]), to: DatagramPath(remote: closed, local: 0))
            }
            await here.send(sizes([100]), to: path(to: there))
            #expect(await here.loop.eventually { there.heard.count == 1 })
            #expect(await here.counters.droppedUnreachable == 3)
            #expect(await here.counters.sentPackets == 6)
        }
    }

    @Test func `drop what is larger than a slot, and what is empty`() async throws {
        try await withPair(.loopback) { here, there in
            let descriptor = try Socket.datagrams(on: SocketAddress(ip: .loopback, port: 0))
            defer { close(descriptor.descriptor) }
            let target = there.sockets.addresses[0]
            for size in [0, 65_000, 100] {
                let bytes = [UInt8](repeating: 7, count: size)
                Socket.send(bytes, to: target, from: descriptor.descriptor, isDualStack: false)
            }
            #expect(await here.loop.eventually { there.heard.contains { $0.bytes.count == 100 } })
            let refused = there.sockets.takesTrains ? 1 : 2
            #expect(await there.counters.refusedDatagrams == UInt64(refused))
        }
    }

    @Test func `have one port on all addresses`() throws {
        let loop = try Loop()
        defer { loop.stop() }
        let addresses = [IPAddress.loopback, .loopbackV6, try IPAddress("127.0.0.2")]
        let sockets = try MediaSockets.bind(on: addresses, port: 0, loops: [loop])[0]
        #expect(sockets.addresses.map(\.ip) == addresses)
        #expect(Set(sockets.addresses.map(\.port)) == [sockets.port])
        #expect(sockets.port != 0)
        #expect(sockets.receiveBufferSize > 100_000)
    }

    @Test(arguments: [1, 2])
    func `say who has the port, if it is taken`(threads: Int) throws {
        let loops = try (0..<threads).map { try Loop(index: $0) }
        defer { for loop in loops { loop.stop() } }
        let first = try MediaSockets.bind(on: [.loopback], port: 0, loops: loops)
        let port = first[0].port
        let fault = #expect(throws: SystemFault.self) {
            try MediaSockets.bind(on: [.loopback], port: port, loops: loops)
        }
        let text = fault?.description ?? ""
        #expect(text.contains("port \(port)/udp is taken by another program"))
        #expect(text.contains("set media.udp_port, or stop it"))
        withExtendedLifetime(first) {}
    }

    @Test func `let two threads share a port, and each client stay with one`() async throws {
        let loops = [try Loop(index: 0), try Loop(index: 1)]
        let client = try Loop(index: 2)
        defer { for loop in loops + [client] { loop.stop() } }
        let ears = try MediaSockets.bind(on: [.loopback], port: 0, loops: loops).map {
            MediaEars($0)
        }
        for ear in ears { try await ear.open() }
        var callers: [MediaEars] = []
        for _ in 0..<32 {
            let sockets = try MediaSockets.bind(on: [.loopback], port: 0, loops: [client])
            callers.append(MediaEars(sockets[0]))
        }
        for round in 1...4 {
            for caller in callers { await caller.send(sizes([200]), to: path(to: ears[0])) }
            #expect(
                await client.eventually { ears[0].heard.count + ears[1].heard.count == 32 * round }
            )
        }
        let sides = ears.map { Set($0.heard.map(\.path.remote)) }
        #expect(sides[0].isDisjoint(with: sides[1]))
        #expect(sides.allSatisfy { !$0.isEmpty })
        for ear in ears { await ear.close() }
    }

    // MARK: - Two of them

    private func withPair(
        _ ip: IPAddress = .loopback,
        echoes: Bool = false,
        _ body: (_ here: MediaEars, _ there: MediaEars) async throws -> Void
    ) async throws {
        let loops = [try Loop(index: 0), try Loop(index: 1)]
        defer { for loop in loops { loop.stop() } }
        let here = MediaEars(
            try MediaSockets.bind(on: [ip], port: 0, loops: [loops[0]])[0]
        )
        let there = MediaEars(
            try MediaSockets.bind(on: [ip], port: 0, loops: [loops[1]])[0],
            echoes: echoes
        )
        try await here.open()
        try await there.open()
        try await body(here, there)
        await here.close()
        await there.close()
    }

    private func path(to ears: MediaEars) -> DatagramPath {
        DatagramPath(remote: ears.sockets.addresses[0], local: 0)
    }

    private func sizes(_ sizes: [Int]) -> [[UInt8]] {
        sizes.enumerated().map { index, size in
            (0..<size).map { UInt8(truncatingIfNeeded: $0 &+ 31 &* index) }
        }
    }

    /// Finds the socket bound to the address among this process's, and turns its checksums off.
    private func unsumChecks(of address: SocketAddress) throws {
        for descriptor in Int32(3)..<1_024 {
            var kind: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &length) == 0,
                kind == Int32(SOCK_DGRAM.rawValue)
            else { continue }
            // A socket of another family has no address of ours.
            guard let name = try? Socket.name(of: descriptor), name == address else { continue }
            Socket.setOption(descriptor, SOL_SOCKET, SO_NO_CHECK, 1)
            return
        }
        Issue.record("no socket has \(address)")
    }
}
