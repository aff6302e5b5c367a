import Basics
import Calls
import Testing
import Wire

@Suite struct `A frame that breaks a rule` {
    private static let prefix = "custom_com.mattermost.calls_"

    private func fault(_ text: String) -> ClientFrameFault? {
        #expect(throws: ClientFrameFault.self) { try ClientFrame(text: Array(text.utf8).span) }
    }

    private func rule(_ name: String, _ data: String) -> String? {
        fault(#"{"action":"\#(Self.prefix)\#(name)","seq":3,"data":\#(data)}"#)?.fault.description
    }

    private static let id = "must be an id: 26 characters of a to z and 0 to 9"

    @Test func `is answered under its number and action`() {
        let fault = fault(#"{"seq":5,"action":"\#(Self.prefix)join","data":{}}"#)
        #expect(fault?.sequence == 5)
        #expect(fault?.action == Self.prefix + "join")
        #expect(fault?.description == "\(Self.prefix)join: data.channelID \(Self.id)")
    }

    @Test func `is answered without where it has none to read`() {
        #expect(fault("")?.description.hasPrefix("the message must be JSON (") == true)
        #expect(fault("[]")?.description == "the message must be an object")
        #expect(fault("{}")?.description == "action must be there, as text")
        #expect(fault(#"{"action":7}"#)?.description == "action must be text")
        #expect(
            fault(#"{"action":"ping","seq":"1"}"#)?.description
                == "seq must be a whole number of 64 bits"
        )
        #expect(
            fault(#"{"action":"\#(String(repeating: "a", count: 129))"}"#)?.description
                == "action must be at most 128 bytes of text"
        )
        #expect(
            fault(#"{"action":"authentication_challenge","seq":1}"#)?.fault.description
                == "data.token must be there, as text"
        )
    }

    @Test func `is told of the member and what must hold for it`() {
        let c = letters("c")
        #expect(rule("join", "[]") == "data must be an object")
        #expect(rule("join", #"{"channelID":7}"#) == "data.channelID \(Self.id)")
        #expect(
            rule("join", #"{"channelID":"\#(c)","av1Support":1}"#)
                == "data.av1Support must be true or false"
        )
        #expect(
            rule("join", #"{"channelID":"\#(c)","title":"\#(String(repeating: "é", count: 257))"}"#)
                == "data.title must be at most 512 bytes of text"
        )
        #expect(
            rule("join", #"{"channelID":"\#(c)","threadID":"t"}"#) == "data.threadID \(Self.id)"
        )
        #expect(
            rule("reconnect", #"{"channelID":"\#(c)","originalConnID":"\#(c)"}"#)
                == "data.prevConnID \(Self.id)"
        )
        #expect(rule("mute", "7") == "data must be an object")
    }

    @Test func `is told what lies wrong in the JSON within a text`() {
        #expect(rule("screen_on", "{}") == "data.data must be there, as text")
        #expect(rule("screen_on", #"{"data":{}}"#) == "data.data must be text")
        #expect(
            rule("screen_on", #"{"data":"stream"}"#)?
                .hasPrefix("data.data must be the text of a JSON object (") == true
        )
        #expect(
            rule("screen_on", #"{"data":"[]"}"#) == "data.data must be the text of a JSON object"
        )
        #expect(
            rule("video_on", #"{"data":"{}"}"#) == "data.data.videoStreamID must be there, as text"
        )
        let long = String(repeating: "s", count: 257)
        #expect(
            rule("screen_on", #"{"data":"{\"screenStreamID\":\"\#(long)\"}"}"#)
                == "data.data.screenStreamID must be at most 256 bytes of text"
        )
        #expect(
            rule("react", #"{"data":"{\"name\":\"+1\",\"skin\":5}"}"#)
                == "data.data.skin must be text"
        )
        #expect(
            rule("metric", #"{"metric_name":"x"}"#)?.hasPrefix("data.metric_name must be one of ")
                == true
        )
        #expect(
            rule("caption", #"{"session_id":"\#(letters("p"))","text":"a","new_audio_len_ms":-1}"#)
                == "data.new_audio_len_ms must be a number from 0.0 to 3600000.0"
        )
    }

    @Test func `is told to send a description's bytes in MessagePack`() {
        #expect(
            rule("sdp", #"{"data":"eJyrViqpLEhVslLKT0tLLVLSUSpOKQDyymwNYopi8pRquQC12ApJ"}"#)
                == "data.data must be bytes; send the message as MessagePack in a binary frame"
        )
    }

    @Test(arguments: ["voice_on", "voice_off"])
    func `is an old one whose name alone is still known`(name: String) {
        #expect(rule(name, "{}") == "action must be another: invalid client message type")
    }

    @Test func `is too long, or has a member twice`() {
        let long = String(repeating: " ", count: ClientFrame.longest)
        #expect(fault(#"{"action":"ping"}"# + long)?.description.contains("limit of bytes") == true)
        var twice: [UInt8] = []
        MessagePackValue.map([
            .init(.string("action"), .string("ping")), .init(.string("action"), .string("ping")),
        ]).write(into: &twice)
        let fault = #expect(throws: ClientFrameFault.self) { try ClientFrame(binary: twice.span) }
        #expect(fault?.description == "the message must not have two members of one name")
    }

    @Test func `in MessagePack is no value, or has names that are no text`() {
        let nothing = #expect(throws: ClientFrameFault.self) {
            try ClientFrame(binary: [0xC1].span)
        }
        #expect(nothing?.description.hasPrefix("the message must be MessagePack (") == true)
        let numbered: [UInt8] = [0x81, 0x01, 0x02]
        let fault = #expect(throws: ClientFrameFault.self) {
            try ClientFrame(binary: numbered.span)
        }
        #expect(fault?.description == "the message must have text for the names of its members")
    }
}
