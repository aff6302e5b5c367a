import Foundation
import Testing

extension `A node` {
    @Suite struct `whose clients do strange things in a call` {
        static let channel = "nightowls00000000000000001"
        static let key = ["Authorization: Bearer a-key-for-tests-0123456789"]
        static let settings = """
            [limits]
            request_burst = 1000
            [calls]
            api_keys = ["a-key-for-tests-0123456789"]
            """

        private func two(in node: RunningNode) throws -> (Caller, Caller) {
            let (ada, bob) = (try Caller(node, as: "ada"), try Caller(node, as: "bob"))
            for caller in [ada, bob] {
                try caller.join(Self.channel)
                _ = try caller.hear("call_state")
            }
            return (ada, bob)
        }

        private func call(_ caller: Caller) throws -> Caller.Members {
            try caller.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            return try Caller.call(caller.hear("call_state"))
        }

        @Test func `remembers both stays of who leaves and joins again by one connection`() throws {
            let node = try RunningNode(Self.settings)
            let (ada, bob) = try two(in: node)
            let id = try call(ada)["id"] as? String ?? ""
            try bob.say("leave")
            _ = try ada.hear("user_left") { $0["session_id"] as? String == bob.connection }
            usleep(5_000)
            try bob.join(Self.channel)
            _ = try bob.hear("join")
            try bob.say("unmute")
            _ = try ada.hear("user_unmuted") { $0["session_id"] as? String == bob.connection }
            for caller in [ada, bob] { try caller.say("leave") }
            let path = "/api/roost/v1/calls/\(id)/attendance"
            let areBothThere = try eventually {
                let text = try node.get(path, Self.key).text
                let stays = text.components(separatedBy: bob.connection).count - 1
                return stays == 2 && !text.contains(#""left_at":null"#)
            }
            let text = try node.get(path, Self.key).text
            #expect(areBothThere, "\(text)")
        }

        @Test func `refuses a thousand sections, and goes on`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            let section = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
            let many = String(repeating: section, count: 1_000)
            try ada.sayOffer("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + many)
            let error = try ada.hear("error")
            let why = error["data"] as? String ?? ""
            #expect(why.contains("256"), "\(why)")
            #expect(error["connID"] as? String == "", "she stays in the call")
            try ada.sayOffer("nonsense")
            _ = try ada.hear("error")
            try ada.say("unmute")
            _ = try bob.hear("user_unmuted")
        }

        @Test func `lets nobody speak for another`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            func reconnect(as session: String) -> String {
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(session)","prevConnID":"\#(session)"}"#
            }
            let eve = try Caller(node, as: "eve")
            try eve.say("reconnect", reconnect(as: bob.connection))
            let stranger = try eve.hear("error")
            #expect(stranger["connID"] as? String == eve.connection)
            try ada.say("reconnect", reconnect(as: bob.connection))
            #expect(try ada.hear("error")["connID"] as? String == "", "she is in the call still")
            try ada.say("reconnect", reconnect(as: String(repeating: "q", count: 26)))
            #expect(try ada.hear("error")["connID"] as? String == "")
            try bob.say("raise_hand")
            let hand = try ada.hear("user_raise_hand")
            #expect(hand["session_id"] as? String == bob.connection)
            #expect((try call(ada)["sessions"] as? [Caller.Members])?.count == 2)
        }

        @Test func `says nothing to an answer that comes after its leave`() throws {
            let node = try RunningNode()
            let (_, bob) = try two(in: node)
            try bob.say("leave")
            try bob.sayDescription("answer", "v=0\r\n")
            try bob.settle()
            #expect(!bob.names.contains("error"))
            try bob.sayOffer("v=0\r\n")
            #expect(try bob.hear("error")["connID"] as? String == bob.connection)
        }

        @Test func `tells who may join a channel but not see it of those in the call`() throws {
            let key = try Run("token", "key", "HS256").output
            let node = try RunningNode("[identity]\nprovider = \"tokens\"\n" + key)
            func caller(_ name: String, _ rights: String) throws -> Caller {
                let run = try Run(
                    "token",
                    "--config",
                    "roost.toml",
                    "--user",
                    name,
                    "--rights",
                    rights,
                    in: node.folder
                )
                #expect(run.code == 0, "\(run.complaints)")
                let token = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
                let caller = try Caller(node, ["Authorization: Bearer \(token)"])
                _ = try caller.hear("hello")
                return caller
            }
            let ada = try caller("ada", "read,join,start")
            let bob = try caller("bob", "join")
            let eve = try caller("eve", "join")
            for caller in [ada, bob] {
                try caller.join(Self.channel)
                _ = try caller.hear("call_state")
            }
            let cy = try caller("cy", "read,join")
            try cy.join(Self.channel)
            let joined = try bob.hear("user_joined") {
                $0["session_id"] as? String == cy.connection
            }
            #expect(joined["channelID"] as? String == Self.channel)
            try cy.say("leave")
            _ = try bob.hear("user_left") { $0["session_id"] as? String == cy.connection }
            try bob.settle()
            #expect(bob.names.filter { $0 == "user_joined" }.count == 1, "himself, once")
            try eve.settle()
            #expect(eve.names == [], "she is not in it")
        }

        @Test func `meters each key of the application`() throws {
            let node = try RunningNode(Self.settings + "\napi_requests_per_second = 1\n")
            let codes = try (0..<8).map { _ in
                try node.get("/api/roost/v1/calls", Self.key).status
            }
            #expect(codes.prefix(5).allSatisfy { $0 == 200 })
            #expect(codes.last == 429, "\(codes)")
        }

        @Test func `shows at once that media is over`() throws {
            let node = try RunningNode()
            let ada = try Caller(node, as: "ada")
            try ada.join(Self.channel)
            _ = try ada.hear("call_state")
            #expect(try eventually { try node.figure("roost_media_calls") == 1 })
            try ada.say("leave")
            #expect(
                try eventually(within: .seconds(2)) { try node.figure("roost_media_calls") == 0 }
            )
        }
    }
}
