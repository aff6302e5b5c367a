import Testing

extension `A node` {
    @Suite struct `whose hosts rule their calls` {
        static let channel = "nightowls00000000000000003"

        private func tell(
            _ node: RunningNode,
            _ host: Login,
            _ order: String,
            _ body: String = "{}"
        ) throws -> Int {
            let path = "/plugins/com.mattermost.calls/calls/\(Self.channel)/host/\(order)"
            let fields = host.bearer + ["Content-Type: application/json"]
            return try node.post(path, body, fields).status
        }

        @Test func `mutes, lowers hands, stops screens, and removes for good`() throws {
            let node = try RunningNode()
            let host = try node.logIn("ada")
            let ada = try Caller(node, host.bearer)
            _ = try ada.hear("hello")
            try ada.join(Self.channel)
            _ = try ada.hear("call_state")
            let bob = try Caller(node, as: "bob")
            try bob.join(Self.channel)
            _ = try bob.hear("call_state")
            let session = #"{"session_id":"\#(bob.connection)"}"#

            try bob.say("unmute")
            _ = try ada.hear("user_unmuted")
            #expect(try tell(node, host, "mute", session) == 200)
            #expect(try bob.hear("host_mute")["session_id"] as? String == bob.connection)
            #expect(try ada.hear("user_muted")["session_id"] as? String == bob.connection)
            try bob.say("raise_hand")
            _ = try ada.hear("user_raise_hand")
            #expect(try tell(node, host, "lower-hand", session) == 200)
            _ = try bob.hear("host_lower_hand")
            try bob.say("screen_on", #"{"data":"{\"screenStreamID\":\"s1\"}"}"#)
            _ = try ada.hear("user_screen_on")
            #expect(try tell(node, host, "screen-off", session) == 200)
            _ = try ada.hear("user_screen_off")

            // Whoever is not the host may do none of it.
            let guest = try node.logIn("bob")
            #expect(try tell(node, guest, "mute-others") == 400)

            #expect(try tell(node, host, "remove", session) == 200)
            _ = try bob.hear("host_removed")
            #expect(try ada.hear("user_left")["session_id"] as? String == bob.connection)
            try bob.join(Self.channel)
            #expect((try bob.hear("error")["data"] as? String ?? "").contains("removed"))
            #expect(ada.gaps == [] && bob.gaps == [])
        }

        @Test func `ends a call for everybody, and lets the next one begin`() throws {
            let node = try RunningNode()
            let host = try node.logIn("ada")
            let ada = try Caller(node, host.bearer)
            _ = try ada.hear("hello")
            try ada.join(Self.channel)
            let first = try Caller.call(ada.hear("call_state"))["id"] as? String
            let bob = try Caller(node, as: "bob")
            try bob.join(Self.channel)
            _ = try bob.hear("call_state")
            #expect(try tell(node, host, "end") == 200)
            for caller in [ada, bob] { _ = try caller.hear("call_end") }
            #expect(try tell(node, host, "end") == 400)
            // Their connections are free for another.
            try bob.join(Self.channel)
            let second = try Caller.call(bob.hear("call_state"))
            #expect(second["id"] as? String != first)
            #expect((second["sessions"] as? [Caller.Members])?.count == 1)
        }
    }
}
