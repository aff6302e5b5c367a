import Foundation
import Testing
import Wire

extension `A node` {
    /// What is asked over HTTP, of a node that has nothing to do with the call.
    @Suite(.enabled(if: Program.redis.isThere)) struct `asked about what is on another` {
        typealias Three = `that is one of three`
        static let base = "/plugins/com.mattermost.calls"

        private func order(
            _ node: RunningNode,
            _ login: Login,
            _ order: String,
            _ body: String = "{}"
        ) throws -> Int {
            try node.post("\(Self.base)/calls/\(Three.channel)/\(order)", body, login.bearer).status
        }

        @Test func `shows the call, and obeys its host, whichever it is`() throws {
            let cluster = try RunningCluster()
            let host = try cluster.nodes[2].logIn("ada")
            let (ada, bob) = try Three.two(in: cluster)
            let session = #"{"session_id":"\#(bob.connection)"}"#
            for node in cluster.nodes {
                let active = "\(Self.base)/calls/\(Three.channel)/active"
                #expect(try node.get(active, host.bearer).text == #"{"active":true}"#)
                let shown = try node.get("\(Self.base)/\(Three.channel)", host.bearer).json
                #expect(shown["call"]?["sessions"]?.array?.count == 2)
                let list = try node.get("\(Self.base)/channels", host.bearer).json
                #expect(list.array?.count == 1)
                #expect(list[0]?["channel_id"]?.string == Three.channel)
                #expect(list[0]?["call"]?["id"] == shown["call"]?["id"])
                try bob.say("unmute")
                try bob.say("raise_hand")
                _ = try ada.hear("user_raise_hand")
                #expect(try order(node, host, "host/mute", session) == 200)
                _ = try bob.hear("host_mute")
                _ = try ada.hear("user_muted")
                #expect(try order(node, host, "host/lower-hand", session) == 200)
                _ = try bob.hear("host_lower_hand")
                #expect(try order(node, node.logIn("bob"), "host/mute-others") == 400)
            }
            let eve = try cluster.nodes[2].logIn("eve")
            #expect(try order(cluster.nodes[1], eve, "dismiss-notification") == 200)
            let seen = try cluster.nodes[2].get("\(Self.base)/\(Three.channel)", eve.bearer).json
            #expect(seen["call"]?["dismissed_notification"]?.object?.members.count == 1)
            #expect(try order(cluster.nodes[2], host, "host/remove", session) == 200)
            _ = try bob.hear("host_removed")
            #expect(try order(cluster.nodes[1], host, "host/end") == 200)
            _ = try ada.hear("call_end")
            for node in cluster.nodes {
                let isOver = try eventually {
                    let active = "\(Self.base)/calls/\(Three.channel)/active"
                    return try node.get(active, host.bearer).text == #"{"active":false}"#
                }
                #expect(isOver)
                #expect(try order(node, host, "host/end") == 400)
            }
            // The next call is a new one, on the node where somebody comes first.
            try bob.join("owl00000000000000000000002")
            _ = try bob.hear("call_state")
            #expect(try eventually { try cluster.nodes[1].callCount == 1 })
            #expect(ada.gaps == [] && bob.gaps == [])
        }

        @Test func `believes a login that was made there, until its end`() throws {
            let cluster = try RunningCluster()
            let login = try cluster.nodes[0].logIn("ada")
            for node in cluster.nodes {
                #expect(try node.get("/api/v4/users/me", login.bearer).status == 200)
            }
            let callers = try cluster.nodes.map { try Caller($0, login.bearer) }
            for caller in callers { _ = try caller.hear("hello") }
            #expect(
                try cluster.nodes[1].post("/api/v4/users/logout", "", login.bearer).status == 200
            )
            for node in cluster.nodes {
                let isOver = try eventually(within: .seconds(1)) {
                    try node.get("/api/v4/users/me", login.bearer).status == 401
                }
                #expect(isOver)
            }
            guard SlowTests.areWanted else { return }
            // Websockets look now and then whether the login that they came with still counts.
            for caller in callers { #expect(try caller.socket.readCloseCode() == 1008) }
        }

        @Test func `lets calls begin where it was decided there that they may`() throws {
            let cluster = try RunningCluster()
            let admin = try cluster.nodes[0].logIn("admin")
            let people = try zip(cluster.nodes, ["ada", "bob", "eve"]).map {
                try Caller($0, as: $1)
            }
            for isEnabled in [true, false, true] {
                let path = "\(Self.base)/\(Three.channel)"
                let body = #"{"enabled":\#(isEnabled)}"#
                #expect(try cluster.nodes[0].post(path, body, admin.bearer).status == 200)
                for person in people {
                    _ = try person.hear(
                        isEnabled ? "channel_enable_voice" : "channel_disable_voice"
                    )
                    try person.join(Three.channel)
                    if isEnabled {
                        _ = try person.hear("call_state")
                        try person.say("leave")
                        _ = try person.hear("user_left") {
                            $0["session_id"] as? String == person.connection
                        }
                    } else {
                        let why = try person.hear("error")["data"] as? String ?? ""
                        #expect(why.contains("disabled") || why.contains("enabled"), "\(why)")
                    }
                }
            }
        }

        @Test func `has the calls of those who came to it first, as the others have theirs`() throws
        {
            let cluster = try RunningCluster()
            let logins = try cluster.nodes.map { try $0.logIn("ada") }
            var callers: [Caller] = []
            for number in 0..<200 {
                let caller = try Caller(cluster.nodes[number % 3], logins[number % 3].bearer)
                _ = try caller.hear("hello")
                try caller.join(Three.channel(number))
                callers.append(caller)
            }
            for (number, caller) in callers.enumerated() {
                _ = try Three.state(caller, Three.channel(number))
            }
            #expect(try cluster.nodes.map { try $0.callCount } == [67, 67, 66])
            for caller in callers { try caller.say("leave") }
            #expect(try eventually { try cluster.nodes.allSatisfy { try $0.callCount == 0 } })
        }

        @Test func `passes a call on that it is not to have, or has no room for`() throws {
            let cluster = try RunningCluster(2)
            let marked = try cluster.add("marked", own: "takes_calls = false")
            let full = try cluster.add("full", own: "max_calls = 1")
            var count = 0
            func begin(at node: RunningNode) throws {
                count += 1
                let caller = try Caller(node, as: "ada")
                let number = count
                try caller.join(Three.channel(number))
                _ = try Three.state(caller, Three.channel(number))
                kept.append(caller)
            }
            var kept: [Caller] = []
            for _ in 0..<4 { try begin(at: marked) }
            #expect(try marked.callCount == 0)
            let onFull = try full.callCount
            #expect(onFull <= 1)
            for _ in 0..<4 { try begin(at: full) }
            let counts = try cluster.nodes.map { try $0.callCount }
            #expect(counts.reduce(0, +) == 8 && counts[2] == 0, "\(counts)")
            #expect(counts[3] == 1)
        }
    }
}
