import Basics
import Testing
import roost_drill

/// A check that can't fail is worth nothing: each is shown a history that breaks its rule and no other, and
/// one as near to it as can be that breaks none.
@Suite struct `The verdict on a history` {
    @Test func `is that all holds, where ada unmutes, her node dies, and she comes back`() {
        var story = Story.begun
        story.ask(0, .unmute)
        for person in [0, 1] { story.hear(person, "user_unmuted", session: "a1") }
        story.call.sessions["a1"]?.isUnmuted = true
        story.wait(.seconds(1))
        story.tell(.placed(channel: "nest", token: "1.1", node: "crow#1"))
        story.tell(.struck(.kill, node: 0, channels: ["nest"]))
        story.tell(.cut(0, why: "gone"))
        story.hear(1, "call_rehost", session: "b1")
        story.tell(.placed(channel: "nest", token: "1.2", node: "owl#1"))
        story.open(0, "a2", at: 1)
        story.ask(0, .reconnect)
        story.hear(0, "call_state", picture: story.call)
        story.hear(0, "call_rehost", session: "a1")
        story.ask(1, .raise)
        for person in [0, 1] { story.hear(person, "user_raise_hand", session: "b1") }
        story.call.sessions["b1"]?.isHandUp = true
        story.wait(.seconds(2))
        story.end()
        let verdict = DrillVerdict(story.history, bounds: Story.bounds)
        #expect(verdict.violations == [])
        #expect(verdict.comparisons > 0 && verdict.finalPictures == 2 && verdict.blows == 1)
        #expect(verdict.recovery.rehostedThere.count == 1)
        #expect(verdict.recovery.rehostedElsewhere.count == 1)
    }

    // MARK: - Lines

    @Test func `sees an event that did not come`() {
        var story = Story.begun
        story.miss(1)
        story.hear(1, "user_reacted", session: "a1")
        story.end()
        #expect(story.broken == [.lines])
    }

    @Test func `sees an event that came twice`() {
        var story = Story.begun
        story.hear(1, "user_reacted", session: "a1", number: 2)
        story.end()
        #expect(story.broken == [.lines])
    }

    @Test func `lets a line go on that was resumed, and a new one begin with 0`() {
        var story = Story.begun
        story.tell(.cut(0, why: "gone"))
        story.open(0, "a1", isResumed: true)
        story.tell(.cut(0, why: "gone"))
        story.open(0, "a2")
        story.hear(0, "call_state", picture: story.call)
        story.end()
        #expect(story.broken == [])
    }

    @Test func `sees a new line that goes on with the numbers of the old one`() {
        var story = Story.begun
        story.open(0, "a2")
        story.hear(0, "call_state", picture: story.call, number: 7)
        story.end()
        #expect(story.broken == [.lines])
    }

    @Test func `sees somebody who joins and is not shown the call first`() {
        var story = Story()
        story.open(0, "a1")
        story.ask(0, .join)
        story.hear(0, "join", connection: "a1")
        story.tell(.joined(0, session: "a1"))
        story.hear(0, "user_reacted", session: "b1")
        story.call.sessions = ["a1": CallPicture.Session(user: "ada")]
        story.hear(0, "call_state", picture: story.call)
        story.tell(.quiet)
        story.look(0)
        #expect(story.broken == [.beginnings])
    }

    // MARK: - Acknowledged

    @Test(arguments: [Deed.unmute, .raise, .share])
    func `sees that something acknowledged is not in a later picture`(deed: Deed) {
        var story = Story.begun
        story.ask(0, deed)
        story.wait(.seconds(1))
        story.look(1)
        story.end()
        #expect(story.broken == [.acknowledged])
    }

    @Test func `claims nothing of a state that may be a newcomer's`() {
        var story = Story.begun
        story.ask(0, .raise)
        story.look(1)
        story.end()
        #expect(story.broken == [])
    }

    @Test func `claims nothing of what has an unknown outcome, or was asked for anew`() {
        var story = Story.begun
        story.wait(.seconds(1))
        story.ask(0, .unmute, .unknown)
        story.look(1)
        story.ask(0, .raise)
        story.tell(.asked(0, .lower, serial: 99))
        story.look(1)
        story.end()
        #expect(story.broken == [])
    }

    @Test(arguments: [(50, false), (99, false), (150, true)])
    func `counts what was acknowledged within a moment of the blow, and condemns what was before`(
        milliseconds: Int,
        isBroken: Bool
    ) {
        var story = Story.begun
        story.ask(0, .unmute)
        story.wait(.milliseconds(milliseconds - 1))
        story.tell(.struck(.kill, node: 0, channels: ["nest"]))
        for (person, session) in [(0, "a1"), (1, "b1")] {
            story.hear(person, "call_rehost", session: session)
        }
        story.wait(.seconds(1))
        story.look(1)
        story.end()
        #expect(story.broken == (isBroken ? [.acknowledged] : []))
        let verdict = DrillVerdict(story.history, bounds: Story.bounds)
        #expect(verdict.forgotten == (isBroken ? 0 : 1))
    }

    @Test(arguments: [(Blow.isolate, 699, false), (.isolate, 701, true), (.kill, 699, true)])
    func
        `forgives a host that is cut off for what it goes on acknowledging, until it must have stopped`(
            blow: Blow,
            milliseconds: Int,
            isBroken: Bool
        )
    {
        var story = Story.begun
        story.wait(.seconds(1))
        story.tell(.struck(blow, node: 0, channels: ["nest"]))
        for (person, session) in [(0, "a1"), (1, "b1")] {
            story.hear(person, "call_rehost", session: session)
        }
        // Asked for and acknowledged a millisecond each after the two who heard.
        story.wait(.milliseconds(milliseconds - 4))
        story.ask(0, .unmute)
        story.wait(.seconds(1))
        story.look(1)
        var bounds = Story.bounds
        bounds.mayGoOn = .milliseconds(700)
        let verdict = DrillVerdict(story.history, bounds: bounds)
        #expect(verdict.violations.map(\.rule) == (isBroken ? [.acknowledged] : []))
    }

    // MARK: - Pictures

    @Test func `sees a client whose own picture is not what it is shown`() {
        var story = Story.begun
        story.hear(1, "user_raise_hand", session: "a1")
        story.end()
        #expect(story.broken == [.pictures])
    }

    @Test func `sees two clients who are shown different calls`() {
        var story = Story.begun
        var other = story.call
        other.host = "bob"
        story.look(1, other)
        story.tell(.quiet)
        story.look(0)
        story.look(1, other)
        #expect(story.broken == [.pictures])
    }

    @Test func `sees a client who asks at the end and gets no answer`() {
        var story = Story.begun
        story.tell(.quiet)
        story.look(0)
        #expect(story.broken == [.pictures])
    }

    // MARK: - Calls

    @Test func `sees that somebody is in another call without having left`() {
        var story = Story.begun
        story.call.id = "another"
        story.look(0)
        story.look(1)
        story.end()
        #expect(story.broken == [.oneCall])
    }

    @Test func `sees two calls at a time in one channel`() {
        var story = Story.begun
        story.ask(1, .leave)
        story.call.sessions["b1"] = nil
        let first = story.call
        story.hear(0, "user_left", session: "b1")
        story.call = CallPicture(id: "second")
        story.join(1, "b2")
        story.look(0, first)
        #expect(story.broken == [.oneCall])
    }

    @Test func `lets a call follow one that all have left`() {
        var story = Story.begun
        for person in [0, 1] { story.ask(person, .leave) }
        story.call = CallPicture(id: "second", host: "ada")
        story.join(0, "a2")
        story.join(1, "b2")
        story.hear(0, "user_joined", session: "b2")
        story.end()
        #expect(story.broken == [])
    }

    // MARK: - People

    @Test func `sees that somebody is sent away`() {
        var story = Story.begun
        story.tell(.thrownOut(0, why: "no call ongoing"))
        #expect(story.broken == [.nobodyLost])
    }

    @Test(arguments: [(50, false), (150, true)])
    func `forgives a host that was struck right after it had let somebody in`(
        milliseconds: Int,
        isBroken: Bool
    ) {
        var story = Story.begun
        story.wait(.milliseconds(milliseconds))
        story.tell(.struck(.kill, node: 0, channels: ["nest"]))
        story.hear(0, "call_rehost", session: "a1")
        story.tell(.thrownOut(1, why: "your session in this call has ended"))
        #expect(story.broken == (isBroken ? [.nobodyLost] : []))
    }

    @Test func `sees that somebody is said to have left who has not`() {
        var story = Story.begun
        story.hear(1, "user_left", session: "a1")
        story.hear(0, "user_left", session: "a1")
        story.call.sessions["a1"] = nil
        #expect(story.broken == [.nobodyLost])
    }

    @Test func `lets each leaving be heard of once, even when they have come again`() {
        var story = Story.begun
        story.ask(0, .leave)
        story.ask(0, .join)
        story.tell(.joined(0, session: "a1"))
        story.hear(1, "user_left", session: "a1")
        #expect(story.broken == [])
        story.hear(1, "user_left", session: "a1")
        #expect(story.broken == [.nobodyLost])
    }

    @Test func `sees that somebody is missing at the end`() {
        var story = Story.begun
        story.call.sessions["a1"] = nil
        story.look(0)
        story.look(1)
        story.end()
        #expect(story.broken == [.nobodyLost])
    }

    @Test func `misses nobody who has left`() {
        var story = Story.begun
        story.ask(0, .leave)
        story.hear(1, "user_left", session: "a1")
        story.call.sessions["a1"] = nil
        story.end()
        #expect(story.broken == [])
    }

    @Test func `asks nobody for the last picture who saw none in the quiet`() {
        var story = Story.begun
        story.ask(0, .leave)
        story.hear(1, "user_left", session: "a1")
        story.call.sessions["a1"] = nil
        story.tell(.quiet)
        story.look(1)
        story.tell(.stirred)
        // Ada comes again, and is shown the call as it was before bob came again by another connection.
        story.ask(1, .leave)
        let before = CallPicture(id: "call", host: "ada")
        story.open(0, "a2")
        story.ask(0, .join)
        story.open(1, "b2", at: 1)
        story.ask(1, .join)
        story.hear(1, "join", connection: "b2")
        story.tell(.joined(1, session: "b2"))
        story.hear(0, "call_state", picture: before)
        #expect(!story.broken.contains(.nobodyLost))
    }

    @Test(arguments: [(Duration.seconds(2), false), (.seconds(4), true)])
    func `lets be forgotten what a host said while it could not write it down`(
        mended: Duration,
        isBroken: Bool
    ) {
        var story = Story.begun
        story.tell(.struck(.redisFailover, node: nil, channels: []))
        story.wait(.seconds(1))
        story.ask(0, .raise)
        story.wait(mended - .seconds(1))
        // It has had a second to do so, or not.
        if isBroken { story.tell(.mended(.redisFailover, node: nil)) }
        story.wait(.milliseconds(1_100))
        story.tell(.struck(.kill, node: 0, channels: ["nest"]))
        for (person, session) in [(0, "a1"), (1, "b1")] {
            story.hear(person, "call_rehost", session: session)
        }
        story.wait(.seconds(1))
        story.end()
        #expect(story.broken == (isBroken ? [.acknowledged] : []))
    }

    // MARK: - Screens and beginnings

    @Test func `follows a screen from whoever shares it to its end, and to its owner's leaving`() {
        var story = Story.begun
        for (event, sharer) in [("user_screen_on", "a1"), ("user_screen_off", "")] {
            for person in [0, 1] { story.hear(person, event, session: "a1") }
            story.call.sharer = sharer
            story.look(1)
        }
        for person in [0, 1] { story.hear(person, "user_screen_on", session: "b1") }
        story.ask(1, .leave)
        for event in ["user_left", "user_screen_off"] {
            story.hear(0, event, session: event == "user_left" ? "b1" : nil)
        }
        story.call.sessions["b1"] = nil
        story.tell(.quiet)
        story.look(0)
        #expect(story.broken == [])
    }

    @Test func `sees a screen that somebody is not told of`() {
        var story = Story.begun
        story.hear(0, "user_screen_on", session: "a1")
        story.call.sharer = "a1"
        story.end()
        #expect(story.broken == [.pictures])
    }

    @Test func `sees a call that has another beginning than it had`() {
        var story = Story.begun
        story.call.beginning.startedAt = 1_700_000_000_000
        story.end()
        #expect(story.broken == [.pictures])
    }

    // MARK: - Places

    @Test(arguments: [
        ("1.1", "1.2", "owl#1", false), ("1.7", "2.1", "owl#1", false),
        ("1.2", "1.2", "crow#1", false), ("1.2", "1.1", "owl#1", true),
        ("2.1", "1.7", "owl#1", true), ("1.2", "1.2", "owl#1", true),
    ])
    func `sees a token that does not grow when a call moves`(
        before: String,
        after: String,
        node: String,
        isBroken: Bool
    ) {
        var story = Story.begun
        story.tell(.placed(channel: "nest", token: before, node: "crow#1"))
        story.tell(.placed(channel: "nest", token: after, node: node))
        story.end()
        #expect(story.broken == (isBroken ? [.tokens] : []))
    }

    @Test(arguments: [(true, false), (false, true)])
    func `lets Redis say again what it said before, if it may have forgotten`(
        mayForget: Bool,
        isBroken: Bool
    ) {
        var story = Story.begun
        story.tell(.placed(channel: "nest", token: "1.1", node: "crow#1"))
        story.tell(.placed(channel: "nest", token: "1.2", node: "owl#1"))
        if mayForget { story.tell(.struck(.redisSplit, node: nil, channels: [])) }
        story.tell(.placed(channel: "nest", token: "1.1", node: "crow#1"))
        story.end()
        #expect(story.broken == (isBroken ? [.tokens] : []))
        story.tell(.placed(channel: "nest", token: "1.1", node: "jay#1"))
        #expect(story.broken == [.tokens], "that is no memory of its own")
    }

    // MARK: - Recovery

    @Test func `sees that somebody is not told of the new host`() {
        var story = Story.begun
        story.tell(.struck(.kill, node: 0, channels: ["nest"]))
        story.hear(1, "call_rehost", session: "b1")
        story.wait(.seconds(6))
        story.end()
        #expect(story.broken == [.told])
    }

    @Test(arguments: [true, false])
    func `sees that a reconnect got no answer, unless its websocket died`(isCut: Bool) {
        var story = Story.begun
        story.tell(.asked(0, .reconnect, serial: 99))
        if isCut { story.tell(.cut(0, why: "gone")) }
        story.wait(.seconds(5))
        story.tell(.answered(0, .reconnect, serial: 99, .unknown))
        story.end()
        #expect(story.broken == (isCut ? [] : [.answered]))
    }

    @Test func `counts a blow that hit nobody`() {
        var story = Story.begun
        story.tell(.struck(.kill, node: 2, channels: []))
        story.end()
        #expect(DrillVerdict(story.history, bounds: Story.bounds).recovery.misses == 1)
    }

    @Test func `sees a node that ended by itself`() {
        var story = Story.begun
        story.tell(.died(node: 1, why: "ended by itself with -11"))
        story.end()
        #expect(story.broken == [.standing])
    }

    // MARK: - Sound

    @Test func `sees somebody who does not hear who speaks, once there was time for it`() {
        var story = Story.begun
        story.wait(.seconds(6))
        story.end(bobHears: false)
        #expect(story.broken == [.sound])
        var early = Story.begun
        early.end(bobHears: false)
        #expect(early.broken == [])
    }

    @Test
    func
        `says for how long a pair was silent for a blow, and of a pair that was not that it was not`()
    {
        var story = Story.begun
        story.tell(.hears(1, 0))
        story.wait(.seconds(1))
        story.tell(.struck(.kill, node: 0, channels: ["nest"]))
        let blow = story.now
        for person in [0, 1] {
            story.hear(person, "call_rehost", session: person == 0 ? "a1" : "b1")
        }
        story.wait(.milliseconds(300))
        story.tell(.hearsAgain(1, 0, since: blow))
        story.wait(.seconds(2))
        story.end()
        story.tell(.stirred)
        story.wait(.seconds(1))
        // Nobody must move for this one, and nobody misses anything.
        story.tell(.struck(.redisAway, node: nil, channels: []))
        story.end()
        let sound = SoundCheck(story.history)
        #expect(sound.violations == [])
        let killed = sound.silences[.kill] ?? []
        #expect(killed.count == 1 && 300...310 ~= killed[0])
        #expect(sound.silences[.redisAway] == [40])
        #expect(sound.comparisons == 0)
    }

    @Test func `leaves out of silences who leaves meanwhile`() {
        var story = Story.begun
        story.tell(.hears(1, 0))
        story.tell(.struck(.drain, node: 0, channels: ["nest"]))
        story.tell(.asked(1, .leave, serial: 99))
        #expect(SoundCheck(story.history).silences[.drain] == [])
    }
}
