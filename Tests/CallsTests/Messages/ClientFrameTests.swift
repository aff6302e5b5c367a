import Basics
import Calls
import Testing
import Wire

@Suite struct `A frame of a client` {
    private static let prefix = "custom_com.mattermost.calls_"
    private static let c = letters("c")

    private func read(_ text: String) throws -> ClientFrame { try read(text: Array(text.utf8)) }

    private func read(text bytes: [UInt8]) throws -> ClientFrame {
        try ClientFrame(text: bytes.span)
    }

    private func read(packed bytes: [UInt8]) throws -> ClientFrame {
        try ClientFrame(binary: bytes.span)
    }

    /// The message in a frame that has `data`, or none if that is nil.
    private func message(_ name: String, _ data: String? = nil) throws -> ClientMessage? {
        let data = data.map { #","data":\#($0)"# } ?? ""
        let frame = try read(#"{"action":"\#(Self.prefix)\#(name)","seq":3\#(data)}"#)
        guard case .calls(let message) = frame.content else { return nil }
        #expect(frame.sequence == 3)
        #expect(message.name == name)
        return message
    }

    /// The same message said in MessagePack.
    private func packed(_ name: String, _ data: MessagePackValue) throws -> ClientFrame {
        let frame = MessagePackValue.map([
            .init(.string("action"), .string(Self.prefix + name)),
            .init(.string("seq"), .unsigned(4)),
            .init(.string("data"), data),
        ])
        var bytes: [UInt8] = []
        frame.write(into: &bytes)
        return try read(packed: bytes)
    }

    @Test func `may be the chat's own challenge or ping`() throws {
        let challenge = try read(
            #"{"seq":1,"action":"authentication_challenge","data":{"token":"secret"}}"#
        )
        #expect(challenge.content == .authenticate(Secret("secret")))
        #expect(challenge.sequence == 1)
        #expect(try read(#"{"action":"ping","seq":2}"#).content == .ping)
        #expect(try read(#"{"action":"ping"}"#).sequence == nil)
    }

    @Test func `with an action that nobody knows is read for all that`() throws {
        #expect(try read(#"{"action":"user_typing","seq":9}"#).content == .unknown("user_typing"))
        #expect(
            try read(#"{"action":"\#(Self.prefix)dance"}"#).content
                == .unknown(Self.prefix + "dance")
        )
    }

    @Test func `joins with a channel and what else it wishes`() throws {
        #expect(
            try message("join", #"{"channelID":"\#(Self.c)"}"#)
                == .join(JoinWish(channel: id("c")))
        )
        let data =
            #"{"channelID":"\#(Self.c)","title":"Owls","threadID":"\#(letters("t"))","#
            + #""jobID":"\#(letters("j"))","av1Support":true,"dcSignaling":true,"remote_addr":7}"#
        let wish = JoinWish(
            channel: id("c"),
            title: "Owls",
            thread: letters("t"),
            job: id("j"),
            decodesAV1: true,
            signalsOverChannel: true
        )
        #expect(try message("join", data) == .join(wish))
        let empty = #"{"channelID":"\#(Self.c)","title":"","threadID":"","jobID":null}"#
        #expect(try message("join", empty) == .join(JoinWish(channel: id("c"))))
    }

    @Test func `reconnects with three ids`() throws {
        let data =
            #"{"channelID":"\#(Self.c)","originalConnID":"\#(letters("a"))","#
            + #""prevConnID":"\#(letters("b"))"}"#
        #expect(
            try message("reconnect", data)
                == .reconnect(channel: id("c"), original: id("a"), previous: id("b"))
        )
    }

    @Test(
        arguments: [
            ("leave", .leave), ("mute", .mute), ("unmute", .unmute), ("raise_hand", .raiseHand),
            ("unraise_hand", .lowerHand), ("screen_off", .screenOff), ("video_off", .videoOff),
        ] as [(String, Word)]
    )
    func `says a bare word`(name: String, word: Word) throws {
        #expect(try message(name) == .word(word))
        #expect(try message(name, "null") == .word(word))
        #expect(try message(name, "{}") == .word(word))
    }

    @Test func `names streams and reactions in JSON within a text`() throws {
        #expect(
            try message("screen_on", #"{"data":"{\"screenStreamID\":\"{s-1}\"}"}"#)
                == .word(.screenOn(stream: "{s-1}"))
        )
        #expect(
            try message("video_on", #"{"data":"{\"videoStreamID\":\"v1\",\"more\":[1]}"}"#)
                == .word(.videoOn(stream: "v1"))
        )
        #expect(
            try message("react", #"{"data":"{\"name\":\"+1\",\"unified\":\"1f44d\"}"}"#)
                == .word(.react(Reaction(name: "+1", unified: "1f44d")))
        )
    }

    @Test func `asks for a call's state, captions, counts, or says nothing of interest`() throws {
        #expect(
            try message("call_state", #"{"channelID":"\#(Self.c)"}"#) == .callState(id("c"))
        )
        let caption = Caption(speaker: id("p"), text: "hoo", newAudio: 40.5)
        #expect(
            try message(
                "caption",
                #"{"session_id":"\#(letters("p"))","text":"hoo","new_audio_len_ms":40.5}"#
            ) == .word(.caption(caption))
        )
        #expect(try message("ice", #"{"data":"{\"candidate\":\"\"}"}"#) == .candidate)
        #expect(try message("ping") == .ping)
    }

    @Test func `counts a pair of candidates, or what captions lost`() throws {
        let inner =
            #"{\"state\":\"succeeded\",\"local\":{\"type\":\"host\",\"protocol\":\"udp\"},"#
            + #"\"remote\":{\"type\":\"relay\",\"protocol\":\"tcp\"}}"#
        let pair = ClientMetric.CandidatePair(
            state: "succeeded",
            localType: "host",
            localProtocol: "udp",
            remoteType: "relay",
            remoteProtocol: "tcp"
        )
        #expect(
            try message(
                "metric",
                #"{"metric_name":"client_ice_candidate_pair","data":"\#(inner)"}"#
            ) == .metric(.candidatePair(pair))
        )
        let names: [(String, ClientMetric)] = [
            ("live_captions_window_dropped", .captionsWindowDropped(id("p"))),
            ("live_captions_transcriber_buf_full", .captionsTranscriberFull(id("p"))),
            ("live_captions_pktPayloadCh_buf_full", .captionsQueueFull(id("p"))),
        ]
        for (name, metric) in names {
            let data = #"{"metric_name":"\#(name)","session_id":"\#(letters("p"))"}"#
            #expect(try message("metric", data) == .metric(metric))
        }
    }

    /// As a Go client packs it: its number in nine bytes, deflated by another zlib than ours.
    @Test func `in MessagePack carries a description as bytes`() throws {
        let hex =
            "83a6616374696f6ebf637573746f6d5f636f6d2e6d61747465726d6f73742e63616c6c735f736470"
            + "a3736571d30000000000000003a46461746181a464617461c427"
            + "789cab562aa92c4855b252ca4f4b4b2d52d2512a4e2900f2ca6c0d628a62f2946ab900b5d80a49"
        let frame = try read(packed: Hex.decode(Array(hex.utf8).span))
        let description = MediaDescription(.offer, "v=0\r\n")
        #expect(frame.content == .calls(.word(.description(description))))
        #expect(frame.sequence == 3)
    }

    @Test func `in MessagePack may be any message`() throws {
        let data = MessagePackValue.map([.init(.string("channelID"), .string(Self.c))])
        let frame = try packed("join", data)
        #expect(frame.content == .calls(.join(JoinWish(channel: id("c")))))
        #expect(frame.sequence == 4)
        #expect(try packed("mute", .null).content == .calls(.word(.mute)))
        let ice = MessagePackValue.map([.init(.string("data"), .string("{}"))])
        #expect(try packed("ice", ice).content == .calls(.candidate))
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `of any bytes is read or refused`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text = #"{"action":"\#(Self.prefix)react","seq":3,"data":{"data":"{\"name\":\"+1\"}"}}"#
        var packed: [UInt8] = []
        MessagePackValue(try JSONValue(parsing: Array(text.utf8).span)).write(into: &packed)
        for _ in 0..<50 {
            var bytes = Bool.random(using: &random) ? Array(text.utf8) : packed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            let frames = [
                try? read(text: bytes), try? read(packed: bytes),
            ]
            for frame in frames {
                guard case .calls(.word(.react(let reaction))) = frame?.content else { continue }
                #expect(reaction.name.utf8.count <= 64)
            }
        }
    }
}
