internal import Basics
package import Wire

extension CallPicture {
    /// The object that `call_state` carries as text, and HTTP's answers as it is.
    package func write(into json: inout JSONWriter) {
        json.beginObject()
        json.member("id", beginning.call)
        json.member("start_at", beginning.started.milliseconds)
        json.key("sessions")
        json.beginArray()
        for participant in participants { participant.write(into: &json) }
        json.endArray()
        json.member("thread_id", beginning.thread)
        json.member("post_id", "")
        json.member("screen_sharing_session_id", sharer?.description ?? "")
        json.member("owner_id", beginning.owner)
        json.member("host_id", host?.description ?? "")
        write(recording, as: "recording", into: &json)
        write(transcription, as: "transcription", into: &json)
        write(captions, as: "live_captions", into: &json)
        if let isDismissedBy {
            json.key("dismissed_notification")
            json.beginObject()
            json.member(isDismissedBy.description, true)
            json.endObject()
        }
        json.endObject()
    }

    private func write(_ job: JobPicture?, as name: String, into json: inout JSONWriter) {
        guard let job else { return }
        json.key(name)
        job.write(into: &json)
    }
}

extension CallPicture.Participant {
    /// As many bytes as one takes at most in the text that `call_state` carries.
    static let quotedBytes = 192

    fileprivate func write(into json: inout JSONWriter) {
        json.beginObject()
        json.member("session_id", id)
        json.member("user_id", person)
        json.member("unmuted", !isMuted)
        json.member("raised_hand", handRaised)
        json.member("video", hasVideo)
        json.endObject()
    }
}

extension JobPicture {
    /// The object that stands in a call's, in `call_job_state` and in HTTP's answers.
    package func write(into json: inout JSONWriter) {
        json.beginObject()
        json.member("type", kind.rawValue)
        json.member("init_at", requested)
        json.member("start_at", started)
        json.member("end_at", ended)
        if let fault { json.member("err", fault) }
        json.endObject()
    }
}
