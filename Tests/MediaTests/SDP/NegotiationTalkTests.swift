import Media
import Testing

/// Repeats conversations that were held with real browsers: their part is in the fixtures, ours is
/// negotiated anew.
@Suite struct `A conversation with a browser` {
    @Test(arguments: ["chromium", "firefox"])
    func `goes as it went`(browser: String) throws {
        var talk = try Talk(with: browser)

        // Data channels alone.
        var changes = try talk.hear("01-offer")
        #expect(changes.areChannelsChanged && changes.sections.isEmpty)
        #expect(talk.negotiation.transport?.isActive == false)
        #expect(talk.negotiation.transport?.channels?.port == 5_000)

        // Two guests.
        try talk.send(1, .audio, "A", "voice", [.opus])
        try talk.send(2, .video, "A", "video", [.vp8], repaired: true)
        try talk.send(3, .video, "B", "screen", [.av1, .vp8])
        changes = try talk.offer(answered: "04-answer")
        #expect(changes.sections.map(\.mid) == ["1", "2", "3"])
        #expect(changes.sections.allSatisfy { $0.reception == nil })
        #expect(talk.isSent == ["1": 1, "2": 2, "3": 3])
        #expect(talk.section("3")?.transmission?.codecs.map(\.codec) == [.av1, .vp8])
        let repaired = try #require(talk.section("2")?.transmission?.codecs.first)
        #expect(repaired.payloadType == PayloadType(96))
        #expect(repaired.repairPayloadType == PayloadType(97))
        #expect(repaired.feedback == [.nack, .pli, .fir, .remb, .transportCC])

        // The microphone comes up the line on which the first voice goes down.
        changes = try talk.hear("05-offer")
        #expect(changes.sections.map(\.mid) == ["1"])
        let voice = try #require(talk.section("1"))
        #expect(voice.transmission?.track.id == 1 && voice.transmission?.isActive == true)
        #expect(voice.reception?.codecs.map(\.codec).first == .opus)
        #expect(voice.reception?.sources.count == 1)
        #expect(voice.reception?.extensions[.audioLevel] == 1)
        #expect(voice.reception?.streamIDs.count == 1)

        // A screen in two encodings.
        changes = try talk.hear("07-offer")
        #expect(changes.sections.map(\.mid) == ["4"])
        let screen = try #require(talk.section("4")?.reception)
        #expect(screen.layers.map(\.rid) == ["l", "h"])
        #expect(screen.extensions[.rid] != nil && screen.extensions[.repairedRID] != nil)
        #expect(talk.lastAnswer.contains("a=simulcast:recv l;h\r\n"))
        #expect(talk.lastAnswer.contains("a=rid:l recv\r\na=rid:h recv\r\n"))

        // Two stop, one begins: it may not have their lines before the browser knows them silent.
        talk.negotiation.stop(1)
        talk.negotiation.stop(3)
        try talk.send(4, .audio, "C", "voice", [.opus, .red])
        _ = try talk.offer(answered: "10-answer")
        #expect(talk.isSent == ["2": 2, "5": 4])
        #expect(talk.section("1")?.reception != nil)
        #expect(talk.section("4")?.reception?.layers.count == 2)

        // Two more. Now they do.
        try talk.send(5, .audio, "D", "voice", [.opus])
        try talk.send(6, .video, "D", "video", [.vp9, .h264, .vp8], repaired: true)
        _ = try talk.offer(answered: "12-answer")
        #expect(talk.isSent == ["1": 5, "2": 2, "3": 6, "5": 4])

        // The browser stops its screen for good; the place goes to somebody under a new mid.
        changes = try talk.hear("13-offer")
        #expect(changes.ended == ["4"])
        try talk.send(7, .video, "E", "video", [.vp8])
        changes = try talk.offer(answered: "16-answer")
        #expect(talk.isSent == ["1": 5, "2": 2, "3": 6, "5": 4, "6": 7])

        // Microphone off, then microphone and camera on.
        _ = try talk.hear("17-offer")
        #expect(talk.negotiation.sections.allSatisfy { $0.reception == nil })
        _ = try talk.hear("19-offer")
        #expect(talk.negotiation.sections.count { $0.reception != nil } == 2)
        #expect(talk.isSent.count == 5)

        // ICE anew, once from each side.
        var before = talk.negotiation.localCredentials
        changes = try talk.hear("21-offer")
        #expect(changes.isICERestarted && !changes.isHandshakeRenewed)
        #expect(talk.negotiation.localCredentials != before)
        before = talk.negotiation.localCredentials
        talk.negotiation.restartICE(with: talk.fresh())
        changes = try talk.offer(answered: "24-answer")
        #expect(changes.isICERestarted)
        #expect(talk.negotiation.localCredentials != before)
        #expect(!talk.negotiation.needsOffer)

        // Both at once: the browser gives way.
        try talk.send(8, .audio, "F", "voice", [.opus])
        let offer = talk.negotiation.makeOffer()
        #expect(offer != nil)
        let glare = try talk.negotiation.receive(offer: talk.text("26-glare"), fresh: talk.fresh())
        #expect(glare == .ignoredWhileOffering)
        changes = try talk.negotiation.receive(answer: talk.text("27-answer"))
        #expect(changes.sections.map(\.mid) == ["7"])
        _ = try talk.hear("28-offer")
        #expect(talk.section("8")?.reception == nil)

        // The same camera twice, in two codecs.
        changes = try talk.hear("30-offer")
        let cameras = changes.sections.compactMap(\.reception)
        #expect(cameras.map { $0.codecs.map(\.codec) } == [[.vp8], [.av1]])
        #expect(Set(cameras.map(\.streamIDs)).count == 1)
        #expect(talk.isSent == ["1": 5, "2": 2, "3": 6, "5": 4, "6": 7, "7": 8])
    }

    /// aiortc gives VP8's number to Opus, and VP8 another, in sections that were agreed upon.
    @Test func `follows a peer that counts anew`() throws {
        var talk = try Talk(with: "aiortc")
        _ = try talk.hear("01-offer")
        try talk.send(1, .audio, "A", "voice", [.opus])
        try talk.send(2, .video, "A", "video", [.vp8], repaired: true)
        _ = try talk.offer(answered: "04-answer")
        #expect(talk.section("2")?.transmission?.codecs.first?.payloadType == PayloadType(96))
        let changes = try talk.hear("05-offer")
        #expect(changes.sections.map(\.mid) == ["1", "2"])
        #expect(talk.section("1")?.transmission?.codecs.first?.payloadType == PayloadType(96))
        #expect(talk.section("2")?.transmission?.codecs.first?.payloadType == PayloadType(97))
        try talk.send(3, .video, "B", "screen", [.vp8])
        let offer = talk.negotiation.makeOffer()
        let sections = try SessionDescription(#require(offer)).sections
        #expect(sections[3].formats.map(\.payloadType) == [PayloadType(97)])
    }
}

private struct Ignored: Error {}

/// One side of a conversation whose other side is on file.
private struct Talk {
    let browser: String
    var negotiation: Negotiation
    var lastAnswer = ""
    private var credentialCount = 0

    init(with browser: String) throws {
        self.browser = browser
        negotiation = .forTests()
    }

    /// Which track each section carries.
    var isSent: [String: UInt64] {
        let pairs = negotiation.sections.compactMap { section in
            section.transmission.flatMap { $0.isActive ? (section.mid, $0.track.id) : nil }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    func text(_ name: String) throws -> String { try SDPFixtures.text("\(browser)-talk-\(name)") }

    func section(_ mid: String) -> Negotiation.Section? {
        negotiation.sections.first { $0.mid == mid }
    }

    mutating func fresh() -> Negotiation.Credentials {
        credentialCount += 1
        return .numbered(credentialCount)
    }

    mutating func send(
        _ id: UInt64,
        _ kind: MediaKind,
        _ stream: String,
        _ type: String,
        _ codecs: [Codec],
        repaired: Bool = false
    ) throws {
        let track = OutgoingTrack(
            id: id,
            kind: kind,
            streamID: stream,
            trackID: "\(type)_\(stream)_12345678",
            codecs: codecs,
            ssrc: SSRC(UInt32(1_000 + id * 2)),
            retransmissionSSRC: repaired ? SSRC(UInt32(1_001 + id * 2)) : nil
        )
        try negotiation.send(track)
    }

    mutating func hear(_ name: String) throws -> Negotiation.Changes {
        let offer = try text(name)
        let reply = try negotiation.receive(offer: offer, fresh: fresh())
        guard case .answer(let answer, let changes) = reply else {
            throw Ignored()
        }
        lastAnswer = answer
        let written = try SessionDescription(answer)
        let heard = try SessionDescription(offer)
        checkAnswer(written, to: heard)
        return changes
    }

    mutating func offer(answered name: String) throws -> Negotiation.Changes {
        let offer = negotiation.makeOffer()
        let description = try SessionDescription(#require(offer))
        #expect(Set(negotiation.mediaMap.keys) == Set(description.sendingMIDs))
        return try negotiation.receive(answer: text(name))
    }

    private func checkAnswer(_ answer: SessionDescription, to offer: SessionDescription) {
        #expect(answer.isICELite)
        #expect(answer.sections.map(\.kind) == offer.sections.map(\.kind))
        #expect(answer.sections.map(\.mid) == offer.sections.map(\.mid))
        #expect(answer.sections.map(\.isRejected) == offer.sections.map(\.isRejected))
        #expect(answer.bundles == offer.bundles)
        #expect(answer.sections.allSatisfy { $0.isRejected || $0.setup == .passive })
    }
}
