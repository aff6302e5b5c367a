import Foundation
import Glibc
import Testing
import Wire

extension `A node` {
    /// Real nodes, three real sentinels, a primary and its replica.
    @Suite(.enabled(if: Program.redis.isThere && SlowTests.areWanted))
    struct `whose Redis is watched by sentinels` {
        typealias Three = `that is one of three`

        /// The token under which the channel's call runs, as any node tells it: generation and count.
        private func token(_ number: Int, by node: RunningNode) throws -> [Int]? {
            let picture = try Client(port: node.metricsPort).get("/cluster.json").json
            let calls = (picture["nodes"]?.array ?? []).flatMap { $0["calls"]?.array ?? [] }
            let call = calls.first { $0["channel"]?.string == Three.channel(number) }
            return call?["token"]?.string?.split(separator: ".").compactMap { Int($0) }
        }

        private func text(_ token: [Int]) -> String {
            token.map(String.init).joined(separator: ".")
        }

        private func isBelow(_ one: [Int]?, _ other: [Int]?) -> Bool {
            guard let one, let other else { return false }
            return one.lexicographicallyPrecedes(other)
        }

        /// Begins a call, trying until it can, and says how long that took.
        private func begin(_ caller: Caller, _ number: Int) throws -> Duration {
            let began = ContinuousClock.now
            while ContinuousClock.now - began < .seconds(20) {
                try caller.join(Three.channel(number))
                try caller.settle()
                usleep(100_000)
                try caller.settle()
                let isThere = caller.unread.contains { event in
                    let data = event["data"] as? Caller.Members
                    return event["event"] as? String == Caller.prefix + "call_state"
                        && data?["channel_id"] as? String == Three.channel(number)
                }
                if isThere {
                    // Whoever makes none is sent away within the time that this takes.
                    try caller.sayOffer(Caller.offer)
                    caller.forgetUnread()
                    return ContinuousClock.now - began
                }
            }
            throw Child.Fault(description: "no call begins: \(caller.unread.suffix(4))")
        }

        private func end(_ caller: Caller) throws {
            try caller.say("leave")
            // With its last person the call is over.
            _ = try caller.hear("user_left") {
                $0["session_id"] as? String == caller.connection
            }
            caller.forgetUnread()
        }

        @Test func `finds it by them, and follows a switch in which acknowledged writes are lost`()
            throws
        {
            let watched = try RunningSentinels()
            let cluster = try RunningCluster(3, of: watched.primary, at: watched.settings)
            let (ada, bob) = try Three.two(in: cluster)
            for caller in [ada, bob] { try caller.sayOffer(Caller.offer) }
            let callers = try cluster.nodes.map { try Caller($0, as: "zoe") }
            #expect(try begin(callers[1], 1) < .seconds(2))
            let first = try #require(try token(1, by: cluster.nodes[0]))

            // Acknowledged by the primary, and never heard of by what is primary next: calls begin and end.
            try watched.part()
            usleep(200_000)
            try end(callers[1])
            for _ in 0..<3 {
                _ = try begin(callers[1], 1)
                try end(callers[1])
            }
            _ = try begin(callers[1], 1)
            let last = try #require(try token(1, by: cluster.nodes[0]))
            #expect(last[0] == first[0] && last[1] >= first[1] + 4, "\(first) \(last)")
            let place = "r1:{roost}:room:\(Three.channel(1))"
            let known = try watched.replica.ask("hget", place, "token")
            #expect(known.contains("\r\n\(text(first))\r\n"), "the replica has heard: \(known)")

            watched.primary.child.signal(SIGSTOP)
            let began = ContinuousClock.now
            // The call that runs notices nothing, and takes people in.
            try callers[2].join(Three.channel)
            _ = try Three.state(callers[2], Three.channel)
            try callers[2].sayOffer(Caller.offer)
            for round in 0..<8 {
                try Three.meet([ada, bob, callers[2]], "round \(round)")
                usleep(100_000)
            }
            let took = try begin(callers[0], 2)
            let until = ContinuousClock.now - began
            print("figure sentinel_new_call_after \(until) (waited \(took))")
            #expect(until < .seconds(10), "new calls begin again")
            try watched.waitForSwitch()

            // What was lost is said again, under the token that it had.
            let isKnown = try eventually {
                try watched.primary.ask("hget", place, "token")
                    .contains("\r\n\(text(last))\r\n")
            }
            #expect(isKnown)
            #expect(try token(1, by: cluster.nodes[2]) == last)
            let fresh = try token(2, by: cluster.nodes[1])
            #expect(isBelow(last, fresh), "\(last) \(String(describing: fresh))")
            try end(callers[1])
            _ = try begin(callers[1], 1)
            let again = try token(1, by: cluster.nodes[0])
            #expect(isBelow(last, again), "\(last) \(String(describing: again))")

            // The old primary comes back, and believes for a moment that it is one. Nobody else does.
            watched.replica.child.signal(SIGCONT)
            for round in 0..<10 {
                try Three.meet([ada, bob, callers[2]], "later \(round)")
                usleep(100_000)
            }
            let isReplica = try eventually(within: .seconds(20)) {
                try watched.replica.ask("role").contains("slave")
            }
            #expect(isReplica)
            try end(callers[0])
            _ = try begin(callers[0], 2)
            let after = try token(2, by: cluster.nodes[1])
            #expect(isBelow(fresh, after), "\(String(describing: after))")
            #expect(after?[0] == fresh?[0], "nothing was forgotten this time")
            for caller in [ada, bob] {
                #expect(caller.gaps == [] && !caller.names.contains("call_rehost"))
                for stays in [ada, bob, callers[2]] {
                    #expect(!caller.traces.contains { $0 == "user_left \(stays.connection) " })
                }
            }
            for node in cluster.nodes {
                #expect(try node.figure("roost_cluster_fenced_total") == 0, "\(node.log)")
            }
        }

        @Test func `waits for sentinels that are not there when it starts, and says so`() throws {
            let redis = try RunningRedis()
            let gone = try Proxy.freePort()
            let cluster = RunningCluster(
                of: redis,
                at: """
                    sentinels = ["127.0.0.1:\(gone)"]
                    sentinel_master = "calls"
                    """
            )
            let node = try cluster.make("early")
            #expect(try node.get("/readyz").status == 503)
            #expect(node.logs("none of 1 sentinels names the master"), "\(node.log)")
        }
    }
}
