import Foundation
import Glibc
import Testing

extension `A node` {
    /// A call that moves while people come to it and come back to it.
    @Suite(.enabled(if: SlowTests.canRun)) struct `whose call moves in the middle of things` {
        typealias Three = `that is one of three`
        static let channel = Three.channel
        private static let wish = #"{"channelID":"\#(channel)","followsHost":true}"#

        /// Everybody is in the call, as who they were, and has heard of no end of anything.
        private func expectAll(_ callers: [Caller], as sessions: [String]) throws {
            for caller in callers {
                try caller.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
                var state = try Three.state(caller, Self.channel)
                while (state["sessions"] as? [Caller.Members])?.count != sessions.count {
                    state = try Three.state(caller, Self.channel)
                }
                #expect(Set(Three.sessions(state)) == Set(sessions))
                #expect(!caller.names.contains("error") && !caller.names.contains("call_end"))
            }
        }

        @Test(arguments: 1...3)
        func `lets nobody in who is then not there`(round: Int) throws {
            let cluster = try RunningCluster()
            let first = try Caller(cluster.nodes[1], as: "first")
            let host = try Caller(cluster.nodes[0], as: "host")
            try host.say("join", Self.wish)
            _ = try Three.state(host, Self.channel)
            try first.say("join", Self.wish)
            _ = try Three.state(first, Self.channel)
            let logins = try (1...2).map { try cluster.nodes[$0].logIn("late") }
            let late = try (0..<60).map { number in
                let place = number % 2
                return try Caller(cluster.nodes[1 + place], logins[place].bearer)
            }
            for caller in late { _ = try caller.hear("hello") }
            for (number, caller) in late.enumerated() {
                if number == 10 * round { cluster.nodes[0].child.signal(SIGTERM) }
                try caller.say("join", Self.wish)
                usleep(3_000)
            }
            for caller in late { _ = try caller.hear("join") }
            _ = try first.hear("call_rehost")
            #expect(try cluster.nodes[0].child.waitUntilEnd() == 0)
            let sessions = ([host, first] + late).map(\.connection)
            try expectAll([first] + late, as: sessions)
        }

        @Test(arguments: 1...3)
        func `has everybody whose websockets were with it come along`(round: Int) throws {
            let cluster = try RunningCluster()
            let login = try cluster.nodes[0].logIn("ada")
            let callers = try (0..<20).map { _ in try Caller(cluster.nodes[0], login.bearer) }
            for caller in callers {
                _ = try caller.hear("hello")
                try caller.say("join", Self.wish)
                _ = try Three.state(caller, Self.channel)
            }
            let bob = try Caller(cluster.nodes[1], as: "bob")
            try bob.say("join", Self.wish)
            _ = try Three.state(bob, Self.channel)
            cluster.nodes[0].child.signal(SIGTERM)
            var back: [Caller] = []
            for (number, caller) in callers.enumerated() {
                #expect(try caller.socket.readCloseCode() == 1012)
                let next = try Caller(
                    cluster.nodes[1 + number % 2],
                    login.bearer,
                    resuming: caller.connection,
                    after: caller.expected
                )
                let words =
                    #""originalConnID":"\#(caller.connection)","#
                    + #""prevConnID":"\#(caller.connection)""#
                try next.say("reconnect", #"{"channelID":"\#(Self.channel)",\#(words)}"#)
                back.append(next)
            }
            var moves: Set<String> = []
            for caller in back + [bob] {
                let rehost = try caller.hear("call_rehost")
                moves.insert(try #require(rehost["move"] as? String))
            }
            // Told as often as may be, it is one move.
            #expect(moves.count == 1)
            try expectAll(back + [bob], as: (callers + [bob]).map(\.connection))
            #expect(try cluster.nodes[0].child.waitUntilEnd() == 0)
        }

        /// What a client is told of the next host may cross its word of leaving.
        @Test func `takes no late offer amiss of who has left as the call moved`() throws {
            let cluster = try RunningCluster(2)
            let ada = try Caller(cluster.nodes[0], as: "ada")
            let bob = try Caller(cluster.nodes[1], as: "bob")
            for caller in [ada, bob] {
                try caller.say("join", Self.wish)
                _ = try Three.state(caller, Self.channel)
            }
            try bob.say("leave")
            _ = try ada.hear("user_left") { $0["session_id"] as? String == bob.connection }
            let moved = try Client(port: cluster.nodes[0].metricsPort).post(
                "/cluster/move",
                #"{"channel":"\#(Self.channel)","node":"node-2"}"#,
                ["X-Roost-Admin: 1"]
            )
            #expect(moved.status == 200, "\(moved.text)")
            _ = try ada.hear("call_rehost")
            try bob.sayOffer(Caller.offer)
            try bob.settle()
            #expect(!bob.names.contains("error"), "\(bob.unread)")
            // Anything else that they say would tell that they believe themselves to be in it.
            try bob.say("unmute")
            _ = try bob.hear("error") { $0["connID"] as? String == bob.connection }
        }
    }
}
