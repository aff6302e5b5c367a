import Basics
import Calls
import Testing

@Suite struct `A host's order` {
    @Test func `is obeyed from the host and from administrators, and from nobody else`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(stage.order("ben", .muteOthers).outcome == .refused(.noPermission))
        #expect(stage.order("eve", .muteOthers).outcome == .refused(.noPermission))
        #expect(stage.order("ada", .muteOthers).outcome == .done)
        #expect(stage.order("eve", .muteOthers, isAdmin: true).outcome == .done)
        var empty = CallStage()
        #expect(empty.order("ada", .endForAll, isAdmin: true).outcome == .refused(.noCall))
    }

    @Test func `concerns who is in the call, and no bot`() {
        var stage = CallStage(with: "ada")
        stage.joinBot()
        let orders: [(ParticipantID) -> HostOrder] = [
            { .mute($0) }, { .stopScreen($0) }, { .lowerHand($0) }, { .remove($0) },
        ]
        for order in orders {
            #expect(stage.order("ada", order(named("eve1"))).outcome == .refused(.notInCall))
            #expect(stage.order("ada", order(named("bot1"))).outcome == .refused(.notAllowed))
        }
        #expect(stage.order("ada", .makeHost(named("eve"))).outcome == .refused(.notInCall))
        #expect(stage.order("ada", .makeHost(named("bot"))).outcome == .refused(.notAllowed))
    }

    @Test func `mutes in media, whatever the client does, which may unmute again`() {
        var stage = CallStage(with: "ada", "ben")
        stage.say("ben", .unmute)
        stage.news("ben", .voice(isOn: true))
        #expect(
            stage.order("ada", .mute(named("ben1"))) == [
                .answer(.done),
                .media(named("ben1"), .mute(true)),
                .tell(.participants, .voice(named("ben"), named("ben1"), channel, isOn: false)),
                .tell(
                    .participants,
                    .muted(named("ben"), named("ben1"), channel, isMuted: true)
                ),
                .tell(.person(named("ben")), .hostMute(named("ben1"), channel, named("ben"))),
            ]
        )
        // The client follows and says so itself, which is no news.
        #expect(stage.say("ben", .mute).isEmpty)
        #expect(stage.order("ada", .mute(named("ben1"))) == [.answer(.done)])
        #expect(stage.say("ben", .unmute).orders("ben1") == [.mute(false)])
    }

    @Test func `mutes all but whoever gives it`() {
        var stage = CallStage(with: "ada", "ben", "cyd", "dan")
        for person in ["ada", "ben", "cyd"] { stage.say(person, .unmute) }
        let answers = stage.order("ada", .muteOthers)
        #expect(answers.orders("ben1") == [.mute(true)] && answers.orders("cyd1") == [.mute(true)])
        #expect(answers.orders("ada1").isEmpty && answers.orders("dan1").isEmpty)
        #expect(stage.shown("ada")?.isMuted == false)
    }

    @Test func `stops a screen in media`() {
        var stage = CallStage(with: "ada", "ben")
        stage.say("ben", .screenOn(stream: "s"))
        #expect(stage.order("ada", .stopScreen(named("ada1"))) == [.answer(.done)])
        #expect(
            stage.order("ada", .stopScreen(named("ben1"))) == [
                .answer(.done),
                .media(named("ben1"), .screenOff),
                .tell(
                    .participants,
                    .screen(named("ben"), named("ben1"), channel, isOn: false)
                ),
                .tell(
                    .person(named("ben")),
                    .hostScreenOff(named("ben1"), channel, named("ben"))
                ),
            ]
        )
        #expect(stage.call.sharer == nil)
    }

    @Test func `lowers a hand, and says whose order it was`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(stage.order("ada", .lowerHand(named("ben1"))) == [.answer(.done)])
        stage.say("ben", .raiseHand)
        #expect(
            stage.order("eve", .lowerHand(named("ben1")), isAdmin: true).events == [
                .hand(named("ben"), named("ben1"), channel, raisedAt: 0),
                .hostLowerHand(
                    named("ben1"),
                    named("call"),
                    channel,
                    host: named("eve"),
                    named("ben")
                ),
            ]
        )
    }

    @Test func `removes a person in all tabs, for as long as the call lasts`() {
        var stage = CallStage(with: "ada", "ben")
        stage.join("ben", by: 2)
        stage.say("ben", .screenOn(stream: "s"))
        let answers = stage.order("ada", .remove(named("ben1")))
        let removed = ServerEvent.hostRemoved(
            named("ben1"),
            named("ben"),
            named("call"),
            channel
        )
        #expect(answers.told(.participants).contains(removed))
        // Whoever is removed is no participant any more when the rest is told.
        #expect(answers.told(.person(named("ben"))).first == removed)
        #expect(answers.orders("ben1") == [.leave] && answers.orders("ben2") == [.leave])
        #expect(stage.call.participants == [named("ada1")])
        #expect(stage.call.sharer == nil)
        #expect(stage.join("ben", by: 3).errors == ["you have been removed from this call"])
    }

    @Test func `removes nobody who gives it, lest they never come back`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(stage.order("ada", .remove(named("ada1"))).outcome == .refused(.notAllowed))
        #expect(stage.order("eve", .remove(named("ada1")), isAdmin: true).outcome == .done)
        #expect(stage.call.host == named("ben"))
        let last = stage.order("eve", .remove(named("ben1")), isAdmin: true)
        #expect(last.outcome == .done && last.ending == .lastLeft)
    }

    @Test func `makes another host, who is host again when back`() {
        var stage = CallStage(with: "ada", "ben", "cyd")
        #expect(
            stage.order("ada", .makeHost(named("ben"))) == [
                .answer(.done),
                .tell(.participants, .hostChanged(named("ben"), named("call"), channel)),
                .note(.hostChanged(named("ben"))),
            ]
        )
        #expect(stage.order("ada", .muteOthers).outcome == .refused(.noPermission))
        stage.say("ben", .leave)
        #expect(stage.call.host == named("ada"))
        let back = stage.join("ben", by: 2)
        #expect(
            back.first == .tell(.participants, .hostChanged(named("ben"), named("call"), channel))
        )
        #expect(stage.call.host == named("ben"))
    }

    @Test func `that makes the host host only holds the role for them`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(stage.order("ada", .makeHost(named("ada"))) == [.answer(.done)])
        stage.say("ada", .leave)
        #expect(stage.call.host == named("ben"))
        stage.join("ada", by: 2)
        #expect(stage.call.host == named("ada"))
    }

    @Test func `leaves the role with a host who has another tab, or may come back`() {
        var stage = CallStage(with: "ada", "ben")
        stage.join("ada", by: 2)
        stage.say("ada", .leave)
        #expect(stage.call.host == named("ada"))
        stage.lose("ada2")
        #expect(stage.call.host == named("ada"))
        stage.pass(.seconds(30))
        stage.tell(.woke)
        #expect(stage.call.host == named("ben"))
    }

    @Test func `ends the call for all at once`() {
        var stage = CallStage(with: "ada", "ben")
        stage.joinBot()
        let answers = stage.order("ada", .endForAll)
        #expect(answers.first == .answer(.done))
        #expect(answers.told(.channel) == [.callEnd(channel)])
        for session in ["ada1", "ben1", "bot1"] { #expect(answers.orders(session) == [.leave]) }
        #expect(answers.ending == .byHost)
        #expect(stage.call.participants.isEmpty && stage.call.deadline == nil)
        #expect(stage.order("ada", .endForAll).outcome == .refused(.noCall))
    }
}
