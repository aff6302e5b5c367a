import Foundation
import Glibc
import Testing
import Wire

extension `A node` {
    /// All live and reach Redis, and two of them don't reach each other.
    @Suite(.enabled(if: SlowTests.canRun)) struct `that can't reach another` {
        typealias Three = `that is one of three`

        /// Through whom the first node says that it speaks to the other, and why.
        private func way(
            _ node: RunningNode,
            to other: String
        ) throws -> (third: String?, trouble: String?) {
            let picture = try Client(port: node.metricsPort).get("/cluster.json").json
            let own = picture["nodes"]?.array?.first { $0["name"] == picture["asked"] }
            let link = own?["links"]?.array?.first { $0["node"]?.string == other }
            return (link?["through"]?.string, link?["trouble"]?.string)
        }

        @Test func `speaks to it through a third, and people notice nothing`() throws {
            let cluster = try RunningCluster(isWalled: true)
            let (ada, bob) = try Three.two(in: cluster)
            let eve = try Caller(cluster.nodes[2], as: "eve")
            try eve.join(Three.channel)
            _ = try Three.state(eve, Three.channel)
            for caller in [ada, bob, eve] { try caller.sayOffer(Caller.offer) }
            try Three.meet([ada, bob, eve], "begin")

            let began = ContinuousClock.now
            cluster.part(cluster.nodes[0], cluster.nodes[1])
            try Three.meet([ada, bob, eve], "apart")
            let parts = (ContinuousClock.now - began).components
            let took = Int(parts.seconds) * 1_000 + Int(parts.attoseconds / 1_000_000_000_000_000)
            `whose calls others go on with`.note("link_broken_word_waits", took, "ms", 3_000)
            #expect(took < 3_000)
            for (node, other) in [(0, "node-2"), (1, "node-1")] {
                let isLed = try eventually {
                    try way(cluster.nodes[node], to: other).third == "node-3"
                }
                #expect(isLed, "\(cluster.nodes[node].log.suffix(2_000))")
            }
            for round in 0..<5 {
                try Three.meet([ada, bob, eve], "round \(round)")
                usleep(300_000)
            }
            let told = try Run(
                "cluster",
                "status",
                "--at",
                "http://127.0.0.1:\(cluster.nodes[1].metricsPort)"
            )
            #expect(told.output.contains("reaches node-1 only through node-3"), "\(told)")
            // New calls begin on both sides, and people of the other side find them.
            for (number, place) in [(1, 0), (2, 1)] {
                let first = try Caller(cluster.nodes[place], as: "fay\(number)")
                let second = try Caller(cluster.nodes[1 - place], as: "gus\(number)")
                for caller in [first, second] {
                    try caller.join(Three.channel(number))
                    _ = try Three.state(caller, Three.channel(number))
                }
                try Three.meet([first, second], "new")
            }

            cluster.rejoin(cluster.nodes[0], cluster.nodes[1])
            let isStraight = try eventually(within: .seconds(15)) {
                try way(cluster.nodes[0], to: "node-2").third == nil
                    && way(cluster.nodes[1], to: "node-1").third == nil
            }
            #expect(isStraight)
            try Three.meet([ada, bob, eve], "straight")
            for caller in [ada, bob, eve] {
                #expect(caller.gaps == [] && !caller.names.contains("call_rehost"))
            }
            for node in cluster.nodes {
                #expect(try node.figure("roost_cluster_fenced_total") == 0)
            }
        }

        @Test func `sends people to another node where there is no third`() throws {
            let cluster = try RunningCluster(2, isWalled: true)
            let (ada, bob) = try Three.two(in: cluster)
            for caller in [ada, bob] { try caller.sayOffer(Caller.offer) }
            try Three.meet([ada, bob], "begin")
            cluster.part(cluster.nodes[0], cluster.nodes[1])
            #expect(try bob.socket.readCloseCode() == 1012)
            let back = try Caller(cluster.nodes[0], as: "bob")
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Three.channel)","originalConnID":"\#(bob.connection)","#
                    + #""prevConnID":"\#(bob.connection)"}"#
            )
            let state = try Three.state(back, Three.channel)
            #expect(Set(Three.sessions(state)) == [ada.connection, bob.connection])
            try back.say("raise_hand")
            _ = try ada.hear("user_raise_hand") { $0["session_id"] as? String == bob.connection }
            #expect(!ada.names.contains("user_left") && ada.gaps == [])
        }
    }
}
