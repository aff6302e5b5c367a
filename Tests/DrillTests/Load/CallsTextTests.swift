import Testing
import roost_drill

@Suite struct `What a guest reads of a text` {
    private func text(_ text: String) -> CallsText { CallsText([UInt8](text.utf8)) }

    @Test func `is its name, its number and whose it is`() {
        let event = text(
            #"{"event":"custom_com.mattermost.calls_user_muted","data":{"session_id":"owl","seq":7},"#
                + #""broadcast":{},"seq":41}"#
        )
        #expect(event.name == "user_muted")
        #expect(event.number == 41)
        #expect(event.value(of: "session_id") == "owl")
        #expect(event.value(of: "user_id") == nil)
    }

    @Test func `is the name of what is not of calls, too`() {
        let hello = text(#"{"event":"hello","data":{"connection_id":"jay"},"seq":0}"#)
        #expect(hello.name == "hello")
        #expect(hello.number == 0)
    }

    @Test func `is no name where there is no event`() {
        #expect(text(#"{"status":"OK","seq_reply":3}"#).name == nil)
        #expect(text("").name == nil)
        #expect(text("").number == nil)
    }
}
