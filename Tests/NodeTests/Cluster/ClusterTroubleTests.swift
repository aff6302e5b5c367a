import Foundation
import Glibc
import Testing

extension `A node` {
    /// Without Redis, with the wrong secret, among strangers.
    @Suite(.enabled(if: Program.redis.isThere)) struct `whose cluster is in trouble` {
        typealias Three = `that is one of three`

        @Test func `does not begin under a name that another has`() throws {
            let cluster = try RunningCluster(2)
            let second = try cluster.make("node-1")
            #expect(try second.child.waitUntilEnd() == 1)
            let why = "another node of the name node-1 runs in this cluster"
            #expect(second.log.contains(why) || second.child.output.contains(why), "\(second.log)")
            #expect(second.child.complaints.contains("set node.name to a name of this node's own"))
            usleep(1_000_000)
            try cluster.waitUntilWhole()
            // Whoever had the name is not disturbed, and may come again once it is gone.
            let (ada, bob) = try Three.two(in: cluster)
            try Three.meet([ada, bob], "undisturbed")
        }

        @Test func `is not let in with another secret, and says so`() throws {
            let cluster = try RunningCluster(2)
            let stranger = try cluster.make(
                "stranger",
                secret: UUID().uuidString + UUID().uuidString
            )
            #expect(stranger.logs("secret"), "\(stranger.log)")
            usleep(1_000_000)
            for node in cluster.nodes {
                #expect(try node.figure("roost_cluster_links") == 1)
            }
            // What it would begin, nobody would find: it begins nothing.
            let ada = try Caller(stranger, as: "ada")
            try ada.join(Three.channel)
            let why = try ada.hear("error")["data"] as? String ?? ""
            #expect(why.contains("reach each other"), "\(why)")
            let (bob, eve) = try Three.two(in: cluster)
            try Three.meet([bob, eve], "as ever")
        }

        @Test func `finds the others' call for who comes back to it as soon as it is started`()
            throws
        {
            let cluster = try RunningCluster(2)
            let login = try cluster.nodes[0].logIn("ada")
            let ada = try Caller(cluster.nodes[0], login.bearer)
            _ = try ada.hear("hello")
            try ada.join(Three.channel)
            _ = try Three.state(ada, Three.channel)
            // It listens before it is in the cluster, and has heard of no call when it comes in.
            let late = try cluster.make("late")
            let back = try Caller(late, login.bearer)
            _ = try back.hear("hello")
            try back.say(
                "reconnect",
                #"{"channelID":"\#(Three.channel)","originalConnID":"\#(ada.connection)","#
                    + #""prevConnID":"\#(ada.connection)"}"#
            )
            let state = try Three.state(back, Three.channel)
            #expect(Three.sessions(state) == [ada.connection])
            #expect(!back.names.contains("error"))
        }

        @Test func `is not moved by garbage on the port of the cluster`() throws {
            let cluster = try RunningCluster(2)
            let (ada, bob) = try Three.two(in: cluster)
            let port = try #require(cluster.clusterPort(of: cluster.nodes[0]))
            var random = SystemRandomNumberGenerator()
            for round in 0..<60 {
                let client = try Client(port: port, patience: .seconds(1))
                switch round % 4 {
                case 0: try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                case 1:
                    try? client.send(
                        (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &random) }
                    )
                // A TLS record and a frame that say they are very long.
                case 2: try client.send([0x16, 0x03, 0x03, 0xFF, 0xFF, 0x01, 0xFF, 0xFF, 0xFF])
                default: try client.send([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
                }
                client.close()
            }
            // Some who connect and never say anything.
            let silent = try (0..<50).map { _ in try Client(port: port) }
            try Three.meet([ada, bob], "unmoved")
            try cluster.waitUntilWhole()
            let late = try cluster.add("late")
            let eve = try Caller(late, as: "eve")
            try eve.join(Three.channel)
            _ = try Three.state(eve, Three.channel)
            try Three.meet([ada, bob, eve], "all")
            #expect(ada.gaps == [] && bob.gaps == [])
            withExtendedLifetime(silent) {}
        }

        @Test(.enabled(if: SlowTests.areWanted))
        func `keeps its calls while Redis is away, begins none, and does again when it is back`()
            throws
        {
            let cluster = try RunningCluster()
            let (ada, bob) = try Three.two(in: cluster)
            let eve = try Caller(cluster.nodes[2], as: "eve")
            cluster.redis.child.signal(SIGSTOP)
            let began = ContinuousClock.now
            usleep(1_500_000)
            try eve.join("owl00000000000000000000001")
            let why = try eve.hear("error")["data"] as? String ?? ""
            #expect(why.contains("does not answer") || why.contains("not answered"), "\(why)")
            // The call that runs is found, and takes people in.
            try eve.join(Three.channel)
            _ = try Three.state(eve, Three.channel)
            for round in 0..<5 {
                try Three.meet([ada, bob, eve], "round \(round)")
                usleep(500_000)
            }
            #expect(ContinuousClock.now - began > .seconds(4))
            #expect(try cluster.nodes.map { try $0.callCount } == [1, 0, 0])
            cluster.redis.child.signal(SIGCONT)
            let fresh = try Caller(cluster.nodes[2], as: "zoe")
            let isBack = try eventually(within: .seconds(5)) {
                try fresh.join("owl00000000000000000000002")
                try fresh.settle()
                usleep(200_000)
                try fresh.settle()
                return fresh.names.contains("join")
            }
            #expect(isBack, "\(fresh.unread)")
            try Three.meet([ada, bob, eve], "at last")
            for caller in [ada, bob, eve] {
                #expect(caller.gaps == [] && !caller.names.contains("user_left"))
                #expect(!caller.names.contains("call_rehost"))
            }
        }

        @Test(.enabled(if: SlowTests.areWanted))
        func `tells a Redis that has forgotten all what it hosts`() throws {
            let cluster = try RunningCluster()
            let (ada, bob) = try Three.two(in: cluster)
            try cluster.redis.restartEmpty()
            usleep(2_500_000)
            #expect(try cluster.nodes.map { try $0.callCount } == [1, 0, 0])
            try Three.meet([ada, bob], "still here")
            // A node that knows nothing but Redis finds the call there.
            let late = try cluster.add("late")
            let eve = try Caller(late, as: "eve")
            try eve.join(Three.channel)
            let state = try Three.state(eve, Three.channel)
            #expect(Three.sessions(state).count == 3)
            try Three.meet([ada, bob, eve], "all three")
            // And who begins a call begins it under a token that nobody has had.
            let zoe = try Caller(cluster.nodes[1], as: "zoe")
            try zoe.join("owl00000000000000000000002")
            _ = try Three.state(zoe, "owl00000000000000000000002")
            #expect(ada.gaps == [] && bob.gaps == [])
            #expect(!ada.names.contains("user_left") && !ada.names.contains("call_rehost"))
        }

        @Test(.enabled(if: SlowTests.areWanted))
        func `lets a call go on at another though Redis was emptied meanwhile`() throws {
            let cluster = try RunningCluster()
            let ada = try Caller(cluster.nodes[0], as: "ada")
            let bob = try Caller(cluster.nodes[1], as: "bob")
            for caller in [ada, bob] {
                try caller.say("join", #"{"channelID":"\#(Three.channel)","followsHost":true}"#)
                _ = try Three.state(caller, Three.channel)
            }
            // Saved by now, and forgotten.
            usleep(300_000)
            try cluster.redis.restartEmpty()
            usleep(2_500_000)
            let began = ContinuousClock.now
            try cluster.kill(cluster.nodes[0])
            _ = try bob.hear("call_rehost")
            #expect(ContinuousClock.now - began < .seconds(3))
            withExtendedLifetime(ada) {}
        }

        @Test(.enabled(if: SlowTests.areWanted))
        func `waits for a Redis that is not there when it starts`() throws {
            let redis = try RunningRedis()
            redis.child.signal(SIGKILL)
            _ = try redis.child.waitUntilEnd()
            let cluster = RunningCluster(of: redis)
            let node = try cluster.make("early")
            #expect(try node.get("/healthz").status == 200)
            #expect(try node.get("/readyz").status == 503)
            try redis.restartEmpty()
            #expect(try eventually { try node.isReady })
        }
    }
}
