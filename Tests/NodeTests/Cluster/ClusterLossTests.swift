import Foundation
import Glibc
import Testing

/// Tests that take tens of seconds run where somebody asks for them.
enum SlowTests {
    static let areWanted = ProcessInfo.processInfo.environment["ROOST_SLOW_TESTS"] != nil
    static var canRun: Bool { areWanted && Program.redis.isThere }
}

extension `A node` {
    /// Nodes that die, freeze and go, with people in their calls.
    @Suite(.enabled(if: SlowTests.canRun)) struct `whose calls others go on with` {
        typealias Three = `that is one of three`
        static let channel = Three.channel

        /// Joins, as a client that begins media anew when it is told to, or as one that knows nothing of
        /// that.
        private func come(
            _ node: RunningNode,
            as name: String,
            follows: Bool = true
        ) throws -> Caller {
            let caller = try Caller(node, as: name)
            try caller.say("join", #"{"channelID":"\#(Self.channel)","followsHost":\#(follows)}"#)
            _ = try Three.state(caller, Self.channel)
            return caller
        }

        private func milliseconds(since began: ContinuousClock.Instant) -> Int {
            let parts = (ContinuousClock.now - began).components
            return Int(parts.seconds) * 1_000 + Int(parts.attoseconds / 1_000_000_000_000_000)
        }

        @Test(arguments: 1...3)
        func `is killed, and its call goes on at another with everybody in it`(round: Int) throws {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let old = try come(cluster.nodes[1], as: "old", follows: false)
            let eve = try come(cluster.nodes[2], as: "eve")
            let zoe = try come(cluster.nodes[2], as: "zoe")
            let id = try callID(eve)
            try bob.say("unmute")
            try eve.say("raise_hand")
            for caller in [eve, zoe] { _ = try caller.hear("user_raise_hand") }
            usleep(200_000)
            let others = [bob, old, eve, zoe]
            for caller in others { caller.forgetUnread() }
            let began = ContinuousClock.now
            try cluster.kill(cluster.nodes[0])
            for caller in [bob, eve, zoe] {
                let rehost = try caller.hear("call_rehost")
                #expect(rehost["session_id"] as? String == caller.connection)
                #expect(rehost["channel_id"] as? String == Self.channel)
            }
            let took = milliseconds(since: began)
            #expect(took < 3_000)
            Self.note("host_killed_rehost_\(round)", took, "ms", 3_000)
            let why = try old.hear("error")
            #expect(why["connID"] as? String == old.connection)
            try old.say("join", #"{"channelID":"\#(Self.channel)"}"#)
            _ = try old.hear("join")
            try bob.sayOffer(Caller.offer)
            #expect(try bob.hear("signal")["connID"] as? String == bob.connection)
            // Ada's node is gone with her websocket; she comes to another by a new one.
            let back = try Caller(cluster.nodes[1], as: "ada")
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(ada.connection)","#
                    + #""prevConnID":"\#(ada.connection)"}"#
            )
            _ = try back.hear("call_rehost")
            for caller in [back, bob, eve] {
                try caller.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            }
            for caller in [back, bob, eve] {
                var state = try Three.state(caller, Self.channel)
                while (state["sessions"] as? [Caller.Members])?.count != 5 {
                    state = try Three.state(caller, Self.channel)
                }
                #expect(state["id"] as? String == id)
                let sessions = state["sessions"] as? [Caller.Members] ?? []
                #expect(Set(Three.sessions(state)) == Set((others + [ada]).map(\.connection)))
                for session in sessions {
                    let name = session["session_id"] as? String
                    #expect(session["unmuted"] as? Bool == (name == bob.connection))
                    let hand = session["raised_hand"] as? Int ?? 0
                    #expect((hand > 0) == (name == eve.connection))
                }
                // Whoever began the call is its host still.
                #expect(state["host_id"] as? String == state["owner_id"] as? String)
            }
            #expect(try cluster.nodes.map { try $0.callCount }.sorted() == [0, 1])
            try zoe.say("unmute")
            for caller in [back, bob, eve] {
                _ = try caller.hear("user_unmuted") {
                    $0["session_id"] as? String == zoe.connection
                }
            }
            for caller in others {
                #expect(!caller.names.contains("call_end") && caller.gaps == [])
            }
        }

        @Test(arguments: [0, 4, 8, 12, 16, 20, 25, 30, 40, 60])
        func `is killed, and who comes in that moment comes into the same call`(pause: Int) throws {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let id = try callID(bob)
            let (late, again) = try (
                Caller(cluster.nodes[2], as: "late"), Caller(cluster.nodes[2], as: "ada")
            )
            usleep(200_000)
            cluster.nodes[0].child.signal(SIGKILL)
            usleep(UInt32(pause) * 1_000)
            try late.say("join", #"{"channelID":"\#(Self.channel)","followsHost":true}"#)
            try again.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(ada.connection)","#
                    + #""prevConnID":"\#(ada.connection)"}"#
            )
            _ = try late.hear("join")
            _ = try again.hear("call_rehost")
            _ = try bob.hear("call_rehost")
            for caller in [late, again, bob] { try caller.say("raise_hand") }
            for caller in [late, again, bob] {
                for session in [late.connection, ada.connection, bob.connection] {
                    _ = try caller.hear("user_raise_hand") {
                        $0["session_id"] as? String == session
                    }
                }
                caller.forgetUnread()
                #expect(try callID(caller) == id)
                #expect(!caller.names.contains("error"))
            }
        }

        /// Nobody can take the call over until Redis is back. That takes longer than any search that begins with
        /// hope, and nobody is sent away.
        @Test func `is killed while Redis stands still, and whoever is in its call waits for it`()
            throws
        {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let id = try callID(bob)
            let back = try Caller(cluster.nodes[2], as: "ada")
            usleep(300_000)
            cluster.redis.child.signal(SIGSTOP)
            defer { cluster.redis.child.signal(SIGCONT) }
            usleep(1_000_000)
            try cluster.kill(cluster.nodes[0])
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(ada.connection)","#
                    + #""prevConnID":"\#(ada.connection)"}"#
            )
            usleep(8_000_000)
            cluster.redis.child.signal(SIGCONT)
            for caller in [back, bob] {
                _ = try caller.hear("call_rehost")
                #expect(!caller.names.contains("error"))
                #expect(try callID(caller) == id)
            }
        }

        @Test(arguments: [0, 5, 10, 20, 40, 80], [0, 1])
        func `is killed, and who was there comes back as the web client does`(
            pause: Int,
            place: Int
        ) throws {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let id = try callID(bob)
            let login = try cluster.nodes[2].logIn("ada")
            usleep(200_000)
            try cluster.kill(cluster.nodes[0])
            usleep(UInt32(pause) * 1_000)
            let back = try Caller(
                cluster.nodes[place],
                login.bearer,
                resuming: ada.connection,
                after: ada.expected
            )
            // Before hello has come.
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(ada.connection)","#
                    + #""prevConnID":"\#(ada.connection)"}"#
            )
            _ = try back.hear("call_rehost")
            _ = try bob.hear("call_rehost")
            #expect(try callID(back) == id)
            try back.say("raise_hand")
            _ = try bob.hear("user_raise_hand") { $0["session_id"] as? String == ada.connection }
        }

        @Test func `is killed before it has heard who leaves, and the call goes on without them`()
            throws
        {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let eve = try come(cluster.nodes[2], as: "eve")
            let zoe = try come(cluster.nodes[2], as: "zoe")
            usleep(200_000)
            cluster.nodes[0].child.signal(SIGSTOP)
            try bob.say("leave")
            try eve.say("leave")
            for caller in [bob, eve] { try caller.settle() }
            try cluster.kill(cluster.nodes[0])
            _ = try zoe.hear("call_rehost")
            let began = ContinuousClock.now
            for gone in [bob, eve] {
                _ = try zoe.hear("user_left") { $0["session_id"] as? String == gone.connection }
            }
            Self.note("unheard_leave_told", milliseconds(since: began), "ms", 3_000)
            zoe.forgetUnread()
            try zoe.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            let state = try Three.state(zoe, Self.channel)
            #expect(Set(Three.sessions(state)) == [ada.connection, zoe.connection])
            // Whoever has left may come again, and stays.
            try bob.say("join", #"{"channelID":"\#(Self.channel)","followsHost":true}"#)
            _ = try Three.state(bob, Self.channel)
            try Three.meet([bob, zoe], "again")
        }

        private func callID(_ caller: Caller) throws -> String? {
            try caller.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            return try Three.state(caller, Self.channel)["id"] as? String
        }

        /// A figure that was measured, for whoever runs the tests to see.
        static func note(_ name: String, _ value: Int, _ unit: String, _ limit: Int) {
            print("figure \(name) \(value) \(unit) \(limit) \(value <= limit ? "ok" : "short")")
        }

        @Test func `is killed, and those who came by it are missed after their time`() throws {
            let cluster = try RunningCluster(3, "[calls]\nreconnect_grace = \"2s\"\n")
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let eve = try come(cluster.nodes[2], as: "eve")
            for caller in [ada, bob, eve] { caller.forgetUnread() }
            try Three.meet([ada, bob, eve], "here")
            let began = ContinuousClock.now
            try cluster.kill(cluster.nodes[1])
            for caller in [ada, eve] {
                let left = try caller.hear("user_left")
                #expect(left["session_id"] as? String == bob.connection)
            }
            let took = milliseconds(since: began)
            #expect(took > 1_900 && took < 5_000, "\(took)")
            Self.note("edge_killed_missed_after", took, "ms", 5_000)
            #expect(try cluster.nodes[0].callCount == 1)
            try Three.meet([ada, eve], "and still here")
            #expect(ada.gaps == [] && eve.gaps == [])
        }

        @Test func `is killed, and who comes back by another node in time has missed nobody`()
            throws
        {
            let cluster = try RunningCluster(3, "[calls]\nreconnect_grace = \"5s\"\n")
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            try cluster.kill(cluster.nodes[1])
            let back = try Caller(cluster.nodes[1], as: "bob")
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(bob.connection)","#
                    + #""prevConnID":"\#(bob.connection)"}"#
            )
            let state = try Three.state(back, Self.channel)
            #expect(Three.sessions(state) == [ada.connection, bob.connection])
            try back.sayOffer(Caller.offer)
            _ = try back.hear("signal")
            usleep(6_000_000)
            try back.say("raise_hand")
            _ = try ada.hear("user_raise_hand")
            #expect(!ada.names.contains("user_left"))
        }

        @Test
        func `freezes, and its guard ends it, so that those whose websockets it had come back`()
            throws
        {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let id = try callID(bob)
            usleep(200_000)
            let began = ContinuousClock.now
            let frozen = cluster.nodes[0]
            frozen.child.signal(SIGSTOP)
            #expect(try ada.socket.readCloseCode() == nil)
            Self.note("host_frozen_sockets_ended", milliseconds(since: began), "ms", 3_000)
            #expect(try frozen.child.waitUntilEnd() != 0)
            cluster.forget(frozen)
            _ = try bob.hear("call_rehost")
            Self.note("host_frozen_rehost_guarded", milliseconds(since: began), "ms", 3_000)
            let back = try Caller(cluster.nodes[1], as: "ada")
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(ada.connection)","#
                    + #""prevConnID":"\#(ada.connection)"}"#
            )
            #expect(try Three.state(back, Self.channel)["id"] as? String == id)
        }

        @Test
        func `is told to end while nobody else takes calls, and another goes on with its call`()
            throws
        {
            let cluster = try RunningCluster(2)
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let id = try callID(bob)
            let order = try Client(port: cluster.nodes[1].metricsPort).post(
                "/cluster/drain",
                #"{"node":"node-2"}"#,
                ["X-Roost-Admin: 1"]
            )
            #expect(order.status == 200)
            let leaving = cluster.nodes[0]
            leaving.child.signal(SIGTERM)
            _ = try bob.hear("call_rehost")
            #expect(try leaving.child.waitUntilEnd(.seconds(20)) == 0)
            #expect(leaving.logs("no other node has taken what this one hosts"))
            cluster.forget(leaving)
            #expect(try callID(bob) == id)
            #expect(!bob.names.contains("call_end") && !ada.names.contains("call_end"))
            #expect(try cluster.nodes[0].callCount == 1)
        }

        /// What was said since Redis has been silent nobody else knows; so the node stays until somebody does.
        @Test func `is told to end while Redis stands still, and nothing that was said is lost`()
            throws
        {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let id = try callID(bob)
            usleep(300_000)
            cluster.redis.child.signal(SIGSTOP)
            defer { cluster.redis.child.signal(SIGCONT) }
            usleep(1_000_000)
            let leaving = cluster.nodes[0]
            leaving.child.signal(SIGTERM)
            usleep(1_500_000)
            try bob.say("raise_hand")
            _ = try bob.hear("user_raise_hand")
            usleep(1_500_000)
            cluster.redis.child.signal(SIGCONT)
            _ = try bob.hear("call_rehost")
            #expect(try leaving.child.waitUntilEnd(.seconds(20)) == 0)
            #expect(!leaving.logs("no other node has taken what this one hosts"))
            cluster.forget(leaving)
            try bob.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            let state = try Three.state(bob, Self.channel)
            #expect(state["id"] as? String == id)
            let hands = (state["sessions"] as? [Caller.Members] ?? []).filter {
                ($0["raised_hand"] as? Int ?? 0) > 0
            }
            #expect(hands.compactMap { $0["session_id"] as? String } == [bob.connection])
            #expect(!bob.names.contains("call_end") && !ada.names.contains("call_end"))
        }

        @Test func `freezes without a guard, and does not speak for its calls when it wakes`()
            throws
        {
            let cluster = try RunningCluster(3, "guard = false\n")
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let eve = try come(cluster.nodes[2], as: "eve")
            let frozen = cluster.nodes[0]
            let id = try callID(bob)
            usleep(200_000)
            let began = ContinuousClock.now
            frozen.child.signal(SIGSTOP)
            for caller in [bob, eve] { _ = try caller.hear("call_rehost") }
            Self.note("host_frozen_rehost", milliseconds(since: began), "ms", 3_000)
            try Three.meet([bob, eve], "goes on")
            usleep(3_000_000)
            // Said to the frozen node while it sleeps; it must not count there.
            try ada.say("react", Three.reaction("too late"))
            for caller in [bob, eve] { caller.forgetUnread() }
            frozen.child.signal(SIGCONT)
            // It is one of the cluster again, and Ada, whose websocket lived on, is told where she is.
            try cluster.waitUntilWhole()
            #expect(frozen.logs("lost its right to host"))
            _ = try ada.hear("call_rehost")
            #expect(try callID(ada) == id)
            #expect(try frozen.callCount == 0)
            try Three.meet([ada, bob, eve], "all together")
            for caller in [bob, eve] {
                #expect(!caller.names.contains("call_end") && !caller.names.contains("user_left"))
                #expect(caller.gaps == [])
            }
            #expect(try cluster.nodes.reduce(0) { try $0 + $1.callCount } == 1)
        }

        @Test func `is told to end, and its call moves without a word of an end`() throws {
            let cluster = try RunningCluster()
            let ada = try come(cluster.nodes[0], as: "ada")
            let bob = try come(cluster.nodes[1], as: "bob")
            let eve = try come(cluster.nodes[2], as: "eve")
            let old = try come(cluster.nodes[2], as: "old", follows: false)
            let id = try callID(bob)
            try eve.say("raise_hand")
            _ = try bob.hear("user_raise_hand")
            let leaving = cluster.nodes[0]
            let began = ContinuousClock.now
            leaving.child.signal(SIGTERM)
            for caller in [bob, eve] { _ = try caller.hear("call_rehost") }
            Self.note("host_drained_rehost", milliseconds(since: began), "ms", 3_000)
            #expect(try old.hear("error")["connID"] as? String == old.connection)
            #expect(try ada.socket.readCloseCode() == 1012)
            #expect(try leaving.child.waitUntilEnd() == 0)
            cluster.forget(leaving)
            let back = try Caller(cluster.nodes[1], as: "ada")
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(ada.connection)","#
                    + #""prevConnID":"\#(ada.connection)"}"#
            )
            let state = try Three.state(back, Self.channel)
            #expect(state["id"] as? String == id)
            #expect(Three.sessions(state).contains(ada.connection))
            try back.say("raise_hand")
            for caller in [back, bob, eve] {
                _ = try caller.hear("user_raise_hand") {
                    $0["session_id"] as? String == ada.connection
                }
            }
            for caller in [ada, bob, eve] {
                #expect(!caller.names.contains("call_end"))
                #expect(caller.gaps == [])
            }
            #expect(!bob.traces.contains { $0.hasPrefix("user_left \(ada.connection)") })
        }

        @Test(arguments: [1, 2], [false, true])
        func `is told to end, and who was there goes on elsewhere by the same connection`(
            place: Int,
            isMute: Bool
        ) throws {
            let cluster = try RunningCluster()
            let login = try cluster.nodes[0].logIn("ada")
            let ada = try Caller(cluster.nodes[0], login.bearer)
            _ = try ada.hear("hello")
            try ada.say("join", #"{"channelID":"\#(Self.channel)","followsHost":true}"#)
            _ = try Three.state(ada, Self.channel)
            let bob = try come(cluster.nodes[1], as: "bob")
            try Three.meet([ada, bob], "here")
            cluster.nodes[0].child.signal(SIGTERM)
            #expect(try ada.socket.readCloseCode() == 1012)
            let back = try Caller(
                cluster.nodes[place],
                login.bearer,
                resuming: ada.connection,
                after: ada.expected
            )
            // As the web client does; a stock client that is resumed says nothing.
            if !isMute {
                try back.say(
                    "reconnect",
                    #"{"channelID":"\#(Self.channel)","originalConnID":"\#(ada.connection)","#
                        + #""prevConnID":"\#(ada.connection)"}"#
                )
            }
            _ = try back.hear("call_rehost")
            try back.sayOffer(Caller.offer)
            #expect(try back.hear("signal")["connID"] as? String == ada.connection)
            try back.say("raise_hand")
            _ = try bob.hear("user_raise_hand") { $0["session_id"] as? String == ada.connection }
            #expect(!back.names.contains("error") && !bob.names.contains("error"))
        }

        @Test func `moves a hundred calls when it is told to end`() throws {
            let cluster = try RunningCluster(3)
            let login = try cluster.nodes[0].logIn("ada")
            let other = try cluster.nodes[1].logIn("bob")
            var pairs: [(String, Caller)] = []
            var kept: [Caller] = []
            for number in 0..<100 {
                let channel = Three.channel(number)
                let words = #"{"channelID":"\#(channel)","followsHost":true}"#
                let ada = try Caller(cluster.nodes[0], login.bearer)
                let bob = try Caller(cluster.nodes[1], other.bearer)
                for caller in [ada, bob] { _ = try caller.hear("hello") }
                try ada.say("join", words)
                _ = try Three.state(ada, channel)
                try bob.say("join", words)
                _ = try bob.hear("join") { $0["connID"] as? String == bob.connection }
                pairs.append((channel, bob))
                kept.append(ada)
            }
            let leaving = cluster.nodes[0]
            #expect(try leaving.callCount == 100)
            let began = ContinuousClock.now
            leaving.child.signal(SIGTERM)
            for (channel, bob) in pairs {
                _ = try bob.hear("call_rehost") { $0["channel_id"] as? String == channel }
            }
            Self.note("hundred_calls_drained", milliseconds(since: began), "ms", 6_000)
            #expect(try leaving.child.waitUntilEnd() == 0)
            cluster.forget(leaving)
            #expect(try cluster.nodes.reduce(0) { try $0 + $1.callCount } == 100)
            for (_, bob) in pairs { #expect(!bob.names.contains("call_end")) }
        }
    }
}
