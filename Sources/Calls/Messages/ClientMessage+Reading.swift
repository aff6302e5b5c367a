internal import Basics

extension ClientMessage {
    package static let actionPrefix = "custom_com.mattermost.calls_"

    /// Reads the message of that name, or answers nil if there is none.
    init?(named name: String, _ data: MessageMembers) throws(MessageFault) {
        switch name {
        case "join": self = .join(try JoinWish(data))
        case "reconnect":
            self = .reconnect(
                channel: try data.id("channelID"),
                original: try data.id("originalConnID"),
                previous: try data.id("prevConnID")
            )
        case "call_state": self = .callState(try data.id("channelID"))
        case "leave": self = .word(.leave)
        case "mute": self = .word(.mute)
        case "unmute": self = .word(.unmute)
        case "raise_hand": self = .word(.raiseHand)
        case "unraise_hand": self = .word(.lowerHand)
        case "react": self = .word(.react(try Reaction(data.json("data", limit: longestText))))
        case "screen_on": self = .word(.screenOn(stream: try Self.stream("screenStreamID", data)))
        case "screen_off": self = .word(.screenOff)
        case "video_on": self = .word(.videoOn(stream: try Self.stream("videoStreamID", data)))
        case "video_off": self = .word(.videoOff)
        case "sdp":
            let bytes = try data.binary("data")
            self = .word(.description(try MediaDescription(deflated: bytes, part: "data.data")))
        case "caption": self = .word(.caption(try Caption(data)))
        case "ice": self = .candidate
        case "metric": self = .metric(try ClientMetric(data))
        case "ping": self = .ping
        case "voice_on", "voice_off":
            // Once sent by clients; who speaks is heard by the server now.
            throw MessageFault("action", "must be another: invalid client message type")
        default: return nil
        }
    }

    /// The message's name, as its action ends.
    package var name: String {
        switch self {
        case .join: "join"
        case .reconnect: "reconnect"
        case .callState: "call_state"
        case .word(let word): word.name
        case .candidate: "ice"
        case .metric: "metric"
        case .ping: "ping"
        }
    }

    private static func stream(
        _ name: String,
        _ data: MessageMembers
    ) throws(MessageFault) -> String {
        try data.json("data", limit: longestText).text(name, limit: longestStream)
    }
}

extension Word {
    /// As the action of the message ends that says it.
    package var name: String {
        switch self {
        case .leave: "leave"
        case .mute: "mute"
        case .unmute: "unmute"
        case .raiseHand: "raise_hand"
        case .lowerHand: "unraise_hand"
        case .react: "react"
        case .screenOn: "screen_on"
        case .screenOff: "screen_off"
        case .videoOn: "video_on"
        case .videoOff: "video_off"
        case .description: "sdp"
        case .caption: "caption"
        }
    }
}

/// The most that text within a message may be, in bytes. Browsers name a stream with 36 or 38.
private let longestText = 4 << 10
private let longestStream = 256
private let longestTitle = 512

extension JoinWish {
    fileprivate init(_ data: MessageMembers) throws(MessageFault) {
        self.init(
            channel: try data.id("channelID"),
            title: try data.optionalText("title", limit: longestTitle) ?? "",
            thread: try data.identifier("threadID")?.description ?? "",
            job: try data.optionalID("jobID"),
            decodesAV1: try data.flag("av1Support"),
            signalsOverChannel: try data.flag("dcSignaling"),
            followsHost: try data.flag("followsHost")
        )
    }
}

extension Reaction {
    fileprivate init(_ data: MessageMembers) throws(MessageFault) {
        self.init(
            name: try data.text("name", limit: 64),
            unified: try data.optionalText("unified", limit: 128) ?? "",
            skin: try data.optionalText("skin", limit: 32),
            literal: try data.optionalText("literal", limit: 128)
        )
    }
}

extension Caption {
    fileprivate init(_ data: MessageMembers) throws(MessageFault) {
        self.init(
            speaker: try data.id("session_id"),
            text: try data.text("text", limit: longestText),
            newAudio: try data.number("new_audio_len_ms", in: 0...3_600_000)
        )
    }
}

extension ClientMetric {
    fileprivate init(_ data: MessageMembers) throws(MessageFault) {
        let names = [
            "client_ice_candidate_pair", "live_captions_window_dropped",
            "live_captions_transcriber_buf_full", "live_captions_pktPayloadCh_buf_full",
        ]
        switch try data.word("metric_name", of: names) {
        case names[1]: self = .captionsWindowDropped(try data.id("session_id"))
        case names[2]: self = .captionsTranscriberFull(try data.id("session_id"))
        case names[3]: self = .captionsQueueFull(try data.id("session_id"))
        default:
            self = .candidatePair(try CandidatePair(data.json("data", limit: longestText)))
        }
    }
}

extension ClientMetric.CandidatePair {
    fileprivate init(_ data: MessageMembers) throws(MessageFault) {
        let states = ["succeeded", "waiting", "in-progress", "froze", "frozen", "failed"]
        let types = ["host", "srflx", "prflx", "relay"]
        let protocols = ["udp", "tcp"]
        let local = try data.members("local")
        let remote = try data.members("remote")
        self.init(
            state: try data.word("state", of: states),
            localType: try local.word("type", of: types),
            localProtocol: try local.word("protocol", of: protocols),
            remoteType: try remote.word("type", of: types),
            remoteProtocol: try remote.word("protocol", of: protocols)
        )
    }
}
