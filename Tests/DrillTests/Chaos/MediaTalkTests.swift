import Basics
import Callers
import Testing
import roost_drill

@Suite struct `What is said about a link for media` {
    private var talk = MediaTalk(speaks: true)
    private var now = Instant(nanoseconds: 0)

    private mutating func tell(
        _ event: MediaTalk.Event,
        after time: Duration = .zero
    ) -> [MediaTalk.Action] {
        now = now + time
        return talk.receive(event, at: now)
    }

    private let lock: [UInt8] = [7]
    private let granted: [UInt8] = [7, 0xC3]
    private let denied: [UInt8] = [7, 0xC2]
    private let answer = #"{"type":"answer","sdp":"theirs"}"#

    /// With the channel open, and the lock asked for.
    private mutating func open() {
        _ = tell(.begin)
        _ = tell(.offered("mine"))
        _ = tell(.signalled(answer))
        _ = tell(.media(.channelOpen))
    }

    @Test mutating func `is an offer first, and the voice under the lock once the channel is open`()
    {
        #expect(tell(.begin) == [.offer])
        #expect(tell(.offered("mine")) == [.describe("mine", as: "offer")])
        #expect(tell(.signalled(answer)) == [.accept("theirs")])
        #expect(tell(.media(.channelOpen)) == [.publish, .sayOnChannel(lock)])
        #expect(tell(.media(.message(granted))) == [.offer])
        #expect(tell(.offered("more")) == [.describe("more", as: "offer")])
        #expect(tell(.signalled(answer)) == [.accept("theirs"), .sayOnChannel([8])])
    }

    @Test
    mutating func `asks for the lock again after 100 ms, whether it was denied or nothing came`() {
        open()
        #expect(tell(.media(.message(denied))) == [])
        #expect(tell(.due, after: .milliseconds(99)) == [])
        #expect(tell(.due, after: .milliseconds(1)) == [.sayOnChannel(lock)])
        #expect(talk.deadline == now + .milliseconds(100))
    }

    @Test mutating func `publishes nothing for who only listens`() {
        talk = MediaTalk(speaks: false)
        _ = tell(.begin)
        #expect(tell(.media(.channelOpen)) == [])
        #expect(tell(.signalled(#"{"type":"offer","sdp":"theirs"}"#)) == [.answer("theirs")])
        #expect(tell(.answered("mine")) == [.describe("mine", as: "answer")])
    }

    @Test mutating func `says an offer again that may have been lost, and takes its answer once`() {
        _ = tell(.begin)
        _ = tell(.offered("mine"))
        #expect(tell(.said) == [.describe("mine", as: "offer")])
        #expect(tell(.signalled(answer)) == [.accept("theirs")])
        #expect(tell(.signalled(answer)) == [])
        #expect(tell(.said) == [])
    }

    @Test
    mutating func
        `offers again, under the lock that it has, what gave way to an offer of the node's`()
    {
        open()
        _ = tell(.media(.message(granted)))
        _ = tell(.offered("more"))
        #expect(tell(.media(.mustOffer)) == [.offer])
    }

    @Test mutating func `fails when the link is over, or what is signalled can't be read`() {
        #expect(tell(.media(.over(.goodbye))) == [.failed("the other side said goodbye")])
        let actions = tell(.signalled("{"))
        #expect("\(actions)".contains("the node signalled what"))
    }
}
