import Basics
import Callers
import Testing
import roost_drill

@Suite struct `A guest of Janus` {
    private var now = Instant(nanoseconds: 0)
    private var guest = JanusGuest(.host(rooms: 2), at: Instant(nanoseconds: 0))
    private static let voice = LoadTrack(
        kind: .voice,
        plan: .voice(packetsPerSecond: 50, bytes: 100)
    )

    private mutating func tell(_ event: LoadEvent, after time: Duration = .zero) -> [LoadAction] {
        now = now + time
        return guest.receive(event, at: now)
    }

    private mutating func hear(_ text: String) -> [LoadAction] { tell(.heard([UInt8](text.utf8))) }

    /// With a session and a handle.
    private mutating func attach(_ part: JanusGuest.Part) -> [LoadAction] {
        guest = JanusGuest(part, at: now)
        _ = tell(.due)
        _ = tell(.opened)
        _ = hear(#"{"janus":"success","transaction":"1","data":{"id":41}}"#)
        return hear(#"{"janus":"success","transaction":"2","data":{"id":42}}"#)
    }

    private func said(_ actions: [LoadAction], _ part: String) -> Bool {
        actions.contains { action in
            guard case .say(let text) = action else { return false }
            return text.contains(part)
        }
    }

    @Test mutating func `makes rooms one after the other, and is in then`() {
        let first = attach(.host(rooms: 2))
        #expect(said(first, #""handle_id":42"#) && said(first, #""room":1"#))
        let second = hear(
            #"{"janus":"success","plugindata":{"data":{"videoroom":"created","room":1}}}"#
        )
        #expect(said(second, #""room":2"#))
        #expect(!guest.isIn)
        _ = hear(#"{"janus":"success","plugindata":{"data":{"videoroom":"created","room":2}}}"#)
        #expect(guest.isIn)
    }

    @Test mutating func `publishes once it has joined, under the number it has chosen`() {
        let joining = attach(.publisher(room: 1, feed: 7, tracks: [Self.voice]))
        #expect(said(joining, #""ptype":"publisher""#) && said(joining, #""id":7"#))
        let joined = hear(#"{"janus":"event","plugindata":{"data":{"videoroom":"joined"}}}"#)
        #expect(
            joined == [
                .beginMedia(channel: false), .publish(Self.voice, stream: "feed-7"), .offer,
            ]
        )
        #expect(said(tell(.offered("v=0")), #""jsep":{"type":"offer","sdp":"v=0"}"#))
        #expect(
            hear(#"{"janus":"event","jsep":{"type":"answer","sdp":"v=1"}}"#) == [.accept("v=1")]
        )
        #expect(tell(.media(.connected), after: .seconds(1)) == [.joined(.seconds(1))])
        #expect(guest.isIn)
    }

    @Test mutating func `takes the offer of what it asked for`() {
        let asked = attach(.subscriber(room: 1, feeds: [7, 8]))
        #expect(said(asked, #""streams":[{"feed":7},{"feed":8}]"#))
        let offered = hear(#"{"janus":"event","jsep":{"type":"offer","sdp":"v=0"}}"#)
        #expect(offered == [.beginMedia(channel: false), .answer("v=0")])
        #expect(said(tell(.answered("v=1")), #""request":"start""#))
    }

    @Test mutating func `says that it lives, each 25 seconds`() {
        _ = attach(.host(rooms: 0))
        #expect(guest.isIn)
        #expect(said(tell(.due, after: .seconds(25)), "keepalive"))
        #expect(guest.deadline == now + .seconds(25))
    }

    @Test(arguments: [
        #"{"janus":"error","error":{"code":458,"reason":"No such session"}}"#,
        #"{"janus":"event","plugindata":{"data":{"error":"No such session","error_code":426}}}"#,
    ])
    mutating func `says what Janus would not do`(text: String) {
        _ = attach(.publisher(room: 1, feed: 7, tracks: []))
        #expect(hear(text).first == .failed("Janus says: No such session"))
        #expect(guest.deadline == nil)
    }

    @Test mutating func `waits for nothing longer than fifteen seconds`() {
        _ = attach(.subscriber(room: 1, feeds: [7]))
        let actions = tell(.due, after: .seconds(15))
        #expect(actions.contains { if case .failed = $0 { true } else { false } })
    }
}
