import Basics
import Callers
import Crypto
import Media
import Testing

@Suite struct `A caller` {
    private let screen = TrackPlan.pictures(
        perSecond: 30,
        layers: [PictureLayer(bitrate: 1_600_000, width: 1_280, height: 720)]
    )
    private let voice = TrackPlan.voice(packetsPerSecond: 50, bytes: 120)

    @Test(arguments: [false, true])
    func `is connected, whoever begins the handshake`(isPassive: Bool) throws {
        var habits = CallerHabits()
        habits.isPassive = isPassive
        var duet = Duet(CallerHabits(), habits)
        duet.first.wantChannel()
        try duet.agree()
        duet.run(for: .milliseconds(500))
        #expect(duet.events.first.contains(.connected))
        #expect(duet.events.second.contains(.connected))
        #expect(duet.first.profile == .aeadAES128GCM)
    }

    @Test func `says on its data channel what the other hears`() throws {
        var duet = Duet()
        duet.first.wantChannel()
        try duet.agree()
        duet.run(for: .seconds(1))
        #expect(duet.events.first.contains(.channelOpen))
        let isSaid = duet.say("hello")
        #expect(isSaid)
        duet.run(for: .milliseconds(100))
        #expect(duet.events.second.contains(.message(Array("hello".utf8))))
    }

    @Test func `is heard at its pace, and says when each packet left`() throws {
        var habits = CallerHabits()
        habits.opensEvery = 1
        var duet = Duet(CallerHabits(), habits)
        _ = duet.first.publish(voice, stream: "mic")
        try duet.agree()
        duet.run(for: .milliseconds(500))
        duet.heard.second = []
        duet.run(for: .seconds(2))
        #expect(99...101 ~= duet.heard.second.count)
        let delays = duet.heard.second.compactMap(\.mark).map(\.sentAt)
        #expect(delays.count == duet.heard.second.count)
        #expect(delays.sorted() == delays)
        #expect(duet.second.counts.spoilt == 0)
        #expect(duet.second.heard.map(\.stream) == ["mic"])
    }

    @Test func `fills a bit rate with pictures of whole packets`() throws {
        var duet = Duet()
        _ = duet.first.publish(screen, stream: "screen")
        try duet.agree()
        duet.run(for: .milliseconds(500))
        let before = duet.first.counts
        duet.run(for: .seconds(3))
        let bits = Int(duet.first.counts.bytesOut - before.bytesOut) * 8 / 3
        #expect(1_550_000...1_650_000 ~= bits)
        #expect(duet.heard.second.allSatisfy { $0.size == 1_200 })
        #expect(duet.second.heard.first?.hasPicture == true)
        #expect(duet.second.heard.first?.lost == 0)
    }

    @Test(arguments: [false, true])
    func `gets back what the line loses`(repairs: Bool) throws {
        var habits = CallerHabits()
        habits.repairs = repairs
        habits.opensEvery = 1
        var duet = Duet(habits, habits)
        _ = duet.first.publish(screen, stream: "screen")
        try duet.agree()
        duet.lossPercent = 10
        duet.run(for: .seconds(4))
        duet.lossPercent = 0
        duet.run(for: .milliseconds(500))
        let track = try #require(duet.second.heard.first)
        #expect(track.received > 600)
        #expect(track.lost == 0)
        #expect(track.hidden == 0)
        #expect(duet.second.counts.askedAgain > 30)
        #expect(duet.first.counts.repeated > 30)
        #expect((duet.second.counts.repaired > 0) == repairs)
        #expect(duet.second.counts.spoilt == 0)
    }

    @Test func `asks for a picture that it can begin with`() throws {
        var duet = Duet()
        let index = duet.first.publish(screen, stream: "screen")
        try duet.agree()
        duet.isCut = false
        duet.lossPercent = 100
        duet.run(for: .milliseconds(300))
        duet.lossPercent = 0
        duet.run(for: .seconds(1))
        #expect(duet.second.counts.picturesAsked > 0)
        #expect(duet.events.first.contains(.pictureWanted(track: index)))
        #expect(duet.second.heard.first?.hasPicture == true)
    }

    @Test func `reports what arrives, and when`() throws {
        var duet = Duet()
        _ = duet.first.publish(voice, stream: "mic")
        try duet.agree()
        duet.run(for: .seconds(3))
        #expect(duet.second.counts.arrivalReportsOut > 8)
        #expect(duet.first.counts.arrivalReportsIn == duet.second.counts.arrivalReportsOut)
        #expect(duet.second.counts.reportsOut > duet.second.counts.arrivalReportsOut)
    }

    @Test func `sends nothing while it is muted, and goes on where it was`() throws {
        var duet = Duet()
        let index = duet.first.publish(voice, stream: "mic")
        try duet.agree()
        duet.run(for: .milliseconds(500))
        duet.first.sent[index].isOn = false
        duet.run(for: .milliseconds(50))
        duet.heard.second = []
        duet.run(for: .seconds(1))
        #expect(duet.heard.second.isEmpty)
        duet.first.sent[index].isOn = true
        duet.run(for: .seconds(1))
        #expect(40...60 ~= duet.heard.second.count)
        #expect(duet.second.heard.first?.lost == 0)
    }

    @Test func `finds nobody where nobody answers`() throws {
        var duet = Duet()
        _ = duet.first.publish(voice, stream: "mic")
        duet.isCut = true
        try duet.agree()
        duet.run(for: .seconds(16))
        #expect(duet.events.first == [.over(.unreachable)])
    }

    @Test func `notices that the other is gone`() throws {
        var duet = Duet()
        _ = duet.first.publish(voice, stream: "mic")
        try duet.agree()
        duet.run(for: .milliseconds(500))
        duet.isCut = true
        duet.run(for: .seconds(35))
        #expect(duet.events.first.last == .over(.silent))
    }

    @Test func `says goodbye`() throws {
        var duet = Duet()
        _ = duet.first.publish(voice, stream: "mic")
        try duet.agree()
        duet.run(for: .milliseconds(500))
        duet.hangUp()
        duet.run(for: .milliseconds(100))
        #expect(duet.events.second.last == .over(.goodbye))
    }

    @Test func `says what is wrong with a description`() throws {
        var duet = Duet()
        #expect(throws: CallerFault.hasNoCredentials) {
            _ = try duet.second.take(
                offer: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
                at: duet.now
            )
        }
        #expect(throws: CallerFault.wasNotAsked) {
            try duet.first.take(answer: "v=0\r\n", at: duet.now)
        }
    }
}
