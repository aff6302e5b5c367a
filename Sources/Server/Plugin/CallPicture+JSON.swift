internal import Basics
internal import Calls
internal import Wire

extension CallPicture {
    /// The members of a call's object, as clients take it over.
    func write(to json: inout JSONWriter) {
        json.member("id", beginning.call.description)
        json.member("start_at", beginning.started.milliseconds)
        json.key("sessions")
        json.beginArray()
        for participant in participants {
            json.beginObject()
            json.member("session_id", participant.id.description)
            json.member("user_id", participant.person.description)
            json.member("unmuted", !participant.isMuted)
            json.member("raised_hand", participant.handRaised)
            json.member("video", participant.hasVideo)
            json.endObject()
        }
        json.endArray()
        json.member("thread_id", beginning.thread)
        json.member("post_id", "")
        json.member("screen_sharing_session_id", sharer?.description ?? "")
        json.member("owner_id", beginning.owner.description)
        json.member("host_id", host?.description ?? "")
        for (name, job) in [
            ("recording", recording), ("transcription", transcription), ("live_captions", captions),
        ] {
            guard let job else { continue }
            json.key(name)
            job.write(to: &json)
        }
        guard let person = isDismissedBy else { return }
        json.key("dismissed_notification")
        json.beginObject()
        json.member(person.description, true)
        json.endObject()
    }
}

extension JobPicture {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("type", kind.rawValue)
        json.member("init_at", requested)
        json.member("start_at", started)
        json.member("end_at", ended)
        if let fault { json.member("err", fault) }
        json.endObject()
    }
}
