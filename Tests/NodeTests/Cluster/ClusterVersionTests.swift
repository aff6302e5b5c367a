import Foundation
import Glibc
import Testing

extension `A node` {
    /// Nodes that speak an older version of the links beside those of this build, as while a cluster is
    /// upgraded node by node.
    @Suite(.enabled(if: SlowTests.canRun)) struct `beside nodes of other versions` {
        typealias Three = `that is one of three`
        private static let older = ["ROOST_LINK_VERSIONS": "1-1"]
        private static let newer = ["ROOST_LINK_VERSIONS": "2-4"]
        private static let tooNew = ["ROOST_LINK_VERSIONS": "8-9"]

        private func come(_ node: RunningNode, as name: String) throws -> Caller {
            let caller = try Caller(node, as: name)
            try caller.say("join", #"{"channelID":"\#(Three.channel)","followsHost":true}"#)
            _ = try Three.state(caller, Three.channel)
            return caller
        }

        @Test func `is one cluster with them, whose calls go on while each is replaced`() throws {
            let redis = try RunningRedis()
            let cluster = RunningCluster(of: redis)
            let old = try (1...3).map {
                try cluster.add("node-\($0)", environment: Self.older)
            }
            let ada = try come(old[0], as: "ada")
            let bob = try come(old[1], as: "bob")
            try Three.meet([ada, bob], "old")
            var callers = [ada, bob]
            // The newest is one of them, and hosts and relays what they do.
            let first = try cluster.add("new-1")
            callers.append(try come(first, as: "eve"))
            try Three.meet(callers, "mixed")
            for (number, node) in old.enumerated() {
                node.child.signal(SIGTERM)
                #expect(try node.child.waitUntilEnd() == 0, "\(node.log.suffix(2_000))")
                cluster.forget(node)
                // Whoever came by it comes by the newest.
                if number < 2 {
                    let name = ["ada", "bob"][number]
                    let gone = callers[number]
                    let back = try Caller(first, as: name)
                    try back.say(
                        "reconnect",
                        #"{"channelID":"\#(Three.channel)","originalConnID":"\#(gone.connection)","#
                            + #""prevConnID":"\#(gone.connection)"}"#
                    )
                    _ = try back.hear("call_state")
                    try back.say("raise_hand")
                    for caller in [callers[1 - number], callers[2]] where number == 0 {
                        _ = try caller.hear("user_raise_hand") {
                            $0["session_id"] as? String == gone.connection
                        }
                    }
                    #expect(!callers[2].names.contains("call_end"))
                }
                _ = try cluster.add("newer-\(number)", environment: number < 2 ? [:] : Self.newer)
            }
            #expect(try cluster.nodes.reduce(0) { try $0 + $1.callCount } == 1)
            #expect(callers[2].gaps == [])
            let late = try come(cluster.nodes[2], as: "zoe")
            try late.say("raise_hand")
            _ = try callers[2].hear("user_raise_hand") {
                $0["session_id"] as? String == late.connection
            }
        }

        @Test func `refuses one with which it has no version in common, and both say so`() throws {
            let cluster = try RunningCluster(2)
            let (ada, bob) = try Three.two(in: cluster)
            let stranger = try cluster.make("stranger", environment: Self.tooNew)
            let why = "which have none in common; upgrade one release at a time"
            #expect(stranger.logs(why), "\(stranger.log)")
            #expect(cluster.nodes.contains { $0.logs(why) })
            #expect(try stranger.get("/readyz").status == 503)
            try Three.meet([ada, bob], "as ever")
            for node in cluster.nodes { #expect(try node.figure("roost_cluster_links") == 1) }
            let eve = try Caller(stranger, as: "eve")
            try eve.join(Three.channel(1))
            _ = try eve.hear("error")
        }
    }
}
