internal import Basics
package import Wire

extension CallPicture {
    /// The object that `call_state` carries as text, and HTTP's answers as it is.
    package func write(into json: inout JSONWriter) {
        json.beginObject()
        json.member("id", beginning.call.description)
        json.member("start_at", beginning.started.milliseconds)
        json.key("sessions")
        json.beginArray()
        for participant in participants { participant.write(into: &json) }
        json.endArray()
        json.member("thread_id", beginning.thread)
        json.member("post_id", "")
        json.member("screen_sharing_session_id", sharer?.description ?? "")
        json.member("owner_id", beginning.owner.description)
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

    package var json: String {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { write(into: &$0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(_ job: JobPicture?, as name: String, into json: inout JSONWriter) {
        guard let job else { return }
        json.key(name)
        job.write(into: &json)
    }
}

extension CallPicture.Participant {
    fileprivate func write(into json: inout JSONWriter) {
        json.beginObject()
        json.member("session_id", id.description)
        json.member("user_id", person.description)
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
