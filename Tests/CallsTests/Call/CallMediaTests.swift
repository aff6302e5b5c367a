import Basics
import Calls
import Testing

@Suite struct `A call's media` {
    private let tracks = [
        MediaNews.MappedTrack(mid: "1", type: "voice", sender: named("ben1")),
        MediaNews.MappedTrack(mid: "2", type: "screen", sender: named("cyd1")),
    ]

    private func stage(signalsOverChannel: Bool) -> CallStage {
        var stage = CallStage()
        stage.tell(
            .join(
                Joiner(
                    connection: named("ada1"),
                    person: named("ada"),
                    signalsOverChannel: signalsOverChannel
                )
            )
        )
        return stage
    }

    /// What follows an offer of media's until the map has arrived.
    private var asking: [CallAction] {
        let map = DataChannelMessage.mediaMap(tracks).bytes
        return [.media(named("ada1"), .send(isText: false, map, asksForReceipt: true))]
    }

    private func telling(_ sdp: String) -> [CallAction] {
        let signal = ServerEvent.signal(MediaDescription(.offer, sdp), named("ada1"))
        return [.tell(.connection(named("ada1")), signal)]
    }

    @Test func `holds an offer back until it is known whose tracks it has`() {
        var stage = stage(signalsOverChannel: false)
        #expect(stage.news("ada", .offer(sdp: "v=0", tracks: tracks)) == asking)
        #expect(stage.news("ada", .delivered) == telling("v=0"))
        #expect(stage.news("ada", .delivered).isEmpty)
        #expect(stage.call.deadline != nil)
        #expect(stage.wait(.seconds(1)).isEmpty)
        #expect(stage.call.deadline == nil)
    }

    @Test func `does not hold it back for long`() {
        var stage = stage(signalsOverChannel: false)
        #expect(stage.news("ada", .offer(sdp: "v=0", tracks: tracks)) == asking)
        #expect(stage.wait(.milliseconds(499)).isEmpty)
        #expect(stage.wait(.milliseconds(1)) == telling("v=0"))
        #expect(stage.news("ada", .delivered).isEmpty)
    }

    @Test func `does not hold an offer back that has no tracks`() {
        var stage = stage(signalsOverChannel: false)
        let answers = stage.news("ada", .offer(sdp: "v=0", tracks: []))
        #expect(answers.suffix(1) == telling("v=0")[...])
    }

    @Test func `forgets an offer that is answered while it is held back to be said again`() {
        var stage = stage(signalsOverChannel: false)
        stage.news("ada", .offer(sdp: "v=0", tracks: tracks))
        #expect(stage.news("ada", .delivered) == telling("v=0"))
        stage.reconnect("ada", by: "ada2", from: "ada1")
        stage.say("ada", .description(MediaDescription(.answer, "v=0")))
        #expect(stage.news("ada", .delivered).isEmpty)
        #expect(stage.wait(.seconds(1)).isEmpty)
    }

    @Test func `does not take the next offer for answered by another answer to the last one`() {
        var stage = stage(signalsOverChannel: false)
        let answer = MediaDescription(.answer, "done")
        stage.news("ada", .offer(sdp: "first", tracks: tracks))
        stage.news("ada", .delivered)
        stage.reconnect("ada", by: "ada2", from: "ada1")
        let again = stage.news("ada", .delivered).told(.connection(named("ada2")))
        #expect(again == [.signal(MediaDescription(.offer, "first"), named("ada1"))])
        #expect(stage.say("ada", .description(answer)).orders("ada1") == [.description(answer)])
        stage.news("ada", .offer(sdp: "second", tracks: tracks))
        #expect(stage.say("ada", .description(answer)).orders("ada1").isEmpty)
        let next = stage.news("ada", .delivered).told(.connection(named("ada2")))
        #expect(next == [.signal(MediaDescription(.offer, "second"), named("ada1"))])
        #expect(stage.say("ada", .description(answer)).orders("ada1") == [.description(answer)])
    }

    @Test func `offers over the channel, in order, to those who want it there`() throws {
        var stage = stage(signalsOverChannel: true)
        let answers = stage.news("ada", .offer(sdp: "v=0", tracks: tracks))
        #expect(answers.events.isEmpty)
        #expect(
            try answers.messages("ada1") == [
                .mediaMap(tracks), .description(MediaDescription(.offer, "v=0")),
            ]
        )
    }

    @Test func `answers by the way on which the offer came`() throws {
        var stage = stage(signalsOverChannel: false)
        let offer = MediaDescription(.offer, "theirs")
        let answer = MediaDescription(.answer, "ours")
        #expect(stage.say("ada", .description(offer)).orders("ada1") == [.description(offer)])
        #expect(
            stage.news("ada", .answer(sdp: "ours"))
                == [.tell(.connection(named("ada1")), .signal(answer, named("ada1")))]
        )
        let bytes = DataChannelMessage.description(offer).bytes
        #expect(
            stage.news("ada", .channelMessage(isText: false, bytes)).orders("ada1")
                == [.description(offer)]
        )
        let back = stage.news("ada", .answer(sdp: "ours"))
        #expect(back.events.isEmpty)
        #expect(try back.messages("ada1") == [.description(answer)])
    }

    @Test func `answers pings, in bytes and in the text of old phones`() throws {
        var stage = CallStage(with: "ada")
        let ping = stage.news(
            "ada",
            .channelMessage(isText: false, DataChannelMessage.ping.bytes)
        )
        #expect(try ping.messages("ada1") == [.pong])
        #expect(
            stage.news("ada", .channelMessage(isText: true, Array("ping".utf8)))
                == [.media(named("ada1"), .send(isText: true, Array("pong".utf8)))]
        )
    }

    @Test func `asks for the lock and says whether it was given`() throws {
        var stage = CallStage(with: "ada")
        let lock = DataChannelMessage.lock.bytes
        #expect(
            stage.news("ada", .channelMessage(isText: false, lock)).orders("ada1") == [.lock]
        )
        for isLocked in [false, true] {
            let answers = stage.news("ada", .locked(isLocked))
            #expect(try answers.messages("ada1") == [.locked(isLocked)])
        }
        let unlock = DataChannelMessage.unlock.bytes
        #expect(
            stage.news("ada", .channelMessage(isText: false, unlock)).orders("ada1")
                == [.unlock]
        )
    }

    @Test func `hears voices of those who are not muted, and once`() {
        var stage = CallStage(with: "ada")
        #expect(stage.news("ada", .voice(isOn: true)).isEmpty)
        stage.say("ada", .unmute)
        let on = ServerEvent.voice(named("ada"), named("ada1"), channel, isOn: true)
        let off = ServerEvent.voice(named("ada"), named("ada1"), channel, isOn: false)
        #expect(stage.news("ada", .voice(isOn: true)) == [.tell(.participants, on)])
        #expect(stage.news("ada", .voice(isOn: true)).isEmpty)
        #expect(stage.say("ada", .mute).events.first == off)
        #expect(stage.news("ada", .voice(isOn: false)).isEmpty)
    }

    @Test func `tells of a connection's quality when it changes its grade, and not too often`() {
        var stage = CallStage(with: "ada")
        func report(_ message: DataChannelMessage) -> [CallAction] {
            stage.news("ada", .channelMessage(isText: false, message.bytes))
        }
        #expect(report(.loss(0.001)) == [.note(.loss(named("ada1"), 0.001))])
        #expect(report(.roundTrip(0.05)) == [.note(.roundTrip(named("ada1"), seconds: 0.05))])
        let poor = report(.loss(0.1))
        guard case .quality(_, _, let mos)? = poor.told(.participants).first else {
            Issue.record("nobody hears of it")
            return
        }
        #expect(mos > 2.5 && mos < 3.5)
        #expect(poor.contains(.note(.quality(named("ada1"), mos: mos))))
        stage.pass(.seconds(9))
        #expect(report(.loss(0)).events.isEmpty)
        stage.pass(.seconds(1))
        #expect(report(.jitter(0.002)).events.count == 1)
        #expect(report(.jitter(0.002)).events.isEmpty)
    }

    @Test func `refuses messages that are none, and goes on`() {
        var stage = CallStage(with: "ada")
        for bytes: [UInt8] in [[], [0xff], [3], [99], DataChannelMessage.locked(true).bytes] {
            let answers = stage.news("ada", .channelMessage(isText: false, bytes))
            #expect(answers.errors.count == 1, "\(bytes)")
        }
        #expect(
            stage.news("ada", .channelMessage(isText: true, [0x68])).errors
                == ["the only text is ping"]
        )
        #expect(stage.call.participants == [named("ada1")])
    }

    @Test func `drops what floods in over a channel`() throws {
        var stage = CallStage(with: "ada")
        var pongs = 0
        for _ in 0..<1_000 {
            let bytes = DataChannelMessage.ping.bytes
            let answers = stage.news("ada", .channelMessage(isText: false, bytes))
            pongs += try answers.messages("ada1").count
        }
        #expect(pongs == 200)
        stage.pass(.seconds(1))
        let bytes = DataChannelMessage.ping.bytes
        #expect(
            try stage.news("ada", .channelMessage(isText: false, bytes)).messages("ada1") == [.pong]
        )
    }

    @Test func `says what media refused, to whoever asked`() {
        var stage = CallStage(with: "ada")
        let news = MediaNews.refused(what: "offer", why: "it was not answered in ten seconds")
        #expect(
            stage.news("ada", news) == [
                .note(
                    .refused(
                        named("ada1"),
                        what: "offer",
                        why: "it was not answered in ten seconds"
                    )
                ),
                .tell(
                    .connection(named("ada1")),
                    .error(text: "it was not answered in ten seconds", nil)
                ),
            ]
        )
    }
}
