import Basics
import Cluster
import Coordination
import IO
import Testing

/// Nodes with real links and a real Redis, in one process.
@Suite(.serialized) struct `Nodes that keep a cluster` {
    private let owls: Channel

    init() throws {
        owls = try #require(Channel("owls"))
    }

    @Test func `lead a hundred races of claims to one host each, within 50 ms`() async throws {
        let cluster = try await KeptCluster()
        var times: [Duration] = []
        // What a millisecond takes here: a sanitizer, or other work, makes all take several times as long.
        var milliseconds: [Duration] = []
        for race in 0..<100 {
            let channel = try #require(Channel("race\(race)"))
            let start = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(1))
            milliseconds.append(ContinuousClock.now - start)
            let begin = ContinuousClock.now
            let answers = await withTaskGroup(of: (MemberID, ClaimAnswer).self) { group in
                for node in cluster.nodes {
                    group.addTask { (node.member, await node.keeper.claim(channel, above: nil)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            times.append(ContinuousClock.now - begin)
            let winners = answers.filter { if case .mine = $0.1 { true } else { false } }
            try #require(winners.count == 1, "\(answers)")
            guard case .mine(let token) = winners[0].1 else { return }
            for (_, answer) in answers where answer != winners[0].1 {
                #expect(answer == .theirs(winners[0].0, token))
            }
        }
        times.sort()
        milliseconds.sort()
        let limit = max(Duration.milliseconds(50), milliseconds[50] * 25)
        #expect(times[50] < limit, "half within \(times[50]), a millisecond in \(milliseconds[50])")
        await cluster.close()
    }

    @Test func `take over what a node that died had, with its last picture`() async throws {
        let cluster = try await KeptCluster()
        let (crow, daw, jay) = (cluster.nodes[0], cluster.nodes[1], cluster.nodes[2])
        var tokens: [Channel: Token] = [:]
        for number in 0..<20 {
            let channel = try #require(Channel("call\(number)"))
            guard case .mine(let token) = await crow.keeper.claim(channel, above: nil) else {
                Issue.record("call\(number) is not crow's")
                return
            }
            tokens[channel] = token
            let place = HostedPlace(channel: channel, token: token)
            crow.keeper.save(place, sequence: 1, [UInt8(number)])
        }
        // The last save is done once something asked after it is.
        _ = await crow.keeper.claim(owls, above: nil)
        await crow.die()
        try await eventually(within: .seconds(10)) {
            daw.takenOver.count + jay.takenOver.count == 21
        }
        let taken = daw.takenOver + jay.takenOver
        for (channel, token) in tokens {
            let place = try #require(taken.first { $0.channel == channel })
            #expect(place.token > token)
            #expect(place.snapshot?.count == 1)
        }
        // Both share in it.
        #expect(daw.takenOver.count > 2 && jay.takenOver.count > 2)
        #expect(!crow.isOpen)
        await cluster.close()
    }

    @Test func `say again what they host to a Redis that was restarted empty`() async throws {
        let cluster = try await KeptCluster()
        guard case .mine(let token) = await cluster.nodes[1].keeper.claim(owls, above: nil) else {
            Issue.record("not daw's")
            return
        }
        cluster.server.kill()
        // Running calls go on, and who asks for a new one is told why not.
        try await Task.sleep(for: .seconds(2))
        #expect(cluster.areOpen)
        #expect(
            await cluster.nodes[0].keeper.claim(owls, above: nil)
                == .theirs(cluster.nodes[1].member, token)
        )
        let rooks = try #require(Channel("rooks"))
        guard case .refused(let fault) = await cluster.nodes[0].keeper.claim(rooks, above: nil)
        else {
            Issue.record("placed without a Redis")
            return
        }
        #expect("\(fault)".contains("Redis has not answered"), "\(fault)")
        try cluster.server.start()
        try await cluster.ready()
        try await eventually {
            try await cluster.server.ask("HGET", "r1:{test}:room:owls", "token").text == "\(token)"
        }
        guard case .mine(let next) = await cluster.nodes[0].keeper.claim(rooks, above: nil) else {
            Issue.record("nothing is placed after Redis came back")
            return
        }
        #expect(next.generation > token.generation)
        #expect(!cluster.haveFenced)
        await cluster.close()
    }

    @Test func `refuse a second of the same name while the first lives`() async throws {
        let cluster = try await KeptCluster(["crow", "daw"])
        let second = try KeptNode("crow", nonce: 99, in: cluster.server)
        let first = cluster.nodes[0].member
        try await eventually {
            second.news.contains(.membership(.refused(namesake: first)))
        }
        #expect(cluster.nodes[0].isOpen && !second.isOpen)
        await second.die()
        await cluster.close()
    }

    @Test func `go on through a flushed script cache, and through a full Redis`() async throws {
        let cluster = try await KeptCluster(["crow", "daw"])
        try await cluster.server.ask("SCRIPT", "FLUSH")
        guard case .mine = await cluster.nodes[0].keeper.claim(owls, above: nil) else {
            Issue.record("not placed after SCRIPT FLUSH")
            return
        }
        try await cluster.server.ask("CONFIG", "SET", "maxmemory", "1")
        try await Task.sleep(for: .seconds(2))
        #expect(cluster.areOpen)
        let rooks = try #require(Channel("rooks"))
        guard
            case .refused(.redisUnwilling(let why)) =
                await cluster.nodes[0].keeper.claim(rooks, above: nil)
        else {
            Issue.record("a full Redis is not said to be full")
            return
        }
        #expect(why.contains("maxmemory"))
        try await cluster.server.ask("CONFIG", "SET", "maxmemory", "0")
        try await eventually {
            if case .mine = await cluster.nodes[0].keeper.claim(rooks, above: nil) {
                true
            } else {
                false
            }
        }
        await cluster.close()
    }

    @Test func `move a call, which goes on under a higher token`() async throws {
        let cluster = try await KeptCluster(["crow", "daw"])
        let (crow, daw) = (cluster.nodes[0], cluster.nodes[1])
        guard case .mine(let token) = await crow.keeper.claim(owls, above: nil) else { return }
        let place = HostedPlace(channel: owls, token: token)
        crow.keeper.save(place, sequence: 9, [1, 2])
        crow.keeper.beginMove(place, to: daw.member)
        try await eventually {
            crow.news.contains(.placement(.moveBegun(place, to: daw.member)))
        }
        crow.keeper.finishMove(place)
        try await eventually { daw.takenOver.count == 1 }
        let taken = try #require(daw.takenOver.first)
        #expect(taken.token > token && taken.snapshot == [1, 2])
        guard case .theirs(daw.member, _) = await crow.keeper.claim(owls, above: token) else {
            Issue.record("crow does not know where the call went")
            return
        }
        await cluster.close()
    }

    @Test func `leave, and are forgotten at once`() async throws {
        let cluster = try await KeptCluster(["crow", "daw"])
        cluster.nodes[0].keeper.leave()
        let first = cluster.nodes[0].member
        try await eventually {
            cluster.nodes[1].news.contains(.membership(.memberLeft(first)))
        }
        #expect(!cluster.nodes[0].isOpen)
        await cluster.close()
    }
}
