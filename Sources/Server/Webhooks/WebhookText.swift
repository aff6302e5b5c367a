internal import Basics
internal import Calls
internal import Wire

/// What applications are told, as JSON: `{"type", "timestamp", "data"}`.
struct WebhookText {
    /// Nil for what is no application's business.
    static func body(
        of report: CallDirectory.Report,
        in call: CallID,
        _ channel: ChannelID,
        at now: WallTime
    ) -> String? {
        guard let type = type(of: report) else { return nil }
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.member("type", type)
            json.member("timestamp", now.rfc3339)
            json.key("data")
            json.beginObject()
            json.member("call_id", call.description)
            json.member("channel_id", channel.description)
            switch report {
            case .memory(let memory): write(memory, to: &json)
            case .note(let note): write(note, to: &json)
            }
            json.endObject()
            json.endObject()
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func type(of report: CallDirectory.Report) -> String? {
        switch report {
        case .memory(.began): "call.started"
        case .memory(.ended): "call.ended"
        case .memory(.joined): "participant.joined"
        case .memory(.left): "participant.left"
        case .note(.hostChanged): "host.changed"
        case .note(.quality): "participant.quality"
        case .note: nil
        }
    }

    private static func write(_ memory: CallMemory, to json: inout JSONWriter) {
        switch memory {
        case .began(let beginning):
            write(beginning, to: &json)
        case .joined(let participant, let person, let time):
            json.member("session_id", participant.description)
            json.member("user_id", person.description)
            json.member("joined_at", time.milliseconds)
        case .left(let participant, let person, let joined, let time):
            json.member("session_id", participant.description)
            json.member("user_id", person.description)
            json.member("joined_at", joined.milliseconds)
            json.member("left_at", time.milliseconds)
        case .ended(let summary):
            write(summary.beginning, to: &json)
            json.member("ended_at", summary.ended.milliseconds)
            json.member("participant_count", summary.people.count)
            json.key("user_ids")
            json.beginArray()
            // The first hundred; attendance has all.
            for person in summary.people.prefix(100) { json.string(person.description) }
            json.endArray()
            json.member("screen_seconds", summary.screenSeconds)
            json.member("video_seconds", summary.videoSeconds)
        }
    }

    private static func write(_ beginning: CallBeginning, to json: inout JSONWriter) {
        json.member("owner_id", beginning.owner.description)
        json.member("title", String(beginning.title.prefix(128)))
        json.member("started_at", beginning.started.milliseconds)
    }

    private static func write(_ note: CallNote, to json: inout JSONWriter) {
        switch note {
        case .hostChanged(let person):
            json.key("host_id")
            if let person { json.string(person.description) } else { json.null() }
        case .quality(let participant, let mos):
            json.member("session_id", participant.description)
            json.member("mos", mos)
        case .participantJoined, .participantLeft, .loss, .roundTrip, .jitter, .refused:
            break
        }
    }
}
