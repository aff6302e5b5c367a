import Basics
import IO
import Synchronization
import Testing

extension `On loopback` {
    @Suite struct `Media over TCP` {
        @Test func `comes and goes as packets, by a path of its own`() async throws {
            try await withDoor(echoes: true) { door, ears in
                let client = try RawClient(port: door.port)
                let packets = [hello, [1, 2, 3], [UInt8](repeating: 4, count: 1_500)]
                try client.send(packets.framed)
                #expect(try client.readFrames(3) == packets)
                #expect(ears[0].heard.map(\.bytes) == packets)
                let paths = Set(ears[0].heard.map(\.path))
                #expect(paths.count == 1)
                #expect(paths.allSatisfy { $0.stream != 0 && $0.remote.ip == .loopback })
                let counters = await ears[0].streamCounters
                #expect(counters.receivedFrames == 3 && counters.sentFrames == 3)
                #expect(counters.receivedBytes == 1_523)
                #expect(counters.sentBytes == 1_529)
            }
        }

        @Test func `comes whole however its frames are cut`() async throws {
            try await withDoor(limitPerAddress: 100) { door, ears in
                let packets = [hello, [], [7], [8, 8, 8]]
                let stream = packets.framed
                for cut in 1..<stream.count {
                    let client = try RawClient(port: door.port)
                    try client.send([UInt8](stream[..<cut]))
                    await ears[0].loop.sleep(for: .milliseconds(1))
                    try client.send([UInt8](stream[cut...]))
                    #expect(await ears[0].loop.eventually { ears[0].heard.count == 3 * cut })
                    let heard = ears[0].heard.suffix(3).map(\.bytes)
                    #expect(heard == [hello, [7], [8, 8, 8]], "cut at \(cut)")
                }
            }
        }

        @Test func `leaves in runs, each packet in its frame`() async throws {
            try await withDoor { door, ears in
                let client = try RawClient(port: door.port)
                try client.send([hello].framed)
                #expect(await ears[0].loop.eventually { !ears[0].heard.isEmpty })
                let sizes = [Int](repeating: 1_200, count: 20) + [300, 301]
                let packets = sizes.enumerated().map { [UInt8](repeating: UInt8($0), count: $1) }
                await ears[0].send(packets, to: ears[0].heard[0].path)
                #expect(try client.readFrames(22) == packets)
            }
        }

        @Test func `must begin with STUN`() async throws {
            try await withDoor { door, ears in
                let client = try RawClient(port: door.port)
                try client.send([[UInt8](repeating: 0x80, count: 40)].framed)
                #expect(try client.readUntilEnd() == "")
                #expect(await ears[0].loop.eventually { ears[0].ended.count == 1 })
                #expect(ears[0].ended[0].ending == .malformed)
                #expect(ears[0].heard.isEmpty)
                #expect(door.unproved == 0)
            }
        }

        @Test func `ends at a frame too large, after those before it`() async throws {
            try await withDoor { door, ears in
                let client = try RawClient(port: door.port)
                try client.send([hello, [9]].framed + [0x08, 0x01, 1, 2, 3])
                #expect(try client.readUntilEnd() == "")
                #expect(await ears[0].loop.eventually { ears[0].ended.count == 1 })
                #expect(ears[0].ended[0].ending == .malformed)
                #expect(ears[0].heard.map(\.bytes) == [hello, [9]])
            }
        }

        @Test func `is cut when it says nothing, proves nothing, or falls silent`() async throws {
            var rules = MediaStreamRules()
            rules.firstFrameWithin = .milliseconds(50)
            rules.provedWithin = .milliseconds(200)
            rules.idleAfter = .milliseconds(300)
            try await withDoor(rules: rules) { door, ears in
                let start = Loop.readClock()
                let silent = try RawClient(port: door.port)
                // A frame that is begun and not finished is no word.
                try silent.send([0, 20, 0, 1])
                let unproved = try RawClient(port: door.port)
                try unproved.send([hello].framed)
                let proved = try RawClient(port: door.port)
                try proved.send([hello].framed)
                #expect(await ears[0].loop.eventually { ears[0].heard.count == 2 })
                let path = ears[0].heard[1].path
                await ears[0].loop.run { ears[0].sockets.streams.prove(path.stream) }
                for (client, patience) in [(silent, 50), (unproved, 200), (proved, 300)] {
                    #expect(try client.readUntilEnd() == "")
                    #expect(Loop.readClock() - start >= .milliseconds(patience))
                }
                #expect(await ears[0].loop.eventually { ears[0].ended.count == 3 })
                #expect(ears[0].ended.allSatisfy { $0.ending == .silent })
                #expect(ears[0].ended.last?.stream == path.stream)
            }
        }

        @Test func `has few places for strangers, and frees them by proof`() async throws {
            try await withDoor(limit: 3, limitPerAddress: 2) { door, ears in
                let first = try RawClient(port: door.port)
                let second = try RawClient(port: door.port)
                try first.send([hello].framed)
                #expect(await ears[0].loop.eventually { door.unproved == 2 })
                #expect(try RawClient(port: door.port).readUntilEnd() == "")
                #expect(door.refused == 1)
                #expect(await ears[0].loop.eventually { ears[0].heard.count == 1 })
                let path = ears[0].heard[0].path
                await ears[0].loop.run { ears[0].sockets.streams.prove(path.stream) }
                #expect(door.unproved == 1)
                let third = try RawClient(port: door.port)
                try third.send([hello].framed)
                #expect(await ears[0].loop.eventually { ears[0].heard.count == 2 })
                // Another address has places of its own, until the node is full.
                let others = try (2...3).map {
                    try RawClient(port: door.port, from: "127.0.0.\($0)")
                }
                #expect(try others[1].readUntilEnd() == "")
                #expect(door.unproved == 3)
                withExtendedLifetime((second, others)) {}
            }
        }

        @Test func `drops whole packets for a slow reader, and holds little for it`() async throws {
            try await withDoor(proves: true) { door, ears in
                let client = try RawClient(port: door.port, receiveBuffer: 16_384)
                try client.send([hello].framed)
                #expect(await ears[0].loop.eventually { !ears[0].heard.isEmpty })
                let path = ears[0].heard[0].path
                for round in 0..<40 {
                    let packets = (0..<100).map { numbered(100 * round + $0) }
                    await ears[0].send(packets, to: path)
                }
                let counters = await ears[0].streamCounters
                #expect(counters.sentFrames + counters.droppedFrames == 4_000)
                #expect(counters.droppedFrames > 1_000)
                // What was taken comes whole and in order, when at last it is read.
                let frames = try client.readFrames(Int(counters.sentFrames))
                let numbers = frames.map { Int($0[0]) << 8 | Int($0[1]) }
                #expect(frames == numbers.map { numbered($0) })
                #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
                await ears[0].send([numbered(4_000)], to: path)
                #expect(try client.readFrames(1) == [numbered(4_000)])
            }
        }

        @Test func `ends when the client goes, rudely or not`() async throws {
            try await withDoor { door, ears in
                let polite = try RawClient(port: door.port)
                try polite.send([hello].framed)
                #expect(await ears[0].loop.eventually { ears[0].heard.count == 1 })
                polite.finish()
                #expect(await ears[0].loop.eventually { ears[0].ended.count == 1 })
                var rude: RawClient? = try RawClient(port: door.port)
                try rude?.send([hello].framed)
                #expect(await ears[0].loop.eventually { ears[0].heard.count == 2 })
                rude?.endRudely()
                rude = nil
                #expect(await ears[0].loop.eventually { ears[0].ended.count == 2 })
                #expect(ears[0].ended.map(\.ending) == [.ended, .ended])
                #expect(ears[0].ended.map(\.stream) == ears[0].heard.map(\.path.stream))
                await ears[0].send([[1], [2]], to: ears[0].heard[1].path)
                #expect(await ears[0].streamCounters.lateFrames == 2)
                #expect(door.unproved == 0)
            }
        }

        @Test func `ends at its owner's word, and its number is not given again`() async throws {
            try await withDoor { door, ears in
                for round in 1...10 {
                    let client = try RawClient(port: door.port)
                    try client.send([hello].framed)
                    #expect(await ears[0].loop.eventually { ears[0].heard.count == round })
                    let path = ears[0].heard[round - 1].path
                    await ears[0].loop.run { ears[0].sockets.streams.close(path.stream) }
                    #expect(try client.readUntilEnd() == "")
                }
                #expect(Set(ears[0].heard.map(\.path.stream)).count == 10)
                #expect(ears[0].ended.isEmpty)
                #expect(await ears[0].loop.run { ears[0].sockets.streams.count } == 0)
            }
        }

        @Test func `lives on the loop that was chosen for it`() async throws {
            try await withDoor(loops: 2) { door, ears in
                let clients = try (0..<4).map { _ in try RawClient(port: door.port) }
                for client in clients { try client.send([hello].framed) }
                #expect(
                    await ears[0].loop.eventually {
                        ears[0].heard.count == 2 && ears[1].heard.count == 2
                    }
                )
                await ears[1].send([[5]], to: ears[1].heard[0].path)
                let port = ears[1].heard[0].path.remote.port
                let client = try #require(clients.first { $0.localPort == port })
                #expect(try client.readFrames(1) == [[5]])
            }
        }

        @Test func `says who has the port, if it is taken`() async throws {
            try await withDoor { door, ears in
                let fault = #expect(throws: SystemFault.self) {
                    try MediaStreamDoor(
                        on: [.loopback],
                        port: door.port,
                        loop: ears[0].loop,
                        starved: Counter(),
                        log: .silent
                    ) { _, _ in ears[0].sockets.streams }
                }
                let text = fault?.description ?? ""
                #expect(text.contains("port \(door.port)/tcp is taken by another program"))
                #expect(text.contains("set media.tcp_port, or stop it"))
            }
        }

        // MARK: - A door

        /// What a STUN message begins with, and nothing more.
        private var hello: [UInt8] {
            [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 0, count: 12)
        }

        private func numbered(_ number: Int) -> [UInt8] {
            let head = [UInt8(number >> 8), UInt8(number & 255)]
            return head + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1_198)
        }

        private func withDoor(
            loops count: Int = 1,
            echoes: Bool = false,
            proves: Bool = false,
            rules: MediaStreamRules = MediaStreamRules(),
            limit: Int = 1_000,
            limitPerAddress: Int = 8,
            _ body: (MediaStreamDoor, [MediaEars]) async throws -> Void
        ) async throws {
            let loops = try (0..<count).map { try Loop(index: $0) }
            defer { for loop in loops { loop.stop() } }
            let ears = try MediaSockets.bind(
                on: [.loopback],
                port: 0,
                loops: loops,
                streamRules: rules
            ).map { MediaEars($0, echoes: echoes, proves: proves) }
            for ear in ears { try await ear.open() }
            let door = try MediaStreamDoor(
                on: [.loopback],
                port: 0,
                loop: loops[0],
                limit: limit,
                limitPerAddress: limitPerAddress,
                starved: Counter(),
                log: .silent
            ) { _, index in ears[index % count].sockets.streams }
            door.open()
            try await body(door, ears)
            door.close()
            for ear in ears { await ear.close() }
        }
    }
}

extension MediaEars {
    fileprivate var streamCounters: MediaStreamCounters {
        get async { await loop.run { self.sockets.streams.counters } }
    }
}

extension [[UInt8]] {
    fileprivate var framed: [UInt8] {
        flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    }
}

extension RawClient {
    /// Reads so many frames; what follows stays.
    fileprivate func readFrames(_ count: Int) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while frames.count < count {
            var place = 0
            while frames.count < count, received.count - place >= 2 {
                let size = Int(received[place]) << 8 | Int(received[place + 1])
                guard received.count - place - 2 >= size else { break }
                frames.append([UInt8](received[place + 2..<place + 2 + size]))
                place += 2 + size
            }
            drop(place)
            guard frames.count < count else { break }
            guard try readMore() else { throw Fault(description: "ended after \(frames.count)") }
        }
        return frames
    }
}
