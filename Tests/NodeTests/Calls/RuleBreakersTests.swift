import Foundation
import Testing

extension `A node` {
    @Suite struct `whose people break the rules of a call` {
        static let channel = "nightowls00000000000000001"
        static let other = "daylarks000000000000000002"
        static let key = ["Authorization: Bearer a-key-for-tests-0123456789"]
        static let patient = """
            [websocket]
            messages_per_second = 100000
            burst = 100000
            """

        private func two(in node: RunningNode) throws -> (Caller, Caller) {
            let (ada, bob) = (try Caller(node, as: "ada"), try Caller(node, as: "bob"))
            for caller in [ada, bob] {
                try caller.join(Self.channel)
                _ = try caller.hear("call_state")
            }
            _ = try ada.hear("user_joined") { $0["session_id"] as? String == bob.connection }
            ada.forgetUnread()
            return (ada, bob)
        }

        private func sessions(_ caller: Caller) throws -> [Caller.Members] {
            caller.forgetUnread()
            try caller.say("call_state", #"{"channelID":"\#(Self.channel)"}"#)
            let call = try Caller.call(caller.hear("call_state"))
            return call["sessions"] as? [Caller.Members] ?? []
        }

        @Test func `has two tabs of one person, which neither mute nor end each other`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            let tab = try Caller(node, as: "bob")
            try tab.join(Self.channel)
            _ = try tab.hear("call_state")
            try bob.say("unmute")
            for caller in [ada, tab] {
                let event = try caller.hear("user_unmuted")
                #expect(event["session_id"] as? String == bob.connection)
            }
            let all = try sessions(ada)
            #expect(all.count == 3 && Set(all.compactMap { $0["user_id"] as? String }).count == 2)
            let open = all.filter { $0["unmuted"] as? Bool == true }
            #expect(open.compactMap { $0["session_id"] as? String } == [bob.connection])
            try bob.say("leave")
            _ = try tab.hear("user_left") { $0["session_id"] as? String == bob.connection }
            try tab.say("raise_hand")
            _ = try ada.hear("user_raise_hand") { $0["session_id"] as? String == tab.connection }
            #expect(try sessions(tab).count == 2)
        }

        @Test func `takes out whom the application will have there no more, in all tabs`() throws {
            let node = try RunningNode("[calls]\napi_keys = [\"a-key-for-tests-0123456789\"]\n")
            let (ada, bob) = try two(in: node)
            let tab = try Caller(node, as: "bob")
            try tab.join(Self.channel)
            _ = try tab.hear("call_state")
            let people = "/api/roost/v1/channels/\(Self.channel)/call/people/"
            func remove(_ name: String) throws -> Int {
                try node.connect().get(people + name, Self.key, method: "DELETE").status
            }
            #expect(try remove("nobody") == 404)
            #expect(try remove("bob") == 204)
            #expect(try remove("bob") == 404)
            let removed = try bob.hear("user_removed", isOfCalls: false)
            #expect(removed["channel_id"] as? String == Self.channel)
            for session in [bob.connection, tab.connection] {
                for caller in [ada, bob, tab] {
                    _ = try caller.hear("user_left") { $0["session_id"] as? String == session }
                }
            }
            bob.forgetUnread()
            try bob.join(Self.channel)
            let error = try bob.hear("error")
            #expect(error["connID"] as? String == bob.connection)
            #expect(error["data"] as? String == "you have been removed from this call")
            #expect(try sessions(ada).count == 1)
        }

        @Test func `tells the offender alone what is wrong with a message, and goes on`() throws {
            let node = try RunningNode(Self.patient)
            let (ada, bob) = try two(in: node)
            let long = String(repeating: "x", count: 5_000)
            let broken = [
                ("nonsense", "{}"), ("voice_on", "{}"), ("react", "{}"),
                ("react", #"{"data":"{\"name\":\"\#(long)\"}"}"#),
                ("react", #"{"data":"[[[[[[[[[[1]]]]]]]]]]"}"#),
                ("screen_on", #"{"data":"{}"}"#), ("screen_on", #"{"data":7}"#),
                ("screen_off", "{}"), ("video_on", #"{"data":"{\"videoStreamID\":\"\#(long)\"}"}"#),
                ("sdp", #"{"data":"text"}"#), ("call_state", #"{"channelID":"x"}"#),
                ("call_state", #"{"channelID":"\#(Self.other)"}"#), ("mute", "[]"),
                ("metric", #"{"metric_name":"no such"}"#),
                ("caption", #"{"session_id":"\#(ada.connection)","text":"I owe you all"}"#),
                ("join", #"{"channelID":"\#(Self.other)"}"#), ("join", "{}"),
                ("reconnect", #"{"channelID":"\#(Self.channel)"}"#),
            ]
            for (name, data) in broken {
                bob.forgetUnread()
                let replies = bob.lastReply
                try bob.say(name, data)
                try bob.settle()
                let heard = bob.names.contains("error") || bob.lastFault != nil
                #expect(heard && bob.lastReply > replies, "\(name) \(data.prefix(60))")
                for event in bob.unread {
                    let told = event["data"] as? Caller.Members
                    #expect(told?["connID"] as? String == "", "he stays in: \(name) \(told ?? [:])")
                }
            }
            try ada.settle()
            #expect(ada.names == [])
            try bob.say("unmute")
            _ = try ada.hear("user_unmuted")
            #expect(try sessions(ada).count == 2)
            // Counted, and each source is in the log once a while at most.
            let counted = try node.figure(#"roost_call_refusals_total{what="frame"}"#)
            #expect(counted >= 8, "\(counted)")
        }

        @Test func `names the connection where a join is broken, so that its client gives up`()
            throws
        {
            let node = try RunningNode()
            let ada = try Caller(node, as: "ada")
            for (name, data) in [
                ("join", "{}"), ("join", #"{"channelID":"x"}"#),
                ("join", #"{"channelID":"\#(Self.channel)","threadID":"no id"}"#),
                ("reconnect", #"{"channelID":"\#(Self.channel)"}"#),
            ] {
                try ada.say(name, data)
                let error = try ada.hear("error")
                #expect(error["connID"] as? String == ada.connection, "\(name) \(data)")
            }
            try ada.join(Self.channel)
            _ = try ada.hear("call_state")
        }

        @Test func `takes what comes twice, again, or in another order for what it is`() throws {
            let node = try RunningNode(Self.patient)
            let (ada, bob) = try two(in: node)
            let join =
                #"{"action":"custom_com.mattermost.calls_join","seq":2,"#
                + #""data":{"channelID":"\#(Self.channel)"}}"#
            for _ in 0..<3 { try bob.socket.send(join) }
            for word in ["unmute", "unmute", "unmute", "raise_hand", "raise_hand"] {
                try bob.say(word)
            }
            // What numbers its messages backwards is heard all the same.
            for number in [900, 3, -1, 0] {
                try bob.socket.send(
                    #"{"action":"custom_com.mattermost.calls_unraise_hand","seq":\#(number),"data":{}}"#
                )
            }
            let again =
                #"{"channelID":"\#(Self.channel)","originalConnID":"\#(bob.connection)","#
                + #""prevConnID":"\#(bob.connection)"}"#
            for _ in 0..<3 { try bob.say("reconnect", again) }
            try bob.settle()
            // What she is told of him comes in order; what comes last tells that the rest is there.
            try bob.say("react", #"{"data":"{\"name\":\"owl\"}"}"#)
            _ = try ada.hear("user_reacted")
            #expect(ada.names == ["user_unmuted", "user_raise_hand", "user_unraise_hand"])
            #expect(bob.unread.filter { Self.isNamed($0, bob.connection) }.isEmpty)
            #expect(try sessions(ada).count == 2)
            for _ in 0..<3 { try bob.say("leave") }
            _ = try ada.hear("user_left")
            try ada.say("raise_hand")
            _ = try ada.hear("user_raise_hand")
            #expect(!ada.names.contains("user_left"))
            try bob.say("unmute")
            let late = try bob.hear("error") { $0["connID"] as? String == bob.connection }
            #expect(late["data"] as? String == "this connection is in no call; join one")
        }

        private static func isNamed(_ event: Caller.Members, _ connection: String) -> Bool {
            let name = event["event"] as? String
            let data = event["data"] as? Caller.Members
            return name == "custom_com.mattermost.calls_error"
                && data?["connID"] as? String == connection
        }

        @Test func `closes on a message that is too long, and the call goes on`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            try bob.say("react", #"{"data":"\#(String(repeating: "x", count: 70_000))"}"#)
            #expect(try bob.socket.readCloseCode() == 1009)
            try ada.say("unmute")
            _ = try ada.hear("user_unmuted")
            #expect(try sessions(ada).count == 2, "he may come back")
        }

        @Test func `takes no order about who is in another call`() throws {
            let node = try RunningNode()
            let (ada, bob) = try two(in: node)
            let eve = try Caller(node, as: "eve")
            try eve.join(Self.other)
            _ = try eve.hear("call_state")
            let login = try node.logIn("ada")
            let host = "/plugins/com.mattermost.calls/calls/"
            for (channel, session, why) in [
                (Self.channel, eve.connection, "requested session or user is not in the call"),
                (Self.other, eve.connection, "no permissions"),
                (Self.other, bob.connection, "no permissions"),
                ("attic000000000000000000003", bob.connection, "no call ongoing"),
            ] {
                for order in ["mute", "remove", "lower-hand", "screen-off"] {
                    let answer = try node.post(
                        host + channel + "/host/" + order,
                        #"{"session_id":"\#(session)"}"#,
                        login.bearer
                    )
                    if answer.status == 429 {
                        usleep(1_100_000)
                        continue
                    }
                    #expect(answer.status == 400)
                    #expect(answer.text.contains(why), "\(order) \(answer.text)")
                }
            }
            #expect(try sessions(ada).count == 2)
            try eve.settle()
            #expect(!eve.names.contains("host_removed"))
        }

        @Test func `hears out whoever changes their mind about media`() throws {
            let node = try RunningNode(Self.patient)
            let (ada, bob) = try two(in: node)
            let lines = Caller.offer
            let audio = lines.replacing(
                "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
                with: "m=audio 9 UDP/TLS/RTP/SAVPF 111"
            )
            try bob.sayOffer(lines)
            _ = try bob.hear("signal")
            for changed in [
                audio, lines.replacing("a=mid:0", with: "a=mid:7"),
                lines.replacing("Qk3b", with: "Zz9y"), lines.replacing("29:41", with: "42:41"),
                lines.replacing("a=setup:actpass", with: "a=setup:holdconn"),
                "v=0\r\no=- 1 9 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", "", lines,
            ] {
                try bob.sayOffer(changed)
                try bob.sayDescription("answer", lines)
                try bob.sayDescription("rollback", changed)
            }
            try bob.settle()
            // Whatever was refused, was refused without taking him out.
            #expect(bob.unread.filter { Self.isNamed($0, bob.connection) }.isEmpty, "\(bob.traces)")
            #expect(bob.names.contains("error"))
            try bob.say("unmute")
            _ = try ada.hear("user_unmuted")
            #expect(try sessions(ada).count == 2)
        }

        @Test func `spends no memory on any of it`() throws {
            let node = try RunningNode(Self.patient)
            let (_, bob) = try two(in: node)
            let long = String(repeating: "x", count: 4_000)
            func pester(_ rounds: Int) throws {
                for round in 0..<rounds {
                    try bob.say("react", #"{"data":"{\"name\":\"\#(long)\#(round)\"}"}"#)
                    try bob.say("nonsense\(round)", #"{"a":"\#(long)"}"#)
                    try bob.say("call_state", #"{"channelID":"\#(Self.other)"}"#)
                    try bob.say("screen_off")
                    try bob.sayOffer("v=0\r\n\(long)")
                    if round % 20 == 19 {
                        try bob.settle()
                        bob.forgetUnread()
                    }
                }
            }
            try pester(60)
            let before = node.child.residentKiB
            try pester(400)
            let grown = node.child.residentKiB - before
            #expect(Child.isSanitized || grown < 3 << 10, "\(grown) KiB for 2,000 messages of 5 MB")
            // Once a while for each reason, however often it is asked for.
            let lines = node.log.split(separator: "\n").filter { $0.contains("was refused") }
            #expect(lines.count < 40, "\(lines.count)")
            let eve = try Caller(node, as: "eve")
            try eve.join(Self.channel)
            _ = try eve.hear("call_state")
        }
    }
}
