import Basics
import Calls
import Testing

@Suite struct `Joining a call` {
    @Test func `begins it with the first, who owns and hosts it`() throws {
        var stage = CallStage()
        let answers = stage.tell(
            .join(
                Joiner(
                    connection: named("ada1"),
                    person: named("ada"),
                    title: "Lunch",
                    thread: "thread",
                    decodesAV1: true
                )
            )
        )
        let beginning = CallBeginning(
            call: named("call"),
            channel: channel,
            owner: named("ada"),
            title: "Lunch",
            thread: "thread",
            started: stage.now.wall
        )
        let picture = try #require(stage.call.picture(for: named("ada")))
        #expect(
            answers == [
                .remember(.began(beginning)),
                .note(.hostChanged(named("ada"))),
                .tell(.channel, .callStart(beginning, host: named("ada"))),
                .media(named("ada1"), .join(decodesAV1: true)),
                .media(named("ada1"), .mute(true)),
                .remember(.joined(named("ada1"), named("ada"), at: stage.now.wall)),
                .note(.participantJoined(named("ada1"), named("ada"))),
                .tell(.connection(named("ada1")), .join(named("ada1"))),
                .tell(.channel, .userJoined(named("ada"), named("ada1"), channel)),
                .tell(.person(named("ada")), .callState(channel, picture)),
            ]
        )
        #expect(picture.beginning == beginning)
        #expect(picture.host == named("ada"))
        #expect(stage.shown("ada")?.isMuted == true)
    }

    @Test func `does not begin it again, nor change the host`() {
        var stage = CallStage(with: "ada")
        stage.pass(.seconds(1))
        let answers = stage.join("ben")
        #expect(
            answers.events.filter { event in
                switch event {
                case .callStart, .hostChanged: true
                default: false
                }
            }.isEmpty
        )
        #expect(stage.call.participants == [named("ada1"), named("ben1")])
        #expect(stage.call.host == named("ada"))
        #expect(stage.call.picture(for: nil)?.beginning.owner == named("ada"))
    }

    @Test func `gives two tabs of one person a session each`() {
        var stage = CallStage(with: "ada")
        stage.join("ada", by: 2)
        #expect(stage.call.participants == [named("ada1"), named("ada2")])
        #expect(stage.call.people == [named("ada")])
        stage.say("ada", .leave)
        #expect(stage.call.participants == [named("ada2")])
        #expect(stage.call.host == named("ada"))
    }

    @Test func `counts sessions and bots against the limit`() {
        var stage = CallStage(CallRules(participantLimit: 3), with: "ada")
        stage.joinBot()
        stage.join("ada", by: 2)
        let answers = stage.join("ben")
        #expect(
            answers == [
                .note(
                    .refused(nil, what: "join", why: "user cannot join because of limits")
                ),
                .tell(
                    .connection(named("ben1")),
                    .error(text: "user cannot join because of limits", named("ben1"))
                ),
            ]
        )
        stage.say("ada", .leave)
        #expect(stage.join("ben").errors.isEmpty)
    }

    @Test func `twice by one connection is refused, and the session goes on`() {
        var stage = CallStage(with: "ada")
        let answers = stage.join("ada")
        // An error that named the connection would make the client leave.
        #expect(
            answers.events == [.error(text: "this connection is in the call already", nil)]
        )
        #expect(stage.call.participants == [named("ada1")])
        stage.reconnect("ada", by: "ada9", from: "ada1")
        #expect(stage.join("ada", by: 9).errors == ["this connection is in the call already"])
        #expect(stage.call.participants == [named("ada1")])
    }

    @Test func `is refused once the call is over`() {
        var stage = CallStage(with: "ada")
        stage.say("ada", .leave)
        let text = "the call is over; join again to start another"
        #expect(stage.join("ben").events == [.error(text: text, named("ben1"))])
        #expect(stage.call.picture(for: nil) == nil)
    }

    @Test func `is nothing that a bot begins, or is seen to do`() throws {
        var stage = CallStage()
        #expect(
            stage.joinBot().errors
                == ["a call cannot begin with a bot; join once people are in it"]
        )
        stage.join("ada")
        let answers = stage.joinBot()
        #expect(answers.told(.channel).isEmpty)
        #expect(answers.memories.isEmpty)
        #expect(answers.told(.connection(named("bot1"))) == [.join(named("bot1"))])
        #expect(stage.call.participants == [named("ada1")])
        #expect(stage.call.people == [named("ada"), named("bot")])
        let picture = try #require(stage.call.picture(for: named("ada")))
        #expect(picture.participants.map(\.person) == [named("ada")])
    }

    @Test func `tells whoever comes who is speaking`() {
        var stage = CallStage(with: "ada", "ben")
        stage.say("ada", .unmute)
        stage.news("ada", .voice(isOn: true))
        let voice = ServerEvent.voice(named("ada"), named("ada1"), channel, isOn: true)
        #expect(stage.join("cyd").told(.connection(named("cyd1"))).contains(voice))
        let again = stage.reconnect("ben", by: "ben2", from: "ben1")
        #expect(again.told(.connection(named("ben2"))).contains(voice))
    }

    @Test func `keeps a title of bearable length`() {
        var stage = CallStage()
        let title = String(repeating: "é", count: 300)
        stage.tell(
            .join(Joiner(connection: named("ada1"), person: named("ada"), title: title))
        )
        #expect(stage.call.picture(for: nil)?.beginning.title.count == 200)
    }

    @Test func `by whom media takes nobody in ends at once, and says why`() {
        var stage = CallStage(with: "ada", "ben")
        let answers = stage.news("ben", .refused(what: "join", why: "the call is full"))
        #expect(
            answers.told(.connection(named("ben1")))
                == [.error(text: "the call is full", named("ben1"))]
        )
        #expect(stage.call.participants == [named("ada1")])
    }
}
