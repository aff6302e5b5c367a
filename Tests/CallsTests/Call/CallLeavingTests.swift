import Basics
import Calls
import Testing

@Suite struct `Leaving a call` {
    @Test func `ends the session at once and tells the channel`() {
        var stage = CallStage(with: "ada", "ben")
        stage.pass(.seconds(5))
        let joined = WallTime(milliseconds: 1_700_000_000_000)
        #expect(
            stage.say("ben", .leave) == [
                .media(named("ben1"), .leave),
                .remember(
                    .left(named("ben1"), named("ben"), joined: joined, at: stage.now.wall)
                ),
                .note(.participantLeft(named("ben1"), named("ben"))),
                .tell(.channel, .userLeft(named("ben"), named("ben1"), channel)),
            ]
        )
        #expect(stage.call.people == [named("ada")])
    }

    @Test func `hands the host's role to whoever came first`() {
        var stage = CallStage(with: "ada")
        stage.joinBot()
        stage.join("ben")
        stage.join("cyd")
        let answers = stage.say("ada", .leave)
        #expect(
            answers.told(.participants) == [.hostChanged(named("ben"), named("call"), channel)]
        )
        #expect(stage.call.host == named("ben"))
    }

    @Test func `ends the call with the last, and the bots with it`() throws {
        var stage = CallStage(with: "ada")
        stage.joinBot()
        stage.pass(.seconds(60))
        let answers = stage.say("ada", .leave)
        #expect(answers.orders("bot1") == [.leave])
        // Clients infer the end: a call_end would mean that a host ended it.
        #expect(answers.events == [.userLeft(named("ada"), named("ada1"), channel)])
        #expect(answers.ending == .lastLeft)
        guard case .ended(let summary) = try #require(answers.memories.last) else {
            Issue.record("the end is not remembered")
            return
        }
        #expect(summary.people == [named("ada")])
        #expect(summary.ended == stage.now.wall)
        #expect(stage.call.isOver && stage.call.deadline == nil)
        #expect(stage.tell(.woke).isEmpty)
    }

    @Test func `while sharing takes the screen along`() {
        var stage = CallStage(with: "ada", "ben")
        stage.say("ben", .screenOn(stream: "s"))
        let answers = stage.say("ben", .leave)
        #expect(
            answers.told(.participants) == [
                .screen(named("ben"), named("ben1"), channel, isOn: false)
            ]
        )
        #expect(stage.call.sharer == nil)
        stage.say("ada", .screenOn(stream: "t"))
        #expect(stage.call.sharer == named("ada1"))
    }

    @Test func `is what an end of media is, be the connection there or not`() {
        var stage = CallStage(with: "ada", "ben", "cyd")
        let gone = stage.news("ben", .over(reason: "no packet came for 30 s"))
        #expect(
            gone.told(.connection(named("ben1")))
                == [.error(text: "no packet came for 30 s", named("ben1"))]
        )
        stage.lose("cyd1")
        let away = stage.news("cyd", .over(reason: "no packet came for 30 s"))
        #expect(away.errors.isEmpty)
        #expect(away.orders("cyd1") == [.leave])
        #expect(stage.call.participants == [named("ada1")])
        // Media says so twice at times, and of those who have left.
        #expect(stage.news("cyd", .over(reason: "closed")).isEmpty)
    }

    @Test func `is what losing the channel is, told to the person as well`() {
        var stage = CallStage(with: "ada", "ben")
        stage.join("ben", by: 2)
        let answers = stage.tell(.expel(named("ben"), .leftChannel))
        #expect(
            answers.told(.person(named("ben"))) == [
                .userLeft(named("ben"), named("ben1"), channel),
                .userLeft(named("ben"), named("ben2"), channel),
                .userRemoved(named("ben"), channel, by: named("ben")),
            ]
        )
        #expect(answers.told(.channel).count == 2)
        #expect(stage.call.participants == [named("ada1")])
        #expect(stage.tell(.expel(named("ben"), .leftChannel)).isEmpty)
        // Whatever right to join a token still gives.
        #expect(
            stage.join("ben", by: 3).told(.connection(named("ben3"))) == [
                .error(text: "you have been removed from this call", named("ben3"))
            ]
        )
    }

    @Test func `is what the end of a login is, with the reason`() {
        var stage = CallStage(with: "ada", "ben")
        let answers = stage.tell(.expel(named("ben"), .loginEnded))
        #expect(
            answers.told(.connection(named("ben1"))) == [
                .error(
                    text: "your login has ended; log in again, then join",
                    named("ben1")
                )
            ]
        )
        #expect(answers.told(.person(named("ben"))).isEmpty)
        #expect(stage.join("ben", by: 2).errors.isEmpty)
    }

    @Test func `is nobody's choice when the node closes`() {
        var stage = CallStage(with: "ada", "ben")
        let answers = stage.tell(.end(.nodeClosed))
        #expect(answers.first == .tell(.channel, .callEnd(channel)))
        #expect(answers.orders("ada1") == [.leave] && answers.orders("ben1") == [.leave])
        #expect(answers.ending == .nodeClosed)
        #expect(stage.tell(.end(.nodeClosed)).isEmpty)
        var empty = CallStage()
        #expect(empty.tell(.end(.byApp)) == [.over(.byApp)])
    }

    @Test func `leaves sums of screen and camera time behind`() throws {
        var stage = CallStage(with: "ada", "ben")
        for seconds in [3, 4] {
            stage.say("ada", .screenOn(stream: "s"))
            stage.pass(.seconds(seconds))
            stage.say("ada", .screenOff)
            stage.pass(.seconds(10))
        }
        stage.say("ada", .videoOn(stream: "v"))
        stage.say("ben", .videoOn(stream: "v"))
        stage.say("ben", .screenOn(stream: "s"))
        stage.pass(.seconds(5))
        stage.say("ben", .leave)
        stage.pass(.seconds(5))
        guard case .ended(let summary) = try #require(stage.say("ada", .leave).memories.last)
        else {
            Issue.record("the end is not remembered")
            return
        }
        #expect(summary.screenSeconds == 12)
        #expect(summary.videoSeconds == 15)
        #expect(summary.hasUsedScreen && summary.hasUsedVideo)
        #expect(summary.people == [named("ada"), named("ben")])
    }
}
