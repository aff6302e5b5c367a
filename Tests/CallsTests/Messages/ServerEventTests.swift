import Basics
import Calls
import Testing
import Wire

@Suite struct `An event on the wire` {
    private static let beginning = CallBeginning(
        call: id("k"),
        channel: id("c"),
        owner: id("o"),
        title: "Owls",
        thread: letters("t"),
        started: WallTime(milliseconds: 1_700_000_000_123)
    )

    private static let k = letters("k")
    private static let c = letters("c")
    private static let p = letters("p")
    private static let u = letters("u")

    /// `data` as it is sent, for an audience.
    private func data(
        _ event: ServerEvent,
        to audience: Audience,
        named name: String,
        in broadcast: (user: String, channel: String, connection: String)
    ) throws -> String {
        let text = String(decoding: event.text(for: audience).numbered(7).bytes, as: UTF8.self)
        let start = #"{"event":"\#(name)","data":"#
        let end =
            #","broadcast":{"omit_users":null,"user_id":"\#(broadcast.user)","channel_id":""#
            + #"\#(broadcast.channel)","team_id":"","connection_id":"\#(broadcast.connection)","#
            + #""omit_connection_id":""},"seq":7}"#
        try #require(text.hasPrefix(start), "\(text)")
        try #require(text.hasSuffix(end), "\(text)")
        return String(text.dropFirst(start.count).dropLast(end.count))
    }

    private func shared(_ event: ServerEvent, _ name: String) throws -> String {
        let name = "custom_com.mattermost.calls_\(name)"
        let broadcast = (user: "", channel: Self.c, connection: "")
        let channel = try data(event, to: .channel, named: name, in: broadcast)
        let participants = try data(event, to: .participants, named: name, in: broadcast)
        #expect(channel == participants)
        return channel
    }

    private func personal(_ event: ServerEvent, _ name: String) throws -> String {
        try data(
            event,
            to: .person(id("u")),
            named: "custom_com.mattermost.calls_\(name)",
            in: (user: Self.u, channel: "", connection: "")
        )
    }

    private func connected(_ event: ServerEvent, _ name: String) throws -> String {
        try data(
            event,
            to: .connection(id("n")),
            named: "custom_com.mattermost.calls_\(name)",
            in: (user: "", channel: "", connection: letters("n"))
        )
    }

    @Test func `is JSON with its number last, the same for all but that`() throws {
        let text = ServerEvent.callEnd(id("c")).text(for: .channel)
        for number in [0, 9, 10, 123_456] {
            let value = try JSONValue(parsing: text.numbered(number).bytes.span)
            #expect(value["seq"] == .integer(Int64(number)))
            #expect(value["event"] == "custom_com.mattermost.calls_call_end")
        }
    }

    /// A client that waits for it passes over events of connections that it doesn't know.
    @Test func `hello tells the connection its id, and is meant for none by name`() {
        let text = EventText.hello(id("n"), version: "10.1.0").numbered(0).bytes
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"event":"hello","data":{"connection_id":"\#(letters("n"))","server_version":"#
                + #""10.1.0"},"broadcast":{"omit_users":null,"user_id":"","channel_id":"","team_id":"","#
                + #""connection_id":"","omit_connection_id":""},"seq":0}"#
        )
    }

    @Test func `join and error name the connection`() throws {
        let n = letters("n")
        #expect(try connected(.join(id("n")), "join") == #"{"connID":"\#(n)"}"#)
        #expect(
            try connected(.error(text: #"no "call""#, id("n")), "error")
                == #"{"data":"no \"call\"","connID":"\#(n)"}"#
        )
        #expect(
            try connected(.error(text: "taken", nil), "error") == #"{"data":"taken","connID":""}"#
        )
    }

    @Test func `signal carries a description as text, for the participant`() throws {
        let event = ServerEvent.signal(MediaDescription(.answer, "v=0\r\n"), id("p"))
        #expect(
            try connected(event, "signal")
                == #"{"data":"{\"type\":\"answer\",\"sdp\":\"v=0\\r\\n\"}","connID":"\#(Self.p)"}"#
        )
    }

    @Test func `call_start says all about a beginning`() throws {
        let event = ServerEvent.callStart(Self.beginning, host: id("h"))
        let expected =
            #"{"id":"\#(Self.k)","start_at":1700000000123,"thread_id":"\#(letters("t"))","#
            + #""post_id":"","owner_id":"\#(letters("o"))","host_id":"\#(letters("h"))","#
            + #""channelID":"\#(Self.c)"}"#
        #expect(try shared(event, "call_start") == expected)
        #expect(try personal(event, "call_start") == expected)
    }

    @Test func `about a channel alone has nothing but the channel`() throws {
        let data = #"{"channelID":"\#(Self.c)"}"#
        #expect(try shared(.callEnd(id("c")), "call_end") == data)
        #expect(try shared(.channelEnabled(id("c"), true), "channel_enable_voice") == data)
        #expect(try shared(.channelEnabled(id("c"), false), "channel_disable_voice") == data)
    }

    @Test func `call_state carries the call as text`() throws {
        let picture = CallPicture(beginning: Self.beginning, participants: [])
        let value = try JSONValue(
            parsing: Array(try personal(.callState(id("c"), picture), "call_state").utf8).span
        )
        #expect(value["channel_id"] == .string(Self.c))
        #expect(value["call"] == .string(picture.json))
        #expect(value.object?.members.count == 2)
    }

    @Test func `who comes and who leaves are named in snake case`() throws {
        let data = #"{"user_id":"\#(Self.u)","session_id":"\#(Self.p)""#
        let channel = #","channelID":"\#(Self.c)"}"#
        #expect(
            try shared(.userJoined(id("u"), id("p"), id("c")), "user_joined") == data + channel
        )
        #expect(try shared(.userLeft(id("u"), id("p"), id("c")), "user_left") == data + channel)
        #expect(try personal(.userLeft(id("u"), id("p"), id("c")), "user_left") == data + "}")
    }

    @Test func `what somebody does with sound and sight names them in camel case`() throws {
        let data =
            #"{"userID":"\#(Self.u)","session_id":"\#(Self.p)","channelID":"\#(Self.c)"}"#
        let u: PersonID = id("u")
        let p: ParticipantID = id("p")
        let c: ChannelID = id("c")
        #expect(try shared(.muted(u, p, c, isMuted: true), "user_muted") == data)
        #expect(try shared(.muted(u, p, c, isMuted: false), "user_unmuted") == data)
        #expect(try shared(.voice(u, p, c, isOn: true), "user_voice_on") == data)
        #expect(try shared(.voice(u, p, c, isOn: false), "user_voice_off") == data)
        #expect(try shared(.screen(u, p, c, isOn: true), "user_screen_on") == data)
        #expect(try shared(.screen(u, p, c, isOn: false), "user_screen_off") == data)
        #expect(try shared(.video(u, p, c, isOn: true), "user_video_on") == data)
        #expect(try shared(.video(u, p, c, isOn: false), "user_video_off") == data)
    }

    @Test func `a hand says when it went up, or 0`() throws {
        let start = #"{"userID":"\#(Self.u)","session_id":"\#(Self.p)","raised_hand":"#
        let end = #","channelID":"\#(Self.c)"}"#
        #expect(
            try shared(.hand(id("u"), id("p"), id("c"), raisedAt: 17), "user_raise_hand")
                == start + "17" + end
        )
        #expect(
            try shared(.hand(id("u"), id("p"), id("c"), raisedAt: 0), "user_unraise_hand")
                == start + "0" + end
        )
    }

    @Test func `a reaction has all four members of its emoji`() throws {
        let reaction = Reaction(name: "+1", unified: "1f44d", literal: "👍")
        #expect(
            try shared(.reacted(id("u"), id("p"), id("c"), reaction, at: 5), "user_reacted")
                == #"{"user_id":"\#(Self.u)","session_id":"\#(Self.p)","emoji":{"name":"+1","skin":"","#
                + #""unified":"1f44d","literal":"👍"},"timestamp":5,"channelID":"\#(Self.c)"}"#
        )
    }

    @Test func `a change of host names the call, and perhaps nobody`() throws {
        let end = #""call_id":"\#(Self.k)","channelID":"\#(Self.c)"}"#
        #expect(
            try shared(.hostChanged(id("h"), id("k"), id("c")), "call_host_changed")
                == #"{"hostID":"\#(letters("h"))","# + end
        )
        #expect(
            try shared(.hostChanged(nil, id("k"), id("c")), "call_host_changed")
                == #"{"hostID":"","# + end
        )
    }

    @Test func `a job's state calls the channel's id the call's`() throws {
        let job = JobPicture(kind: .recording, requested: 1, started: 2, ended: 3, fault: "full")
        #expect(
            try shared(.jobState(id("c"), job), "call_job_state")
                == #"{"callID":"\#(Self.c)","jobState":{"type":"recording","init_at":1,"start_at":2,"#
                + #""end_at":3,"err":"full"},"channelID":"\#(Self.c)"}"#
        )
        #expect(
            try personal(.jobStop(id("j"), id("u")), "job_stop")
                == #"{"job_id":"\#(letters("j"))"}"#
        )
    }

    @Test func `a caption says who said it`() throws {
        #expect(
            try shared(.caption(id("u"), id("p"), id("c"), text: "hoo"), "caption")
                == #"{"channel_id":"\#(Self.c)","user_id":"\#(Self.u)","session_id":"\#(Self.p)","#
                + #""text":"hoo","channelID":"\#(Self.c)"}"#
        )
    }

    @Test func `what a host wants of somebody names the session`() throws {
        let start = #""channel_id":"\#(Self.c)","session_id":"\#(Self.p)""#
        #expect(
            try personal(.hostMute(id("p"), id("c"), id("u")), "host_mute") == "{\(start)}"
        )
        #expect(
            try personal(.hostScreenOff(id("p"), id("c"), id("u")), "host_screen_off")
                == "{\(start)}"
        )
        let lower = ServerEvent.hostLowerHand(id("p"), id("k"), id("c"), host: id("h"), id("u"))
        #expect(
            try personal(lower, "host_lower_hand")
                == #"{"call_id":"\#(Self.k)",\#(start),"host_id":"\#(letters("h"))"}"#
        )
        #expect(
            try shared(.hostRemoved(id("p"), id("u"), id("k"), id("c")), "host_removed")
                == #"{"call_id":"\#(Self.k)",\#(start),"user_id":"\#(Self.u)","channelID":"\#(Self.c)"}"#
        )
    }

    @Test func `a dismissal is told to one person with the call's own id`() throws {
        #expect(
            try personal(.dismissed(id("u"), id("k")), "user_dismissed_notification")
                == #"{"userID":"\#(Self.u)","callID":"\#(Self.k)"}"#
        )
    }

    @Test func `user_removed is the chat's own, without prefix`() throws {
        let event = ServerEvent.userRemoved(id("u"), id("c"), by: id("r"))
        let text = try data(
            event,
            to: .person(id("u")),
            named: "user_removed",
            in: (user: Self.u, channel: "", connection: "")
        )
        #expect(
            text
                == #"{"user_id":"\#(Self.u)","channel_id":"\#(Self.c)","remover_id":"\#(letters("r"))"}"#
        )
    }

    @Test func `quality is ours and has a number`() throws {
        #expect(
            try shared(.quality(id("p"), id("c"), mos: 4.25), "user_quality")
                == #"{"session_id":"\#(Self.p)","mos":4.25,"channelID":"\#(Self.c)"}"#
        )
    }
}
