import Basics
import Calls
import Testing

@Suite struct `A participant's word` {
    @Test func `of muting is carried out by media before others hear it, and once`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(
            stage.say("ada", .unmute) == [
                .media(named("ada1"), .mute(false)),
                .tell(
                    .participants,
                    .muted(named("ada"), named("ada1"), channel, isMuted: false)
                ),
            ]
        )
        #expect(stage.shown("ada")?.isMuted == false)
        #expect(stage.say("ada", .unmute).isEmpty)
        #expect(
            stage.say("ada", .mute) == [
                .media(named("ada1"), .mute(true)),
                .tell(
                    .participants,
                    .muted(named("ada"), named("ada1"), channel, isMuted: true)
                ),
            ]
        )
        #expect(stage.say("ada", .mute).isEmpty)
    }

    @Test func `raises hands in one order that all see`() throws {
        var stage = CallStage(with: "ada", "ben", "cyd")
        for person in ["cyd", "ada", "ben"] { stage.say(person, .raiseHand) }
        #expect(stage.say("ada", .raiseHand).isEmpty)
        let hands = try #require(stage.call.picture(for: nil)).participants
            .sorted { $0.handRaised < $1.handRaised }
        #expect(hands.map(\.person) == [named("cyd"), named("ada"), named("ben")])
        let time = stage.now.wall.milliseconds
        #expect(hands.map(\.handRaised) == [time, time + 1, time + 2])
        let down = stage.say("ada", .lowerHand)
        #expect(
            down == [
                .tell(.participants, .hand(named("ada"), named("ada1"), channel, raisedAt: 0))
            ]
        )
        #expect(stage.say("ada", .lowerHand).isEmpty)
        // A clock that was set back puts nobody before others.
        stage.now.wall = WallTime(milliseconds: 5)
        stage.say("ada", .raiseHand)
        #expect(stage.shown("ada")?.handRaised == time + 3)
    }

    @Test func `of a reaction is passed on if it is as short as emoji are`() {
        var stage = CallStage(with: "ada")
        let reaction = Reaction(name: "wave", unified: "1f44b", skin: "light")
        #expect(
            stage.say("ada", .react(reaction)) == [
                .tell(
                    .participants,
                    .reacted(
                        named("ada"),
                        named("ada1"),
                        channel,
                        reaction,
                        at: stage.now.wall.milliseconds
                    )
                )
            ]
        )
        let long = Reaction(
            name: "wave",
            unified: "1f44b",
            literal: String(repeating: "x", count: 129)
        )
        #expect(
            stage.say("ada", .react(long)).errors
                == ["a reaction's parts have at most 128 bytes each"]
        )
    }

    @Test func `shares one screen at a time, and a second hears no`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(
            stage.say("ada", .screenOn(stream: "s")) == [
                .media(named("ada1"), .screenOn(stream: "s")),
                .tell(
                    .participants,
                    .screen(named("ada"), named("ada1"), channel, isOn: true)
                ),
            ]
        )
        let why = "somebody else is sharing a screen"
        #expect(
            stage.say("ben", .screenOn(stream: "t")) == [
                .note(.refused(named("ben1"), what: "screen", why: why)),
                .tell(.connection(named("ben1")), .error(text: why, nil)),
                .tell(
                    .person(named("ben")),
                    .hostScreenOff(named("ben1"), channel, named("ben"))
                ),
            ]
        )
        // The client that gives up says so, which ends nobody else's sharing.
        #expect(stage.say("ben", .screenOff).isEmpty)
        #expect(stage.call.sharer == named("ada1"))
        // The sharer's own second word names the stream anew.
        #expect(
            stage.say("ada", .screenOn(stream: "u"))
                == [.media(named("ada1"), .screenOn(stream: "u"))]
        )
        stage.say("ada", .screenOff)
        #expect(stage.say("ben", .screenOn(stream: "t")).errors.isEmpty)
    }

    @Test func `shares nothing where the settings say so`() {
        let rules = CallRules(allowsScreenSharing: false, allowsVideo: false)
        var stage = CallStage(rules, with: "ada")
        #expect(
            stage.say("ada", .screenOn(stream: "s")).errors == ["screen sharing is not allowed"]
        )
        #expect(stage.say("ada", .videoOn(stream: "s")).errors == ["video is not allowed"])
        #expect(stage.call.sharer == nil && stage.shown("ada")?.hasVideo == false)
    }

    @Test func `turns the camera on and off, and names another stream at will`() {
        var stage = CallStage(with: "ada")
        #expect(
            stage.say("ada", .videoOn(stream: "v")) == [
                .media(named("ada1"), .videoOn(stream: "v")),
                .tell(.participants, .video(named("ada"), named("ada1"), channel, isOn: true)),
            ]
        )
        #expect(
            stage.say("ada", .videoOn(stream: "w"))
                == [.media(named("ada1"), .videoOn(stream: "w"))]
        )
        #expect(
            stage.say("ada", .videoOff) == [
                .media(named("ada1"), .videoOff),
                .tell(.participants, .video(named("ada"), named("ada1"), channel, isOn: false)),
            ]
        )
        #expect(stage.say("ada", .videoOff).isEmpty)
        let long = String(repeating: "v", count: 257)
        #expect(
            stage.say("ada", .videoOn(stream: long)).errors
                == ["a stream's name has at most 256 bytes"]
        )
    }

    @Test func `of what somebody said is taken from the transcriber alone`() {
        var stage = CallStage(with: "ada", "ben")
        stage.joinBot()
        let caption = Caption(speaker: named("ada1"), text: "hello", newAudio: 900)
        #expect(
            stage.say("bot", .caption(caption)) == [
                .tell(
                    .participants,
                    .caption(named("ada"), named("ada1"), channel, text: "hello")
                )
            ]
        )
        #expect(
            stage.say("ben", .caption(caption)).errors
                == ["captions come from the transcriber alone"]
        )
        let other = Caption(speaker: named("eve1"), text: "hello", newAudio: 900)
        #expect(
            stage.say("bot", .caption(other)).errors == ["whoever said it is not in the call"]
        )
    }

    @Test func `is no bot's to say about itself`() {
        var stage = CallStage(with: "ada")
        stage.joinBot()
        for word in [Word.unmute, .raiseHand, .screenOn(stream: "s"), .videoOn(stream: "v")] {
            #expect(stage.say("bot", word).told(.participants).isEmpty)
        }
        #expect(stage.call.sharer == nil)
    }

    @Test func `about somebody who is not in the call is refused and noted`() {
        var stage = CallStage(with: "ada")
        #expect(
            stage.say("eve", .unmute) == [
                .note(
                    .refused(
                        named("eve1"),
                        what: "word",
                        why: "this session is not in the call"
                    )
                )
            ]
        )
    }

    @Test func `that they do not want to be rung is kept, and told to their clients`() {
        var stage = CallStage(with: "ada")
        #expect(
            stage.tell(.dismiss(named("ben")))
                == [.tell(.person(named("ben")), .dismissed(named("ben"), named("call")))]
        )
        #expect(stage.tell(.dismiss(named("ben"))).isEmpty)
        #expect(stage.call.picture(for: named("ben"))?.isDismissedBy == named("ben"))
        #expect(stage.call.picture(for: named("ada"))?.isDismissedBy == nil)
    }
}
