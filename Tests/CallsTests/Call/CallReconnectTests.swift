import Basics
import Calls
import Testing

@Suite struct `A participant whose connection is lost` {
    @Test func `has thirty seconds to come back`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(stage.lose("ben1").isEmpty)
        #expect(stage.call.deadline == stage.now.instant + .seconds(30))
        stage.pass(.milliseconds(29_999))
        #expect(stage.tell(.woke).isEmpty)
        stage.pass(.milliseconds(1))
        let answers = stage.tell(.woke)
        #expect(answers.orders("ben1") == [.leave])
        #expect(answers.told(.channel) == [.userLeft(named("ben"), named("ben1"), channel)])
        #expect(stage.call.deadline == nil)
    }

    @Test func `comes back by any number of moves, and is told the state`() throws {
        var stage = CallStage(with: "ada", "ben")
        for move in 2...20 {
            stage.lose("ben\(move - 1)")
            stage.pass(.seconds(20))
            let answers = stage.reconnect("ben", by: "ben\(move)", from: "ben\(move - 1)")
            let picture = try #require(stage.call.picture(for: named("ben")))
            #expect(
                answers == [
                    .tell(.connection(named("ben\(move)")), .callState(channel, picture))
                ]
            )
            stage.tell(.woke)
        }
        #expect(stage.call.participants == [named("ada1"), named("ben1")])
        #expect(stage.call.connection(of: named("ben1")) == named("ben20"))
    }

    @Test func `comes back by the same connection, resumed`() {
        var stage = CallStage(with: "ada")
        stage.lose("ada1")
        #expect(stage.reconnect("ada", by: "ada1", from: "ada1").errors.isEmpty)
        #expect(stage.call.connection(of: named("ada1")) == named("ada1"))
        stage.pass(.seconds(40))
        stage.tell(.woke)
        #expect(stage.call.participants == [named("ada1")])
    }

    @Test func `has its time anew whenever it is lost`() {
        var stage = CallStage(with: "ada", "ben")
        stage.lose("ben1")
        stage.pass(.seconds(20))
        stage.reconnect("ben", by: "ben2", from: "ben1")
        stage.lose("ben2")
        stage.pass(.seconds(10))
        #expect(stage.tell(.woke).isEmpty)
        #expect(stage.call.deadline == stage.now.instant + .seconds(20))
        stage.pass(.seconds(20))
        #expect(!stage.tell(.woke).isEmpty)
    }

    @Test func `comes back by a move whose own word was lost, if nobody else has it`() {
        var stage = CallStage(with: "ada")
        stage.lose("ada1")
        #expect(stage.reconnect("ada", by: "ada3", from: "ada2").errors.isEmpty)
        // The lost word comes late, and takes nothing away.
        let late = stage.reconnect("ada", by: "ada2", from: "ada1")
        #expect(late.errors == ["a newer connection has taken over; join again"])
        #expect(stage.call.connection(of: named("ada1")) == named("ada3"))
    }

    @Test func `is not taken over from a connection that nobody knows`() {
        var stage = CallStage(with: "ada")
        let answers = stage.reconnect("ada", by: "ada3", from: "ada2")
        #expect(answers.errors == ["the previous connection is not known; join again"])
        #expect(stage.call.connection(of: named("ada1")) == named("ada1"))
    }

    /// The word by which its client came to that one went to a host that is gone.
    @Test func `comes back by a connection of which the call has never heard`() {
        var stage = CallStage(with: "ada", "ben")
        #expect(stage.reconnect("ben", by: "ben3", from: "ben3").errors.isEmpty)
        #expect(stage.call.connection(of: named("ben1")) == named("ben3"))
        let late = stage.reconnect("ben", by: "ben1", from: "ben1")
        #expect(late.errors == ["a newer connection has taken over; join again"])
    }

    @Test func `keeps the newest of its connections, however words arrive`() {
        var stage = CallStage(with: "ada")
        stage.reconnect("ada", by: "ada2", from: "ada1")
        stage.reconnect("ada", by: "ada3", from: "ada2")
        let late = stage.reconnect("ada", by: "ada2", from: "ada1")
        #expect(late.errors == ["a newer connection has taken over; join again"])
        #expect(stage.call.connection(of: named("ada1")) == named("ada3"))
        #expect(stage.lose("ada1").isEmpty && stage.lose("ada2").isEmpty)
        #expect(stage.call.connection(of: named("ada1")) == named("ada3"))
        #expect(stage.call.deadline == nil)
    }

    @Test func `is where it came last, though an old node brings up where it was before`() throws {
        var before = CallStage()
        before.tell(
            .join(Joiner(connection: named("ada1"), person: named("ada"), followsHost: true))
        )
        before.reconnect("ada", by: "ada2", from: "ada1")
        let snapshot = try #require(before.call.snapshot(at: before.now))
        var stage = before
        stage.call = Call(restoring: snapshot, rules: CallRules(), move: "7.1", at: stage.now)
        #expect(stage.reconnect("ada", by: "ada1", from: "ada1").errors.isEmpty)
        #expect(stage.reconnect("ada", by: "ada2", from: "ada2").errors.isEmpty)
        #expect(stage.call.connection(of: named("ada1")) == named("ada2"))
        // Nor does that node take it away again.
        let late = stage.reconnect("ada", by: "ada1", from: "ada1")
        #expect(late.errors == ["a newer connection has taken over; join again"])
        #expect(stage.call.connection(of: named("ada1")) == named("ada2"))
        stage.lose("ada2")
        #expect(stage.call.connection(of: named("ada1")) == named("ada1"))
    }

    @Test func `falls back on the connection that one which is cut took it from`() throws {
        var stage = CallStage(with: "ada")
        stage.reconnect("ada", by: "ada3", from: "ada1")
        // An older attempt than the third, of which nobody knew, is read later and is cut at once.
        #expect(stage.reconnect("ada", by: "ada2", from: "ada1").errors.isEmpty)
        let answers = stage.lose("ada2")
        #expect(stage.call.connection(of: named("ada1")) == named("ada3"))
        let picture = try #require(stage.call.picture(for: named("ada")))
        #expect(
            answers.told(.connection(named("ada3"))) == [.callState(channel, picture)]
        )
    }

    @Test func `is nobody else's`() {
        var stage = CallStage(with: "ada", "ben")
        let wish = Reconnect(
            participant: named("ada1"),
            connection: named("ben2"),
            previous: named("ada1"),
            person: named("ben")
        )
        #expect(
            stage.tell(.reconnect(wish)).events == [
                .error(text: "this session is not yours; join instead", named("ben2"))
            ]
        )
        #expect(stage.call.connection(of: named("ada1")) == named("ada1"))
    }

    @Test func `hears why it cannot come back`() {
        var stage = CallStage(with: "ada", "ben", "cyd")
        stage.lose("ben1")
        stage.pass(.seconds(30))
        stage.tell(.woke)
        #expect(
            stage.reconnect("ben", by: "ben2", from: "ben1").events == [
                .error(text: "your session in this call has ended; join again", named("ben2"))
            ]
        )
        stage.order("ada", .remove(named("cyd1")))
        #expect(
            stage.reconnect("cyd", by: "cyd2", from: "cyd1").errors
                == ["you have been removed from this call"]
        )
        stage.order("ada", .endForAll)
        #expect(stage.reconnect("ada", by: "ada2", from: "ada1").errors == ["the call is over"])
    }

    @Test func `does not take the connection of another session`() {
        var stage = CallStage(with: "ada")
        stage.join("ada", by: 2)
        let answers = stage.reconnect("ada", by: "ada2", from: "ada1")
        #expect(answers.errors == ["this connection is in the call already"])
        #expect(stage.call.connection(of: named("ada2")) == named("ada2"))
    }

    @Test func `keeps the call alive until its time is up, and no longer`() {
        var stage = CallStage(with: "ada")
        stage.joinBot()
        stage.lose("ada1")
        stage.pass(.seconds(30))
        #expect(stage.tell(.woke).ending == .lastLeft)
    }

    @Test func `is told when back what a host has done meanwhile`() {
        var stage = CallStage(with: "ada", "ben")
        stage.say("ben", .unmute)
        stage.say("ben", .screenOn(stream: "s"))
        stage.lose("ben1")
        stage.order("ada", .mute(named("ben1")))
        stage.order("ada", .stopScreen(named("ben1")))
        let back = stage.reconnect("ben", by: "ben2", from: "ben1")
        let told = back.told(.connection(named("ben2")))
        #expect(told.contains(.hostMute(named("ben1"), channel, named("ben"))))
        #expect(told.contains(.hostScreenOff(named("ben1"), channel, named("ben"))))
        #expect(stage.reconnect("ben", by: "ben3", from: "ben2").events.count == 1)
    }

    @Test func `gets the offer it has not answered, after the map, and the answer it missed`()
        throws
    {
        var stage = CallStage(with: "ada")
        let tracks = [MediaNews.MappedTrack(mid: "1", type: "voice", sender: named("ben1"))]
        stage.news("ada", .offer(sdp: "first", tracks: []))
        stage.lose("ada1")
        #expect(stage.news("ada", .offer(sdp: "second", tracks: tracks)).isEmpty)
        stage.say("ada", .description(MediaDescription(.offer, "theirs")))
        stage.news("ada", .answer(sdp: "ours"))
        let back = stage.reconnect("ada", by: "ada2", from: "ada1")
        #expect(
            back.told(.connection(named("ada2"))).suffix(1) == [
                .signal(MediaDescription(.answer, "ours"), named("ada1"))
            ]
        )
        #expect(try back.messages("ada1") == [.mediaMap(tracks)])
        #expect(
            stage.news("ada", .delivered).told(.connection(named("ada2"))) == [
                .signal(MediaDescription(.offer, "second"), named("ada1"))
            ]
        )
        stage.say("ada", .description(MediaDescription(.answer, "done")))
        #expect(stage.reconnect("ada", by: "ada3", from: "ada2").events.count == 1)
    }
}
