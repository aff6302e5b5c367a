import Basics
import Testing
import roost_drill

@Suite struct `A person of a drill` {
    private var person = Person(
        0,
        channel: "nest",
        home: 1,
        habits: Person.Habits(),
        random: SeededRandom(seed: 1),
        at: Instant(nanoseconds: 0)
    )
    private var now = Instant(nanoseconds: 0)

    private mutating func tell(
        _ event: Person.Event,
        after time: Duration = .zero
    )
        -> [Person.Action]
    {
        now = now + time
        return person.receive(event, at: now).filter { action in
            if case .note = action { false } else { true }
        }
    }

    private func hello(_ line: String, _ number: Int = 0) -> Person.Event {
        .greeted(HeardEvent("hello", number, connection: line))
    }

    /// In the call, by a line of that name.
    private mutating func comeIn() {
        _ = tell(.due)
        _ = tell(hello("a"))
        _ = tell(.due)
        _ = tell(.heard(HeardEvent("join", 1, connection: "a")))
    }

    /// The same, of somebody who is to be heard all the time, and so never leaves.
    private mutating func comeInToSpeak() {
        var habits = Person.Habits()
        habits.speaks = true
        person = Person(
            0,
            channel: "nest",
            home: 1,
            habits: habits,
            random: SeededRandom(seed: 1),
            at: now
        )
        comeIn()
    }

    @Test mutating func `connects to the node at home, joins, and begins media once in`() {
        #expect(tell(.due) == [.connect(node: 1, line: "", expected: 0)])
        #expect(tell(hello("a")) == [])
        #expect(tell(.due) == [.say("join", #"{"channelID":"nest","followsHost":true}"#)])
        #expect(
            tell(.heard(HeardEvent("join", 1, connection: "a"))) == [
                .beginMedia(session: "a")
            ]
        )
        #expect(person.isIn)
    }

    @Test mutating func `comes back by the next node within 100 ms, with its line and what is due`()
    {
        comeIn()
        #expect(tell(.ended(why: "gone")) == [])
        #expect(
            tell(.due, after: .milliseconds(101)) == [
                .connect(node: 2, line: "a", expected: 2)
            ]
        )
        #expect(
            tell(hello("b")) == [
                .say(
                    "reconnect",
                    #"{"channelID":"nest","originalConnID":"a","prevConnID":"a"}"#
                )
            ]
        )
        #expect(!person.isIn)
        let state = HeardEvent("call_state", 1, picture: CallPicture(id: "call"))
        #expect(tell(.heard(state)) == [])
        // What was offered may have gone down with the socket.
        #expect(tell(.due, after: .milliseconds(100)).contains(.repeatOffer))
        #expect(person.isIn)
    }

    @Test mutating func `tries the next node when one says nothing for 250 ms`() {
        _ = tell(.due)
        #expect(tell(.due, after: .milliseconds(249)) == [])
        #expect(
            tell(.due, after: .milliseconds(1)) == [
                .hangUp, .connect(node: 2, line: "", expected: 0),
            ]
        )
    }

    @Test mutating func `knows where a websocket leads once that is said`() {
        _ = tell(.due)
        _ = tell(.reached(node: 2))
        _ = tell(hello("a"))
        _ = tell(.ended(why: "gone"))
        #expect(
            tell(.due, after: .milliseconds(101)) == [
                .connect(node: 0, line: "a", expected: 1)
            ]
        )
    }

    @Test mutating func `says a reconnect again that is not answered in time`() {
        comeIn()
        _ = tell(.ended(why: "gone"))
        _ = tell(.due, after: .milliseconds(101))
        let said = tell(hello("b"))
        #expect(said.count == 1)
        _ = tell(.replied, after: .seconds(5))
        #expect(tell(.due) == [])
        let again = tell(.due, after: .milliseconds(1))
        #expect(again.count == 1 && "\(again)".contains(#"say("reconnect""#))
    }

    @Test mutating func `shares a screen where nobody does, and ends it`() {
        comeInToSpeak()
        var picture = CallPicture(
            id: "call",
            sessions: ["a": .init(user: "ada", isUnmuted: true)]
        )
        var said: [String] = []
        for number in 2..<600 {
            _ = tell(.heard(HeardEvent("call_state", number, picture: picture)))
            for action in tell(.due, after: .seconds(2)) {
                guard case .say(let name, _) = action, name.hasPrefix("screen") else { continue }
                #expect((name == "screen_on") == picture.sharer.isEmpty)
                said.append(name)
                picture.sharer = name == "screen_on" ? "a" : ""
            }
            for name in Deed.allCases.compactMap(\.event) where name != "user_left" {
                guard name.hasPrefix("user_") else { continue }
                _ = tell(.heard(HeardEvent(name, number, session: "a")))
            }
        }
        #expect(Set(said) == ["screen_on", "screen_off"])
    }

    @Test mutating func `leaves a websocket that answers no ping`() {
        comeIn()
        _ = tell(.rest)
        #expect(tell(.due, after: .milliseconds(1_001)) == [.ping])
        #expect(tell(.due, after: .seconds(3)) == [])
        #expect(tell(.due, after: .milliseconds(1)) == [.hangUp])
    }

    /// Its answer would be taken for one to the offer for the next.
    @Test mutating func `says no offer to a host that was made to the one before`() {
        comeIn()
        _ = tell(.ended(why: "gone"))
        _ = tell(.due, after: .milliseconds(100))
        _ = tell(hello("b"))
        _ = tell(.heard(HeardEvent("call_state", 1, picture: CallPicture(id: "call"))))
        let moved = HeardEvent("call_rehost", 2, session: "a", move: "1.2")
        #expect(tell(.heard(moved)) == [.beginMedia(session: "a")])
        for _ in 0..<5 {
            #expect(!tell(.due, after: .milliseconds(100)).contains(.repeatOffer))
        }
    }

    @Test mutating func `begins media anew when told that the call goes on elsewhere, once a move`()
    {
        comeIn()
        let moved = HeardEvent("call_rehost", 2, session: "a", move: "1.2")
        #expect(tell(.heard(moved)) == [.beginMedia(session: "a")])
        let again = HeardEvent("call_rehost", 3, session: "a", move: "1.2")
        #expect(tell(.heard(again)) == [.repeatOffer])
        let others = HeardEvent("call_rehost", 4, session: "b", move: "1.3")
        #expect(tell(.heard(others)) == [])
        let next = HeardEvent("call_rehost", 5, session: "a", move: "1.3")
        #expect(tell(.heard(next)) == [.beginMedia(session: "a")])
    }

    @Test mutating func `begins media anew when their node has joined for them a second time`() {
        comeIn()
        let again = HeardEvent("join", 2, connection: "a")
        #expect(tell(.heard(again)) == [.beginMedia(session: "a")])
        #expect(person.isIn)
    }

    @Test mutating func `who is to be heard unmutes first, and then neither mutes nor leaves`() {
        comeInToSpeak()
        var picture = CallPicture(id: "call", sessions: ["a": .init(user: "ada")])
        _ = tell(.heard(HeardEvent("call_state", 2, picture: picture)))
        let prefix = "say"
        #expect("\(tell(.due, after: .seconds(2)))".contains("\(prefix)(\"unmute\""))
        _ = tell(.heard(HeardEvent("user_unmuted", 3, session: "a")))
        picture.sessions["a"]?.isUnmuted = true
        var said: [String] = []
        for number in 4..<300 {
            _ = tell(.heard(HeardEvent("call_state", number, picture: picture)))
            for action in tell(.due, after: .seconds(2)) {
                if case .say(let name, _) = action { said.append(name) }
            }
            for name in ["user_raise_hand", "user_unraise_hand", "user_reacted"] {
                _ = tell(.heard(HeardEvent(name, number, session: "a")))
            }
        }
        #expect(said.count > 100)
        #expect(!said.contains("mute") && !said.contains("leave"))
    }

    @Test mutating func `is out when an error names the connection, and stays when it names none`()
    {
        comeIn()
        _ = tell(.heard(HeardEvent("error", 2, connection: "", text: "say it again")))
        #expect(person.isIn)
        _ = tell(.heard(HeardEvent("error", 3, connection: "a", text: "no call ongoing")))
        #expect(!person.isIn)
    }
}
