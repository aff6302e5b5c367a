import Foundation
import Glibc
import Testing

extension `A node` {
    /// Redis answers, but does not do what it is told.
    @Suite(.enabled(if: SlowTests.canRun)) struct `whose Redis refuses` {
        typealias Three = `that is one of three`

        enum Refusal: String, CaseIterable, Sendable {
            case full
            case readOnly

            func begin(_ redis: RunningRedis) throws {
                switch self {
                case .full: _ = try redis.ask("CONFIG", "SET", "maxmemory", "1")
                // Of a primary that is not there.
                case .readOnly: _ = try redis.ask("REPLICAOF", "127.0.0.1", "1")
                }
            }

            func end(_ redis: RunningRedis) throws {
                switch self {
                case .full: _ = try redis.ask("CONFIG", "SET", "maxmemory", "0")
                case .readOnly: _ = try redis.ask("REPLICAOF", "NO", "ONE")
                }
            }
        }

        @Test(arguments: Refusal.allCases)
        func `to write goes on with its calls, says why it begins none, and recovers`(
            refusal: Refusal
        ) throws {
            let cluster = try RunningCluster()
            let (ada, bob) = try Three.two(in: cluster)
            let eve = try Caller(cluster.nodes[2], as: "eve")
            try refusal.begin(cluster.redis)
            usleep(1_500_000)
            try eve.join(Three.channel(1))
            let why = try eve.hear("error")["data"] as? String ?? ""
            #expect(
                why.contains("refuses to write") && why.contains("running calls go on"),
                "\(why)"
            )
            try eve.join(Three.channel)
            _ = try Three.state(eve, Three.channel)
            for round in 0..<8 {
                try Three.meet([ada, bob, eve], "round \(round)")
                usleep(500_000)
            }
            #expect(try cluster.nodes.map { try $0.callCount } == [1, 0, 0])
            try refusal.end(cluster.redis)
            let zoe = try Caller(cluster.nodes[2], as: "zoe")
            let isBack = try eventually(within: .seconds(5)) {
                try zoe.join(Three.channel(2))
                try zoe.settle()
                usleep(200_000)
                try zoe.settle()
                return zoe.names.contains("join")
            }
            #expect(isBack, "\(zoe.unread)")
            try Three.meet([ada, bob, eve], "at last")
            for caller in [ada, bob, eve] {
                #expect(caller.gaps == [] && !caller.names.contains("user_left"))
                #expect(!caller.names.contains("call_rehost"))
            }
        }

        @Test func `to know its scripts tells them again`() throws {
            let cluster = try RunningCluster()
            let callers = try (0..<3).map { try Caller(cluster.nodes[$0], as: "person\($0)") }
            for (number, caller) in callers.enumerated() {
                #expect(try cluster.redis.ask("SCRIPT", "FLUSH").hasPrefix("+OK"))
                try caller.join(Three.channel(number))
                _ = try Three.state(caller, Three.channel(number))
            }
            // Renewals, too: nobody loses the right to host.
            for _ in 0..<20 {
                _ = try cluster.redis.ask("SCRIPT", "FLUSH")
                usleep(100_000)
            }
            try cluster.waitUntilWhole()
            #expect(try cluster.nodes.reduce(0) { try $0 + $1.callCount } == 3)
            for caller in callers {
                #expect(!caller.names.contains("error") && !caller.names.contains("call_end"))
            }
        }
    }
}
