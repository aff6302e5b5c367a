import Foundation
import Glibc
import Testing

/// A build of `roost` that is older than this one, where somebody has one.
private enum OlderBuild {
    static let path = ProcessInfo.processInfo.environment["ROOST_OLDER"]
    static var isThere: Bool { path != nil && Program.redis.isThere }
}

extension `A node` {
    /// Nodes of a build that is older than this one, which `ROOST_OLDER` names: what is true of neighbouring
    /// releases is tried with both.
    @Suite(.enabled(if: OlderBuild.isThere))
    struct `beside nodes of an older build` {
        typealias Three = `that is one of three`

        /// The channel, of a call that begins at the first of these nodes, and who came to it by each.
        private func begin(
            _ number: Int,
            at nodes: [RunningNode]
        ) throws -> (channel: String, callers: [Caller]) {
            let channel = Three.channel(number)
            let callers = try nodes.enumerated().map { place, node in
                let caller = try Caller(node, as: "person\(number)x\(place)")
                try caller.say("join", #"{"channelID":"\#(channel)","followsHost":true}"#)
                _ = try Three.state(caller, channel)
                return caller
            }
            return (channel, callers)
        }

        /// All are shown the same call with everybody in it, hear each other, and have their offers answered.
        private func check(_ channel: String, _ callers: [Caller], _ word: String) throws {
            for caller in callers {
                try caller.say("call_state", #"{"channelID":"\#(channel)"}"#)
                let state = try Three.state(caller, channel)
                #expect(Set(Three.sessions(state)) == Set(callers.map(\.connection)), "\(word)")
            }
            for caller in callers {
                try caller.say("raise_hand")
                for other in callers {
                    _ = try other.hear("user_raise_hand") {
                        $0["session_id"] as? String == caller.connection
                    }
                }
                try caller.say("unraise_hand")
                for other in callers {
                    _ = try other.hear("user_unraise_hand") {
                        $0["session_id"] as? String == caller.connection
                    }
                }
            }
            for caller in callers {
                #expect(caller.gaps == [] && !caller.names.contains("call_end"), "\(word)")
            }
        }

        private func offer(_ callers: [Caller]) throws {
            for caller in callers {
                try caller.sayOffer(Caller.offer)
                #expect(try caller.hear("signal")["connID"] as? String == caller.connection)
            }
        }

        private func cluster() throws -> (
            RunningCluster, old: RunningNode, RunningNode, RunningNode
        ) {
            let older = try #require(OlderBuild.path)
            let cluster = RunningCluster(of: try RunningRedis())
            let old = try cluster.add("old", by: older)
            let new = try cluster.add("new")
            return (cluster, old, new, try cluster.add("third"))
        }

        @Test func `is one cluster with them, in whose calls people are from both`() throws {
            let (cluster, old, new, third) = try cluster()
            for (number, nodes) in [(1, [old, new, third]), (2, [new, old, third])] {
                let (channel, callers) = try begin(number, at: nodes)
                #expect(try nodes[0].callCount == 1)
                try check(channel, callers, "call \(number)")
                try offer(callers)
                // A connection that comes back by a node of the other build has missed nothing.
                let mover = callers[1]
                let bearer = try nodes[1].logIn("person\(number)x1").bearer
                try mover.socket.send(8, [])
                let back = try Caller(
                    nodes[0],
                    bearer,
                    resuming: mover.connection,
                    after: mover.expected
                )
                try callers[0].say("raise_hand")
                _ = try back.hear("user_raise_hand")
                #expect(back.gaps == [])
                for caller in [callers[0], back, callers[2]] { try caller.say("leave") }
            }
            for node in cluster.nodes {
                let told = try Run(
                    "cluster",
                    "status",
                    "--at",
                    "http://127.0.0.1:\(node.metricsPort)"
                )
                #expect(told.output.contains("nodes 3, calls"), "\(told)")
                for name in ["old", "new", "third"] { #expect(told.output.contains(name)) }
            }
        }

        @Test(arguments: [SIGTERM, SIGKILL], [true, false])
        func `goes on with theirs when they end, and they with its`(
            signal: Int32,
            oldEnds: Bool
        ) throws {
            let (cluster, old, new, third) = try cluster()
            // With but one node of each build, so that there is no choice.
            third.child.signal(SIGTERM)
            #expect(try third.child.waitUntilEnd() == 0)
            cluster.forget(third)
            try cluster.waitUntilWhole()
            let (going, staying) = oldEnds ? (old, new) : (new, old)
            let (channel, callers) = try begin(1, at: [going, staying, staying])
            try offer(callers)
            try check(channel, callers, "before")
            // What happened in the last moment before would be lost with its node.
            usleep(300_000)
            going.child.signal(signal)
            for caller in callers[1...] {
                // That nothing came is told below, with what the node has to say of it.
                let hasHeard = try? caller.hear("call_rehost")
                let rehost = try #require(hasHeard, "\(staying.log.suffix(3_000))")
                #expect(rehost["channel_id"] as? String == channel)
            }
            let code = try going.child.waitUntilEnd()
            if signal == SIGTERM { #expect(code == 0, "\(going.log.suffix(2_000))") }
            cluster.forget(going)
            let back = try Caller(staying, as: "person1x0")
            try back.say(
                "reconnect",
                #"{"channelID":"\#(channel)","originalConnID":"\#(callers[0].connection)","#
                    + #""prevConnID":"\#(callers[0].connection)"}"#
            )
            _ = try back.hear("call_state")
            for caller in callers[1...] {
                try caller.say("call_state", #"{"channelID":"\#(channel)"}"#)
                let state = try Three.state(caller, channel)
                #expect(Set(Three.sessions(state)) == Set(callers.map(\.connection)))
            }
            try offer(Array(callers[1...]))
            try back.say("raise_hand")
            for caller in callers[1...] {
                _ = try caller.hear("user_raise_hand") {
                    $0["session_id"] as? String == callers[0].connection
                }
                #expect(caller.gaps == [] && !caller.names.contains("call_end"))
            }
            #expect(try staying.callCount == 1)
        }
    }
}
