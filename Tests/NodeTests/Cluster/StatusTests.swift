import Foundation
import Glibc
import Testing
import Wire

extension `A node` {
    /// What operators see and do, at the listener for figures and by `roost cluster`.
    @Suite(.enabled(if: Program.redis.isThere)) struct `looked after by its operators` {
        private static let channel = "owlowlowlowlowlowlowlowlow"

        private func look(_ node: RunningNode, _ fields: [String] = []) throws -> JSONValue {
            try Client(port: node.metricsPort).get("/cluster.json", fields).json
        }

        private func told(_ name: String, by node: RunningNode) throws -> JSONValue {
            let nodes = try look(node)["nodes"]?.array ?? []
            return try #require(nodes.first { $0["name"]?.string == name })
        }

        private func order(
            _ node: RunningNode,
            _ verb: String,
            _ body: String,
            _ fields: [String] = ["X-Roost-Admin: 1"]
        ) throws -> (status: Int, message: String) {
            let answer = try Client(port: node.metricsPort).post("/cluster/\(verb)", body, fields)
            return (answer.status, try answer.json["message"]?.string ?? "")
        }

        /// Comes into the call, and will go with it wherever it goes.
        private func come(_ node: RunningNode, as name: String) throws -> Caller {
            let caller = try Caller(node, as: name)
            let words = #"{"channelID":"\#(Self.channel)","followsHost":true}"#
            try caller.say("join", words)
            _ = try caller.hear("call_state")
            return caller
        }

        /// `roost cluster` with these words, as somebody on the machine of the node says them.
        private func say(
            _ words: String...,
            to node: RunningNode
        ) throws -> (code: Int32, said: String) {
            let at = "http://127.0.0.1:\(node.metricsPort)"
            let child = try Child(
                [RunningNode.binary, "cluster"] + words + ["--at", at],
                as: "cluster-" + UUID().uuidString.prefix(8),
                in: try Folder()
            )
            let code = try child.waitUntilEnd()
            return (code, child.output + child.complaints)
        }

        @Test func `tells of all from any, moves a call, and drains`() throws {
            let cluster = try RunningCluster(2)
            let (one, two) = (cluster.nodes[0], cluster.nodes[1])
            let ada = try come(one, as: "ada")
            let bob = try come(two, as: "bob")

            // Just after its start a node waits for what others may say.
            #expect(try eventually { try told("node-2", by: two)["obstacle"] == .null })
            // Asked of the one that does not host it.
            #expect(try look(two)["nodes"]?.array?.count == 2)
            let host = try told("node-1", by: two)
            #expect(host["answers"] == true && host["state"] == "up" && host["obstacle"] == .null)
            #expect((host["holds_for_ms"]?.integer ?? 0) > 0)
            #expect(host["redis"]?["connected_since"]?.integer != nil)
            #expect(host["links"]?[0]?["linked"] == true)
            #expect(host["rebalance"] == "off")
            #expect((host["links"]?[0]?["round_trip_ms"]?.number ?? 0) > 0)
            let call = try #require(host["calls"]?[0])
            #expect(call["channel"]?.string == Self.channel && call["people"] == 2)
            #expect(call["how"] == "the first websocket for it landed here")
            #expect(try told("node-2", by: one)["relays"]?[0]?["connections"] == 1)

            let (status, table) = try say("status", to: two)
            let head = "as node-2 sees it: nodes 2, calls 1, people 2"
            #expect(status == 0 && table.contains(head), "\(table)")
            #expect(try say("calls", to: two).said.contains("\(Self.channel)  node-1"))

            // Moved, and told why.
            let moved = try say("move", Self.channel, "node-2", to: two)
            #expect(moved.code == 0 && moved.said == "the call goes on at node-2\n")
            let isThere = try eventually {
                try told("node-2", by: one)["calls"]?[0]?["people"] == 2
            }
            #expect(isThere)
            let (why, reasons) = try say("why", Self.channel, to: one)
            #expect(why == 0 && reasons.contains("Why there: moved here from node-1"), "\(reasons)")
            #expect(reasons.contains("Websockets elsewhere: node-1 (1)"))
            #expect(reasons.contains("moved to node-2"))
            #expect(try one.figure(#"roost_cluster_calls_moved_total{how="moved_away"}"#) == 1)
            #expect(try two.figure(#"roost_cluster_calls_moved_total{how="moved_here"}"#) == 1)

            // Drained, and not stopped.
            let (drained, progress) = try say("drain", "node-2", to: one)
            #expect(drained == 0 && progress.contains("node-2 hosts no calls"), "\(progress)")
            #expect(try told("node-2", by: one)["state"] == "draining")
            let back = try told("node-1", by: two)["calls"]
            #expect(back?[0]?["people"] == 2, "\(String(describing: back)) \(one.log) \(two.log)")
            #expect(try Client(port: two.metricsPort).get("/readyz").status == 503)
            #expect(try say("move", Self.channel, "node-2", to: one).code == 1)
            // Who begins a call there has it, at another.
            let eve = try Caller(two, as: "eve")
            try eve.join("owl00000000000000000000001")
            _ = try eve.hear("join")
            #expect(try one.callCount == 2 && two.callCount == 0)
            try eve.say("leave")
            #expect(try say("undrain", "node-2", to: one).code == 0)
            #expect(try told("node-2", by: one)["state"] == "up")
            #expect(try two.isReady)
            try bob.say("raise_hand")
            _ = try ada.hear("user_raise_hand")

            // What is missing is shown as missing, and said to be.
            two.child.signal(SIGKILL)
            let isMissed = try eventually { try told("node-2", by: one)["answers"] == false }
            #expect(isMissed)
            let (unwell, words) = try say("status", to: one)
            #expect(unwell == 4 && words.contains("! node-2: "), "\(words)")
        }

        @Test func `lets in who may, and nobody else`() throws {
            let cluster = try RunningCluster(2)
            let node = cluster.nodes[0]
            let token = try Run("cluster", "token", in: node.folder)
            #expect(token.code == 0 && token.output.utf8.count == 65)
            let bearer = ["Authorization: Bearer \(token.output.dropLast())"]
            let body = #"{"node":"node-2"}"#
            // A page of another site can send neither the field nor the token.
            #expect(try order(node, "drain", body, []).status == 403)
            #expect(
                try order(node, "drain", body, ["X-Roost-Admin: 1", "Authorization: Bearer x"])
                    .status == 401
            )
            #expect(try order(node, "drain", body, bearer).status == 200)
            #expect(try order(node, "undrain", body).status == 200)
            // A site whose name leads here is not this machine.
            let rebound = try Client(port: node.metricsPort)
            try rebound.send("GET /cluster.json HTTP/1.1\r\nHost: evil.example:8067\r\n\r\n")
            #expect(try rebound.readResponse().status == 401)
            let named = try Client(port: node.metricsPort)
            try named.send(
                "GET /cluster.json HTTP/1.1\r\nHost: roost.example\r\n\(bearer[0])\r\n\r\n"
            )
            #expect(try named.readResponse().status == 200)
            for (verb, body, status, remedy) in [
                ("drain", "{}", 400, "say which: {\"node\""),
                ("drain", "[", 400, "the body is no JSON"),
                ("drain", "[]", 400, "the body is to be an object"),
                (
                    "drain", #"{"node":"node-9"}"#, 409,
                    "there is no node node-9 in this cluster; there are node-1, node-2"
                ),
                (
                    "move", #"{"channel":"night-owls","node":"node-2"}"#, 409,
                    "no call runs in night-owls"
                ),
            ] {
                let answer = try order(node, verb, body)
                #expect(answer.status == status && answer.message.contains(remedy), "\(answer)")
            }
            let page = try Client(port: node.metricsPort).get("/cluster")
            #expect(page.status == 200 && page.text.contains("/cluster.js"))
            #expect(page.field("content-security-policy")?.contains("default-src 'none'") == true)
            // The public door knows nothing of all this.
            #expect(try node.get("/cluster.json").status == 404)
        }

        @Test func `says that it is alone`() throws {
            let node = try RunningNode()
            #expect(try look(node)["alone"] == true)
            let (code, said) = try say("status", to: node)
            #expect(code == 0 && said.contains("is alone, and no node of a cluster"))
            let drained = try say("drain", "node-1", to: node)
            #expect(drained.code == 1 && drained.said.contains("is alone"), "\(drained)")
            let token = try Run("cluster", "token", in: node.folder)
            #expect(token.code == 1 && token.complaints.contains("no cluster.secret"))
        }

        @Test(arguments: [
            (["status", "--at", "http://127.0.0.1:1"], 1, "is the node running"),
            (["status", "--at", "nowhere"], 2, "--at nowhere"),
            (["why"], 2, "say which call: roost cluster why CHANNEL"),
            (["move", "night-owls"], 2, "say what goes where: roost cluster move CHANNEL NODE"),
            (["drain"], 2, "say which node: roost cluster drain NODE"),
        ])
        func `is asked in vain with a word about what to do`(
            words: [String],
            code: Int32,
            remedy: String
        ) throws {
            let child = try Child([RunningNode.binary, "cluster"] + words, in: try Folder())
            #expect(try child.waitUntilEnd() == code)
            #expect(child.complaints.contains(remedy), "\(child.complaints)")
        }
    }
}
