import Basics
import Callers
import Testing
import roost_drill

@Suite struct `A guest of a load` {
    private var guest = CallsGuest(
        channel: "nest",
        habits: CallsGuest.Habits(),
        random: SeededRandom(seed: 1),
        at: Instant(nanoseconds: 0)
    )
    private var now = Instant(nanoseconds: 0)

    init() {}

    private init(_ change: (inout CallsGuest.Habits) -> Void) {
        var habits = CallsGuest.Habits()
        change(&habits)
        guest = CallsGuest(
            channel: "nest",
            habits: habits,
            random: SeededRandom(seed: 1),
            at: now
        )
    }

    private static let voice = LoadTrack(
        kind: .voice,
        plan: .voice(packetsPerSecond: 50, bytes: 100)
    )

    private mutating func tell(
        _ event: LoadEvent,
        after time: Duration = .zero
    ) -> [LoadAction] {
        now = now + time
        return guest.receive(event, at: now)
    }

    private mutating func hear(_ name: String, _ data: String) -> [LoadAction] {
        tell(.heard([UInt8](#"{"event":"\#(name)","data":{\#(data)},"seq":0}"#.utf8)))
    }

    private mutating func hearOfCalls(_ name: String, _ data: String) -> [LoadAction] {
        hear("custom_com.mattermost.calls_\(name)", data)
    }

    private mutating func comeIn() {
        _ = tell(.due)
        _ = hear("hello", #""connection_id":"a""#)
        _ = hearOfCalls("join", #""connID":"a""#)
        _ = tell(.offered("v=0"))
        _ = hearOfCalls("signal", #""connID":"a","data":"{\"type\":\"answer\",\"sdp\":\"v=0\"}""#)
        _ = tell(.media(.connected))
    }

    /// What is said on the websocket and the channel, by name or type.
    private func words(_ actions: [LoadAction]) -> [String] {
        actions.compactMap { action in
            switch action {
            case .say(let text):
                String(text.split(separator: "calls_")[1].prefix { $0 != "\"" })
            case .sayOnChannel(let bytes): "channel \(bytes[0])"
            default: nil
            }
        }
    }

    @Test mutating func `connects, joins, and offers once in`() {
        #expect(tell(.due) == [.connect(line: "", expected: 0)])
        #expect(words(hear("hello", #""connection_id":"a""#)) == ["join"])
        #expect(hearOfCalls("join", #""connID":"another""#).isEmpty)
        let actions = hearOfCalls("join", #""connID":"a""#)
        #expect(actions == [.session("a"), .beginMedia(channel: true), .offer])
        #expect(!guest.isIn)
    }

    @Test mutating func `is in once the channel is open, and says how long it took`() {
        comeIn()
        let actions = tell(.media(.channelOpen), after: .milliseconds(300))
        #expect(actions == [.joined(.milliseconds(300))])
        #expect(guest.isIn)
    }

    @Test mutating func `offers what it sends under the lock alone, and asks again for the lock`() {
        self = Self { $0.tracks = [Self.voice] }
        comeIn()
        let opened = tell(.media(.channelOpen))
        #expect(opened.contains(.publish(Self.voice, stream: "voice-a")))
        #expect(words(opened) == ["channel 7"])
        #expect(tell(.media(.message([7, 0xC2]))).isEmpty)
        #expect(words(tell(.due, after: .milliseconds(100))) == ["channel 7"])
        #expect(tell(.media(.message([7, 0xC3]))) == [.offer])
        let agreed = hearOfCalls(
            "signal",
            #""connID":"a","data":"{\"type\":\"answer\",\"sdp\":\"v=0\"}""#
        )
        #expect(agreed.first == .accept("v=0"))
        #expect(words(agreed) == ["channel 8", "unmute"])
    }

    @Test mutating func `answers an offer that is its own, and no other`() {
        comeIn()
        _ = tell(.media(.channelOpen))
        let offer = #""data":"{\"type\":\"offer\",\"sdp\":\"v=0\"}""#
        #expect(hearOfCalls("signal", #""connID":"a",\#(offer)"#) == [.answer("v=0")])
        #expect(hearOfCalls("signal", #""connID":"b",\#(offer)"#).isEmpty)
    }

    @Test mutating func `pings the channel each second`() {
        comeIn()
        _ = tell(.media(.channelOpen))
        #expect(words(tell(.due, after: .seconds(1))) == ["channel 1"])
        #expect(guest.deadline == now + .seconds(1))
    }

    @Test mutating func `mutes and unmutes, and its voice with it`() {
        self = Self {
            $0.tracks = [Self.voice]
            $0.mutes = 60
        }
        comeIn()
        _ = tell(.media(.channelOpen))
        _ = tell(.media(.message([7, 0xC3])))
        _ = hearOfCalls("signal", #""connID":"a","data":"{\"type\":\"answer\",\"sdp\":\"v=0\"}""#)
        let muted = tell(.due, after: .seconds(1.5))
        #expect(muted.contains(.voice(false)) && muted.contains(.did(.mute)))
        #expect(words(muted).contains("mute"))
        let unmuted = tell(.due, after: .seconds(1.5))
        #expect(unmuted.contains(.voice(true)) && unmuted.contains(.did(.unmute)))
    }

    @Test mutating func `resumes its line by another network`() {
        self = Self { $0.moves = 60 }
        comeIn()
        _ = tell(.media(.channelOpen))
        let moved = tell(.due, after: .seconds(1.5))
        #expect(moved.contains(.move))
        #expect(moved.contains(.connect(line: "a", expected: 1)))
        #expect(guest.isIn)
        let back = hear("hello", #""connection_id":"a""#)
        #expect(words(back) == ["reconnect"])
        #expect(hearOfCalls("call_state", "").isEmpty)
        #expect(guest.isIn)
    }

    @Test mutating func `leaves and comes again by another line`() {
        self = Self { $0.rejoins = 60 }
        comeIn()
        _ = tell(.media(.channelOpen))
        let left = tell(.due, after: .seconds(1.5))
        #expect(words(left).contains("leave"))
        #expect(left.contains(.endMedia) && left.contains(.hangUp))
        #expect(!guest.isIn)
        #expect(tell(.due, after: .seconds(1)) == [.connect(line: "", expected: 0)])
    }

    @Test mutating func `says what went wrong, and is over`() {
        comeIn()
        _ = tell(.media(.channelOpen))
        let actions = hearOfCalls("error", #""data":"you are out","connID":"a""#)
        #expect(actions == [.failed("the node says: you are out"), .endMedia, .hangUp])
        #expect(guest.deadline == nil)
        #expect(tell(.due, after: .seconds(60)).isEmpty)
    }

    @Test mutating func `waits for nothing longer than fifteen seconds`() {
        _ = tell(.due)
        #expect(tell(.due, after: .seconds(14)).isEmpty)
        let actions = tell(.due, after: .seconds(1))
        #expect(actions.first == .failed("no hello came within 15 s"))
    }
}
