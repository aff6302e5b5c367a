import Basics
import Media
import Testing

@Suite struct `The discovery of public addresses` {
    private let home = IPAddress(octets: 10, 0, 0, 5)
    private let second = IPAddress(octets: 10, 0, 1, 5)
    private let world = IPAddress(octets: 203, 0, 113, 7)
    private let near = SocketAddress(ip: IPAddress(octets: 192, 0, 2, 1), port: 3_478)
    private let far = SocketAddress(ip: IPAddress(octets: 192, 0, 2, 2), port: 3_478)
    private let start = Instant(nanoseconds: 0)
    private var random = SeededRandom(seed: 1)

    private func sent(
        _ actions: [AddressDiscovery.Action]
    ) -> [(bytes: [UInt8], from: IPAddress, to: SocketAddress)] {
        actions.compactMap { action in
            guard case .send(let bytes, let local, let server) = action else { return nil }
            return (bytes, local, server)
        }
    }

    private func answer(_ question: [UInt8], seen: IPAddress) throws -> [UInt8] {
        let transaction = try STUNMessage(question.span).transaction
        var buffer = [UInt8](repeating: 0, count: 100)
        let span = buffer.mutableSpan
        var writer = STUNWriter(.success, .binding, transaction, into: span)
        writer.append(.xorMappedAddress, SocketAddress(ip: seen, port: 4_000))
        let count = writer.finish() ?? 0
        return Array(buffer.prefix(count))
    }

    @Test mutating func `asks every server of its family for each address`() {
        var discovery = AddressDiscovery(locals: [home, second])
        let six = SocketAddress(ip: .loopbackV6, port: 3_478)
        let questions = sent(discovery.ask([near, far, six], at: start, using: &random))
        #expect(questions.map(\.from) == [home, home, second, second])
        #expect(questions.map(\.to) == [near, far, near, far])
        #expect(Set(questions.map(\.bytes)).count == 4)
    }

    @Test mutating func `takes the first answer, and tells it once`() throws {
        var discovery = AddressDiscovery(locals: [home])
        let questions = sent(discovery.ask([near, far], at: start, using: &random))
        let good = try answer(questions[1].bytes, seen: world)
        #expect(discovery.take(good, at: home, from: far) == [.found([home: world])])
        let late = try answer(questions[0].bytes, seen: world)
        #expect(discovery.take(late, at: home, from: near) == [])
        #expect(discovery.advance(to: start + .seconds(1)) == [])
        #expect(discovery.deadline == start + .seconds(300))
        #expect(discovery.wantsRound(at: start + .seconds(300)))
    }

    @Test mutating func `believes nobody who was not asked, nor another question's answer`() throws
    {
        var discovery = AddressDiscovery(locals: [home, second])
        let questions = sent(discovery.ask([near], at: start, using: &random))
        let good = try answer(questions[0].bytes, seen: world)
        #expect(discovery.take(good, at: home, from: far) == [])
        #expect(discovery.take(good, at: second, from: near) == [])
        #expect(discovery.take(questions[0].bytes, at: home, from: near) == [])
        let void = try answer(questions[0].bytes, seen: IPAddress(octets: 0, 0, 0, 0))
        #expect(discovery.take(void, at: home, from: near) == [])
        #expect(discovery.found.isEmpty)
        for length in good.indices {
            #expect(discovery.take(Array(good[..<length]), at: home, from: near) == [])
        }
        #expect(discovery.take(good, at: home, from: near) == [.found([home: world])])
    }

    @Test mutating func `asks again in growing distances, and says when nobody answers`() {
        var discovery = AddressDiscovery(locals: [home])
        _ = discovery.ask([near], at: start, using: &random)
        var asked: [Duration] = []
        var end: [AddressDiscovery.Action] = []
        while let due = discovery.deadline, due < start + .seconds(300) {
            let actions = discovery.advance(to: due)
            if sent(actions).isEmpty { end += actions } else { asked.append(due - start) }
        }
        #expect(
            asked == [
                .milliseconds(500), .milliseconds(1_500), .milliseconds(3_500),
                .milliseconds(7_500),
            ]
        )
        #expect(end == [.silent([home])])
    }

    @Test mutating func `keeps what it knows when nobody answers later`() throws {
        var discovery = AddressDiscovery(locals: [home])
        let first = sent(discovery.ask([near], at: start, using: &random))
        let good = try answer(first[0].bytes, seen: world)
        _ = discovery.take(good, at: home, from: near)
        let later = start + .seconds(300)
        let second = sent(discovery.ask([near], at: later, using: &random))
        #expect(second.count == 1 && second[0].bytes != first[0].bytes)
        _ = discovery.advance(to: later + .seconds(8))
        #expect(discovery.found == [home: world])
    }

    @Test mutating func `tells a change`() throws {
        var discovery = AddressDiscovery(locals: [home])
        var question = sent(discovery.ask([near], at: start, using: &random))[0].bytes
        _ = discovery.take(try answer(question, seen: world), at: home, from: near)
        question = sent(discovery.ask([near], at: start + .seconds(300), using: &random))[0].bytes
        let other = IPAddress(octets: 203, 0, 113, 8)
        let actions = discovery.take(try answer(question, seen: other), at: home, from: near)
        #expect(actions == [.found([home: other])])
    }

    @Test mutating func `asks nobody when there is nobody to ask`() {
        var discovery = AddressDiscovery(locals: [home])
        #expect(discovery.ask([], at: start, using: &random) == [])
        #expect(discovery.deadline == start + .seconds(300))
    }
}

extension IPAddress {
    fileprivate init(octets a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
        self.init(v4: a << 24 | b << 16 | c << 8 | d)
    }
}

extension AddressDiscovery {
    fileprivate mutating func take(
        _ bytes: [UInt8],
        at local: IPAddress,
        from server: SocketAddress
    ) -> [Action] {
        receive(bytes.span, at: local, from: server)
    }
}
