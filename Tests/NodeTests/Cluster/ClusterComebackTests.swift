import Foundation
import Glibc
import Synchronization
import Testing

extension `A node` {
    /// Clients that come back while nobody has their call, by whichever node, and must not be told that it is over.
    @Suite(.enabled(if: SlowTests.canRun)) struct `to which people come back` {
        typealias Three = `that is one of three`
        static let channel = Three.channel

        private func join(_ caller: Caller) throws {
            try caller.say("join", #"{"channelID":"\#(Self.channel)","followsHost":true}"#)
            _ = try Three.state(caller, Self.channel)
        }

        private func come(_ node: RunningNode, as name: String) throws -> Caller {
            let caller = try Caller(node, as: name)
            try join(caller)
            return caller
        }

        /// Says that it comes from that connection, in whose session it is.
        private func reconnect(
            _ caller: Caller,
            to session: String,
            from previous: String? = nil
        ) throws {
            try caller.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(session)","#
                    + #""prevConnID":"\#(previous ?? session)"}"#
            )
        }

        private func callID(_ caller: Caller) throws -> String? {
            try caller.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            return try Three.state(caller, Self.channel)["id"] as? String
        }

        /// It is in the cluster again some time before Redis has given it back what it hosted in its life before.
        @Test func `has lost its right to host, and goes on with its call for who waits`() throws {
            let cluster = try RunningCluster(2)
            let login = try cluster.nodes[0].logIn("ada")
            let ada = try Caller(cluster.nodes[0], login.bearer)
            _ = try ada.hear("hello")
            try join(ada)
            let id = try callID(ada)
            usleep(300_000)
            cluster.redis.child.signal(SIGSTOP)
            defer { cluster.redis.child.signal(SIGCONT) }
            try cluster.kill(cluster.nodes[1])
            #expect(cluster.nodes[0].logs("this node has lost its right to host"))
            let back = try Caller(cluster.nodes[0], login.bearer)
            _ = try back.hear("hello")
            try reconnect(back, to: ada.connection)
            cluster.redis.child.signal(SIGCONT)
            _ = try back.hear("call_rehost")
            #expect(try callID(back) == id)
            #expect(!back.names.contains("error"))
        }

        /// Another node hands the connection over with where its call was, though that one is gone.
        @Test func `is led by another to one that is dead, and tells that the call is lost`() throws
        {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let login = try cluster.nodes[1].logIn("bob")
            let bob = try Caller(cluster.nodes[1], login.bearer)
            _ = try bob.hear("hello")
            try join(bob)
            usleep(300_000)
            // So that nobody can go on with it.
            let key = "r1:{roost}:snap:\(Self.channel)"
            #expect(try cluster.redis.ask("DEL", key) == ":1\r\n")
            try cluster.kill(cluster.nodes[0])
            usleep(1_500_000)
            let back = try Caller(
                cluster.nodes[1],
                login.bearer,
                resuming: bob.connection,
                after: bob.expected
            )
            #expect(try back.hear("hello")["connection_id"] as? String == bob.connection)
            try reconnect(back, to: bob.connection)
            _ = try back.hear("error") { $0["connID"] as? String == bob.connection }
            withExtendedLifetime(ada) {}
        }

        /// The connection is one that the call has never heard of, for its host was dead before.
        @Test func `gets a connection of another, and tells the call whose it is`() throws {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let login = try cluster.nodes[1].logIn("bob")
            let bob = try Caller(cluster.nodes[1], login.bearer)
            _ = try bob.hear("hello")
            // Known there, too, while Redis can't be asked.
            let early = try Caller(cluster.nodes[2], login.bearer)
            _ = try early.hear("hello")
            try join(bob)
            let id = try callID(bob)
            usleep(300_000)
            cluster.redis.child.signal(SIGSTOP)
            defer { cluster.redis.child.signal(SIGCONT) }
            usleep(1_000_000)
            try cluster.kill(cluster.nodes[0])
            let second = try Caller(cluster.nodes[0], login.bearer)
            _ = try second.hear("hello")
            try reconnect(second, to: bob.connection)
            try second.settle()
            let third = try Caller(
                cluster.nodes[1],
                login.bearer,
                resuming: second.connection,
                after: second.expected
            )
            #expect(try third.hear("hello")["connection_id"] as? String == second.connection)
            try reconnect(third, to: bob.connection, from: second.connection)
            cluster.redis.child.signal(SIGCONT)
            _ = try third.hear("call_rehost") { $0["session_id"] as? String == bob.connection }
            #expect(try callID(third) == id)
            usleep(3_000_000)
            try third.settle()
            #expect(!third.names.contains("error"), "\(third.unread)")
            withExtendedLifetime(ada) {}
        }

        /// What they say is led to the next host as soon as there is one, which may not have been told of them yet.
        @Test func `brings everybody to the next host, who say something in that moment, too`()
            throws
        {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let others = try (0..<4).map { try come(cluster.nodes[1 + $0 % 2], as: "bob\($0)") }
            usleep(300_000)
            try cluster.kill(cluster.nodes[0])
            let end = ContinuousClock.now + .milliseconds(600)
            while ContinuousClock.now < end {
                for caller in others { try caller.say("react", Self.wave) }
                usleep(500)
            }
            for caller in others {
                _ = try caller.hear("call_rehost") {
                    $0["session_id"] as? String == caller.connection
                }
                try caller.say("raise_hand")
                _ = try caller.hear("user_raise_hand") {
                    $0["session_id"] as? String == caller.connection
                }
            }
            withExtendedLifetime(ada) {}
        }

        private static let wave = #"{"data":"{\"name\":\"wave\",\"unified\":\"1F44B\"}"}"#

        /// What nodes have heard in the last two seconds they tell a connection that comes from another and has not.
        @Test func `gets a connection of another, and tells it nothing that came before it`() throws
        {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let login = try cluster.nodes[1].logIn("bob")
            let early = try Caller(cluster.nodes[2], login.bearer)
            _ = try early.hear("hello")
            let eve = try come(cluster.nodes[0], as: "eve")
            _ = try early.hear("user_joined") { $0["session_id"] as? String == eve.connection }
            let bob = try Caller(cluster.nodes[1], login.bearer)
            _ = try bob.hear("hello")
            let back = try Caller(
                cluster.nodes[2],
                login.bearer,
                resuming: bob.connection,
                after: bob.expected
            )
            #expect(try back.hear("hello")["connection_id"] as? String == bob.connection)
            let zoe = try come(cluster.nodes[0], as: "zoe")
            let joined = try back.hear("user_joined")
            #expect(joined["session_id"] as? String == zoe.connection)
            withExtendedLifetime(ada) {}
        }

        /// What it was brought for the move is old by the time at which it has the call after all.
        @Test func `was to have a call that stayed, and goes on with it later as it is then`()
            throws
        {
            let cluster = try RunningCluster(2)
            let login = try cluster.nodes[0].logIn("ada")
            let ada = try Caller(cluster.nodes[0], login.bearer)
            _ = try ada.hear("hello")
            try join(ada)
            usleep(300_000)
            let eraser = try Eraser(cluster.redis, "r1:{roost}:room:\(Self.channel)", "tgt")
            let moved = try Client(port: cluster.nodes[0].metricsPort).post(
                "/cluster/move",
                #"{"channel":"\#(Self.channel)","node":"node-2"}"#,
                ["X-Roost-Admin: 1"]
            )
            eraser.end()
            try #require(moved.status != 200, "\(moved.text)")
            try ada.say("raise_hand")
            _ = try ada.hear("user_raise_hand")
            usleep(500_000)
            try cluster.kill(cluster.nodes[0])
            let back = try Caller(cluster.nodes[0], login.bearer)
            _ = try back.hear("hello")
            try reconnect(back, to: ada.connection)
            let state = try Three.state(back, Self.channel)
            let hands = (state["sessions"] as? [Caller.Members] ?? []).map {
                $0["raised_hand"] as? Int ?? 0
            }
            #expect(hands.count == 1 && hands[0] > 0, "\(hands)")
        }

        /// All may be told to end at once, and be there again in a moment.
        @Test func `was the last to end, and the next goes on with its call`() throws {
            let cluster = try RunningCluster(1)
            let ada = try come(cluster.nodes[0], as: "ada")
            let id = try callID(ada)
            let bearer = try cluster.nodes[0].logIn("ada").bearer
            usleep(200_000)
            cluster.nodes[0].child.signal(SIGTERM)
            #expect(try cluster.nodes[0].child.waitUntilEnd(.seconds(20)) == 0)
            let next = try cluster.make("node-1")
            let back = try Caller(next, bearer)
            _ = try back.hear("hello")
            try reconnect(back, to: ada.connection)
            _ = try back.hear("call_rehost")
            #expect(try callID(back) == id)
        }
    }
}

/// Takes a field of a hash out of Redis again and again, whoever writes it.
private final class Eraser: Sendable {
    private let isOver = Mutex(false)

    init(_ redis: RunningRedis, _ key: String, _ field: String) throws {
        let words = ["HDEL", key, field].map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        let port = redis.port
        Thread.detachNewThread { [self] in
            // Whatever fails here, nothing is erased, and the test sees the call move.
            guard let client = try? Client(port: port) else { return }
            while !isOver.withLock({ $0 }) {
                guard (try? client.send("*3\r\n\(words)")) != nil,
                    (try? client.readMore()) != nil
                else { return }
            }
        }
    }

    func end() { isOver.withLock { $0 = true } }
}
