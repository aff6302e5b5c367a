import Foundation
import Testing

extension `A node` {
    @Suite struct `whose people call each other` {
        static let channel = "nightowls00000000000000001"
        static let other = "daylarks000000000000000002"

        @Test func `brings two together, and tells each of the other`() throws {
            let node = try RunningNode()
            let ada = try Caller(node, as: "ada")
            try ada.join(Self.channel)
            #expect(try ada.hear("join")["connID"] as? String == ada.connection)
            let state = try Caller.call(ada.hear("call_state"))
            #expect((state["sessions"] as? [Caller.Members])?.count == 1)
            let start = try ada.hear("call_start")
            #expect(start["channelID"] as? String == Self.channel)
            #expect(start["id"] as? String == state["id"] as? String)
            #expect(state["host_id"] as? String == state["owner_id"] as? String)

            let bob = try Caller(node, as: "bob")
            try bob.join(Self.channel)
            _ = try bob.hear("join")
            let both = try Caller.call(bob.hear("call_state"))
            #expect(both["id"] as? String == state["id"] as? String)
            let sessions = both["sessions"] as? [Caller.Members] ?? []
            #expect(
                sessions.compactMap { $0["session_id"] as? String } == [
                    ada.connection, bob.connection,
                ]
            )
            for caller in [ada, bob] {
                let joined = try caller.hear("user_joined") {
                    $0["session_id"] as? String == bob.connection
                }
                #expect(joined["channelID"] as? String == Self.channel)
            }
            try bob.say("leave")
            let left = try ada.hear("user_left")
            #expect(left["session_id"] as? String == bob.connection)
            #expect(ada.gaps == [] && bob.gaps == [])
        }

        @Test func `makes one call of twenty who come at once`() throws {
            let node = try RunningNode()
            let people = try (0..<20).map { try Caller(node, as: "person\($0)") }
            for person in people { try person.join(Self.channel) }
            var calls: Set<String> = []
            for person in people {
                _ = try person.hear("join")
                let state = try Caller.call(person.hear("call_state"))
                calls.insert(state["id"] as? String ?? "none")
            }
            #expect(calls.count == 1, "\(calls)")
            let last = try Caller(node, as: "late")
            try last.join(Self.channel)
            let state = try Caller.call(last.hear("call_state"))
            let sessions = state["sessions"] as? [Caller.Members] ?? []
            #expect(Set(sessions.compactMap { $0["session_id"] as? String }).count == 21)
            for person in people {
                try person.settle()
                #expect(person.gaps == [])
                #expect(person.names.filter { $0 == "call_start" }.count == 1)
                #expect(person.names.filter { $0 == "user_joined" }.count == 21)
            }
        }

        @Test func `loses nobody between a call that ends and the next`() throws {
            let node = try RunningNode()
            let people = try (0..<4).map { try Caller(node, as: "person\($0)") }
            for round in 0..<12 {
                for person in people { try person.join(Self.channel) }
                if round % 3 == 0 {
                    for person in people { _ = try person.hear("join") }
                }
                for person in people { try person.say("leave") }
            }
            usleep(300_000)
            for person in people {
                try person.settle()
                person.forgetUnread()
                try person.join(Self.channel)
                _ = try person.hear("join")
                try person.say("unmute")
                _ = try person.hear("user_unmuted") {
                    $0["session_id"] as? String == person.connection
                }
                // From one call to another in one breath.
                try person.say("leave")
                try person.join(Self.other)
                _ = try person.hear("join")
            }
            for person in people { try person.say("leave") }
            let sessions = #"mattermost_plugin_calls_rtc_sessions_total{groupID="default"}"#
            #expect(eventually { (try? node.figure(sessions)) == 0 })
        }

        @Test func `passes on mutes, hands, reactions and screens`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            try ada.say("unmute")
            #expect(try bob.hear("user_unmuted")["session_id"] as? String == ada.connection)
            try ada.say("mute")
            #expect(try bob.hear("user_muted")["session_id"] as? String == ada.connection)
            try ada.say("raise_hand")
            #expect((try bob.hear("user_raise_hand")["raised_hand"] as? Int ?? 0) > 0)
            try ada.say("unraise_hand")
            #expect(try bob.hear("user_unraise_hand")["raised_hand"] as? Int == 0)
            try ada.say("react", #"{"data":"{\"name\":\"+1\",\"unified\":\"1F44D\"}"}"#)
            let emoji = try bob.hear("user_reacted")["emoji"] as? Caller.Members
            #expect(emoji?["name"] as? String == "+1")
            try ada.say("screen_on", #"{"data":"{\"screenStreamID\":\"s1\"}"}"#)
            #expect(try bob.hear("user_screen_on")["session_id"] as? String == ada.connection)
            try bob.say("screen_on", #"{"data":"{\"screenStreamID\":\"s2\"}"}"#)
            #expect((try bob.hear("error")["data"] as? String)?.isEmpty == false)
            try bob.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            let state = try Caller.call(bob.hear("call_state"))
            #expect(state["screen_sharing_session_id"] as? String == ada.connection)
            try ada.say("screen_off")
            _ = try bob.hear("user_screen_off")
            #expect(ada.gaps == [] && bob.gaps == [])
        }

        @Test func `answers an offer that comes as MessagePack`() throws {
            let node = try RunningNode()
            let ada = try Caller(node, as: "ada")
            try ada.sayInBinary("join", [("channelID", .text(Self.channel))])
            _ = try ada.hear("join")
            try ada.sayOffer(Caller.offer)
            let signal = try ada.hear("signal")
            #expect(signal["connID"] as? String == ada.connection)
            let inner = signal["data"] as? String ?? ""
            let answer = try JSONSerialization.jsonObject(with: Data(inner.utf8)) as? [String: Any]
            #expect(answer?["type"] as? String == "answer")
            let sdp = answer?["sdp"] as? String ?? ""
            #expect(sdp.contains("m=application") && sdp.contains("a=ice-lite"), "\(sdp)")
            // As text it can't be bytes, and whoever sends it so learns that.
            try ada.say("sdp", #"{"data":"nonsense"}"#)
            try ada.settle()
            #expect(ada.lastFault != nil || ada.names.contains("error"))
        }

        @Test func `keeps who is cut off in the call, and ends who stays away`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            var cut: Caller? = try Caller(node, as: "cut")
            try cut?.join(Self.channel)
            _ = try cut?.hear("join")
            let session = try #require(cut?.connection)
            cut = nil
            let back = try Caller(node, as: "cut")
            let words =
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(session)","#
                + #""prevConnID":"\#(session)"}"#
            // Nobody else can have it.
            try ada.settle()
            let thief = try Caller(node, as: "thief")
            try thief.say("reconnect", words)
            _ = try thief.hear("error")
            try thief.say("leave")
            try thief.settle()
            try back.say("reconnect", words)
            try back.say("raise_hand")
            let hand = try ada.hear("user_raise_hand")
            #expect(hand["session_id"] as? String == session)
            try back.say("leave")
            #expect(try ada.hear("user_left")["session_id"] as? String == session)
            // A second reconnect to what is over says so.
            try back.say("reconnect", words)
            _ = try back.hear("error")
            #expect(ada.gaps == [] && bob.gaps == [])
        }

        @Test(arguments: [true, false])
        func `keeps what a client alone was told until that has said that it has it`(
            answersPings: Bool
        ) throws {
            let node = try RunningNode()
            let login = try node.logIn("carol")
            let carol = try Caller(node, login.bearer, answersPings: answersPings)
            _ = try carol.hear("hello")
            let (connection, first) = (carol.connection, carol.expected)
            // Each is answered by an event for this connection.
            for _ in 0..<40 { try carol.say("react") }
            for _ in 0..<40 { _ = try carol.hear("error") }
            // The pong goes before the ping that this waits for.
            try carol.settle()
            try carol.settle()
            carol.socket.client.close()
            let back = try Caller(node, login.bearer, resuming: connection, after: first)
            _ = try back.hear("hello")
            #expect((back.connection == connection) == !answersPings)
            #expect(back.gaps == [])
            #expect(back.names.count == (answersPings ? 0 : 40))
            // What came after what it had is there in any case.
            guard answersPings else { return }
            let other = try Caller(node, login.bearer, resuming: connection, after: carol.expected)
            _ = try other.hear("hello")
            #expect(other.connection == connection && other.gaps == [])
        }

        @Test func `keeps no state of a large call for who has said that they have it`() throws {
            let node = try RunningNode()
            let people = try (0..<30).map { try Caller(node, as: "person\($0)") }
            for person in people { try person.join(Self.channel) }
            for person in people { _ = try person.hear("join") }
            let login = try node.logIn("carol")
            let carol = try Caller(node, login.bearer, answersPings: true)
            _ = try carol.hear("hello")
            let (connection, first) = (carol.connection, carol.expected)
            try carol.join(Self.channel)
            _ = try carol.hear("call_state")
            try carol.settle()
            try carol.settle()
            carol.socket.client.close()
            let back = try Caller(node, login.bearer, resuming: connection, after: first)
            _ = try back.hear("hello")
            #expect(back.connection != connection)
        }

        @Test func `resumes a connection with everything that was missed`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            let login = try node.logIn("carol")
            var carol: Caller? = try Caller(node, login.bearer)
            _ = try carol?.hear("hello")
            try carol?.join(Self.channel)
            _ = try carol?.hear("call_state")
            try carol?.settle()
            let (connection, expected) = (carol?.connection ?? "", carol?.expected ?? 0)
            carol = nil
            for _ in 0..<20 {
                try ada.say("raise_hand")
                try ada.say("unraise_hand")
            }
            try ada.settle()
            try bob.settle()
            // Somebody else's connection is not given away.
            let thief = try Caller(
                node,
                node.logIn("thief").bearer,
                resuming: connection,
                after: expected
            )
            _ = try thief.hear("hello")
            #expect(thief.connection != connection)
            let back = try Caller(node, login.bearer, resuming: connection, after: expected)
            _ = try back.hear("hello")
            #expect(back.connection == connection)
            #expect(back.gaps == [])
            #expect(back.names.filter { $0 == "user_raise_hand" }.count == 20)
            // It is in the call as before.
            try back.say("unmute")
            let unmuted = try ada.hear("user_unmuted")
            #expect(unmuted["session_id"] as? String == connection)
            // The newest socket has the connection; the older one is closed.
            let newest = try Caller(node, login.bearer, resuming: connection, after: back.expected)
            #expect(try back.socket.readCloseCode() == 1008)
            _ = try newest.hear("hello")
            #expect(newest.connection == connection && newest.gaps == [])
            // A line that has missed more than is kept is not resumed: there would be a gap.
            let (old, last) = (newest.connection, newest.expected)
            newest.socket.client.close()
            for _ in 0..<28 {
                try ada.say("raise_hand")
                try ada.say("unraise_hand")
            }
            for _ in 0..<45 {
                try bob.say("raise_hand")
                try bob.say("unraise_hand")
            }
            try ada.settle()
            try bob.settle()
            let fresh = try Caller(node, login.bearer, resuming: old, after: last)
            _ = try fresh.hear("hello")
            #expect(fresh.connection != old && fresh.gaps == [])
        }

        @Test func `hides calls from who may not see their channel`() throws {
            let node = try RunningNode()
            let (ada, _) = try two(in: node)
            try ada.say("call_state", #"{"channelID":"\#(Self.other)"}"#)
            #expect(try ada.hear("error")["data"] as? String == "no call ongoing")
            try ada.join(Self.other)
            let why = try ada.hear("error")["data"] as? String ?? ""
            #expect(why.contains("another call"), "\(why)")
        }

        @Test func `remembers calls, and ends what a crash has left`() throws {
            let folder = try Folder()
            let settings = "[store]\npath = \"calls.db\"\n"
            let node = try RunningNode(settings, in: folder)
            let (ada, _) = try two(in: node)
            try ada.settle()
            let saved = #"mattermost_plugin_calls_store_ops_total{type="saveAttendance"}"#
            _ = eventually { (try? node.figure(saved)) ?? 0 >= 2 }
            node.child.signal(SIGKILL)
            _ = try node.child.waitUntilEnd()
            let next = try RunningNode(settings, in: folder)
            #expect(next.logs("calls were ended that a crash had left"), "\(next.log)")
            #expect(try next.end() == 0)
            let third = try RunningNode(settings, in: folder)
            #expect(!third.log.contains("a crash had left"))
        }

        @Test func `sends everybody to another node when it goes, and ends its calls`() throws {
            let folder = try Folder()
            let settings = "[store]\npath = \"calls.db\"\n"
            let node = try RunningNode(settings, in: folder)
            let (ada, bob) = try two(in: node)
            node.child.signal(SIGTERM)
            for caller in [ada, bob] {
                #expect(try caller.socket.readCloseCode() == 1012)
                #expect(!caller.names.contains("call_end"))
                caller.socket.client.close()
            }
            #expect(try node.child.waitUntilEnd() == 0)
            let next = try RunningNode(settings, in: folder)
            usleep(300_000)
            #expect(!next.log.contains("a crash had left"))
        }

        @Test func `does not keep who never brings any media`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            try ada.sayOffer(Caller.offer)
            _ = try ada.hear("signal")
            let left = try ada.hear("user_left")
            #expect(left["session_id"] as? String == bob.connection)
            // It is over for Bob, and he learns why.
            let why = try bob.hear("error")
            #expect(why["connID"] as? String == bob.connection)
            #expect((why["data"] as? String ?? "").isEmpty == false)
        }

        @Test func `counts what calls do`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            try ada.say("unmute")
            _ = try bob.hear("user_unmuted")
            let plugin = "mattermost_plugin_calls_"
            #expect(try node.figure("\(plugin)websocket_connections_total") == 2)
            let came = #"websocket_events_total{direction="in",type="unmute"}"#
            #expect(try node.figure(plugin + came) == 1)
            let told = #"websocket_events_total{direction="out",type="user_unmuted"}"#
            #expect(try node.figure(plugin + told) == 1)
            #expect(try node.figure(#"\#(plugin)rtc_sessions_total{groupID="default"}"#) == 2)
            let joins = #"app_handlers_time_count{handler="addUserSession"}"#
            #expect(try node.figure(plugin + joins) == 2)
            let pair =
                #"{\"state\":\"succeeded\",\"local\":{\"type\":\"host\",\"protocol\":\"udp\"},"#
                + #"\"remote\":{\"type\":\"host\",\"protocol\":\"udp\"}}"#
            try ada.say(
                "metric",
                #"{"metric_name":"client_ice_candidate_pair","data":"\#(pair)"}"#
            )
            try ada.settle()
            let labels =
                #"{state="succeeded",local_type="host",local_protocol="udp","#
                + #"remote_type="host",remote_protocol="udp"}"#
            #expect(try node.figure(plugin + "client_ice_candidate_pairs_total" + labels) == 1)
        }

        @Test func `outlives a flood, whose source is told`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            let flood = try Caller(node, as: "flood")
            try flood.join(Self.channel)
            _ = try flood.hear("call_state")
            for _ in 0..<2_000 { try flood.say("raise_hand") }
            try flood.socket.send(9, [42])
            var refusals = 0
            while let frame = try flood.socket.read(), frame.opcode != 10 {
                if frame.text.contains(#""status_code":429"#) { refusals += 1 }
            }
            #expect(refusals >= 1 && refusals < 6, "\(refusals)")
            try ada.say("unmute")
            _ = try bob.hear("user_unmuted")
        }

        @Test func `ends with a token what was begun with it`() throws {
            let key = try Run("token", "key", "HS256").output
            let settings =
                "[identity]\nprovider = \"tokens\"\nclock_skew = \"0s\"\n" + key
            let node = try RunningNode(settings)
            func mint(_ name: String, _ life: String) throws -> [String] {
                let run = try Run(
                    "token",
                    "--config",
                    "roost.toml",
                    "--user",
                    name,
                    "--expires",
                    life,
                    "--rights",
                    "read,join,start",
                    in: node.folder
                )
                #expect(run.code == 0, "\(run.complaints)")
                return [
                    "Authorization: Bearer "
                        + run.output.trimmingCharacters(in: .whitespacesAndNewlines)
                ]
            }
            let ada = try Caller(node, mint("ada", "60s"))
            _ = try ada.hear("hello")
            try ada.join(Self.channel)
            _ = try ada.hear("call_state")
            let bob = try Caller(node, mint("bob", "3s"))
            _ = try bob.hear("hello")
            try bob.join(Self.channel)
            _ = try bob.hear("call_state")
            let left = try ada.hear("user_left")
            #expect(left["session_id"] as? String == bob.connection)
            let error = try bob.hear("error")
            #expect(error["connID"] as? String == bob.connection, "he is out, and is told why")
            #expect((error["data"] as? String)?.contains("your login has ended") == true)
            #expect(try bob.socket.readCloseCode() == 1008)
            try ada.say("unmute")
            _ = try ada.hear("user_unmuted")
        }

        // MARK: -

        private func two(in node: RunningNode) throws -> (Caller, Caller) {
            let (ada, bob) = (try Caller(node, as: "ada"), try Caller(node, as: "bob"))
            try ada.join(Self.channel)
            _ = try ada.hear("call_state")
            try bob.join(Self.channel)
            _ = try bob.hear("call_state")
            _ = try ada.hear("user_joined") { $0["session_id"] as? String == bob.connection }
            return (ada, bob)
        }
    }
}
