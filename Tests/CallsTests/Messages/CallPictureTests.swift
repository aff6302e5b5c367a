import Basics
import Calls
import Testing
import Wire

@Suite struct `The picture of a call` {
    private static let beginning = CallBeginning(
        call: id("k"),
        channel: id("c"),
        owner: id("o"),
        title: "Owls",
        started: WallTime(milliseconds: 12)
    )

    @Test func `of somebody alone and silent has every member that must be there`() {
        let picture = CallPicture(
            beginning: Self.beginning,
            participants: [
                .init(id: id("p"), person: id("o"), isMuted: true, handRaised: 0, hasVideo: false)
            ],
            host: id("o")
        )
        #expect(
            picture.json
                == #"{"id":"\#(letters("k"))","start_at":12,"sessions":[{"session_id":"\#(letters("p"))","#
                + #""user_id":"\#(letters("o"))","unmuted":false,"raised_hand":0,"video":false}],"#
                + #""thread_id":"","post_id":"","screen_sharing_session_id":"","owner_id":"\#(letters("o"))","#
                + #""host_id":"\#(letters("o"))"}"#
        )
    }

    @Test func `has who shares, hands, jobs and a dismissal where there are any`() {
        let picture = CallPicture(
            beginning: Self.beginning,
            participants: [
                .init(id: id("p"), person: id("o"), isMuted: false, handRaised: 9, hasVideo: true)
            ],
            sharer: id("p"),
            recording: JobPicture(kind: .recording, requested: 1),
            transcription: JobPicture(kind: .transcribing, requested: 2, started: 3),
            captions: JobPicture(kind: .captioning, requested: 4, fault: "deaf"),
            isDismissedBy: id("u")
        )
        #expect(
            picture.json
                == #"{"id":"\#(letters("k"))","start_at":12,"sessions":[{"session_id":"\#(letters("p"))","#
                + #""user_id":"\#(letters("o"))","unmuted":true,"raised_hand":9,"video":true}],"#
                + #""thread_id":"","post_id":"","screen_sharing_session_id":"\#(letters("p"))","#
                + #""owner_id":"\#(letters("o"))","host_id":"","#
                + #""recording":{"type":"recording","init_at":1,"start_at":0,"end_at":0},"#
                + #""transcription":{"type":"transcribing","init_at":2,"start_at":3,"end_at":0},"#
                + #""live_captions":{"type":"captioning","init_at":4,"start_at":0,"end_at":0,"err":"deaf"},"#
                + #""dismissed_notification":{"\#(letters("u"))":true}}"#
        )
    }
}

extension CallPicture {
    /// As HTTP answers with it, and as the text that `call_state` carries.
    var json: String {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { write(into: &$0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
