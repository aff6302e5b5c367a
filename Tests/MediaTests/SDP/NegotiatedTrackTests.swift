import Media
import Testing

@Suite struct `An offer of ours` {
    private func connected(
        _ capabilities: Negotiation.Capabilities = Negotiation.Capabilities()
    ) throws -> Negotiation {
        var negotiation = Negotiation.forTests(capabilities)
        let offer = try SDPFixtures.text("chromium-data")
        _ = try negotiation.receive(offer: offer, fresh: .numbered(1))
        return negotiation
    }

    /// What a browser that takes everything would answer.
    private func answer(to offer: String) throws -> SessionDescription {
        var answer = try SessionDescription(offer, sizeLimit: 1 << 20)
        answer.isICELite = false
        let peer = try SDPFixtures.description("chromium-data").sections[0]
        for index in answer.sections.indices {
            answer.sections[index].direction = answer.sections[index].direction.reversed
            answer.sections[index].setup = .active
            answer.sections[index].ufrag = peer.ufrag
            answer.sections[index].password = peer.password
            answer.sections[index].fingerprints = peer.fingerprints
            answer.sections[index].msids = []
            answer.sections[index].sources = []
            answer.sections[index].groups = []
        }
        return answer
    }

    private func exchange(
        _ negotiation: inout Negotiation,
        _ edit: (inout SessionDescription) -> Void = { _ in }
    ) throws -> (offer: SessionDescription, changes: Negotiation.Changes) {
        let text = negotiation.makeOffer()
        let offer = try #require(text)
        var answer = try answer(to: offer)
        edit(&answer)
        let changes = try negotiation.receive(answer: answer.text)
        return (try SessionDescription(offer, sizeLimit: 1 << 20), changes)
    }

    @Test func `is not made when there is nothing to say`() throws {
        var negotiation = try connected()
        #expect(!negotiation.needsOffer)
        #expect(negotiation.makeOffer() == nil)
        try negotiation.send(.numbered(1, .audio, [.opus]))
        negotiation.stop(1)
        negotiation.stop(2)
        #expect(negotiation.makeOffer() == nil)
    }

    @Test func `has the shape that stock clients know`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        try negotiation.send(.numbered(2, .video, [.vp8, .av1], repaired: true))
        let text = negotiation.makeOffer()
        let offer = try #require(text)
        let lines = offer.split(separator: "\r\n")
        for line in [
            "a=ice-lite", "a=group:BUNDLE 0 1 2", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97 45 46", "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize",
            "a=extmap-allow-mixed", "a=rtpmap:111 opus/48000/2",
            "a=fmtp:111 minptime=10;useinbandfec=1", "a=msid:guest1 voice_guest1_x",
            "a=ssrc:1002 cname:guest1", "a=ssrc:1002 msid:guest1 voice_guest1_x",
            "a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96",
            "a=rtcp-fb:96 goog-remb", "a=rtcp-fb:96 transport-cc", "a=rtcp-fb:96 ccm fir",
            "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=ssrc-group:FID 1004 1005",
            "a=ssrc:1005 cname:guest2", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        ] { #expect(lines.contains(line[...]), "\(line) is missing") }
        #expect(!offer.contains("a=simulcast"))
        #expect(lines[7].hasPrefix("m=application"))
        #expect(negotiation.mediaMap.mapValues(\.id) == ["1": 1, "2": 2])
        #expect(negotiation.isOffering && negotiation.makeOffer() == nil)
    }

    @Test func `begins with data channels even before the peer has spoken`() throws {
        var negotiation = Negotiation.forTests()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        let (offer, changes) = try exchange(&negotiation)
        #expect(offer.sections.map(\.kind) == [.application, .audio])
        #expect(offer.sections.allSatisfy { $0.setup == .either })
        #expect(changes.areChannelsChanged)
        #expect(negotiation.transport?.isActive == false)
        #expect(negotiation.sections[0].transmission?.isActive == true)
    }

    @Test func `uses a silent section again, once the peer knows of the silence`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        _ = try exchange(&negotiation)
        negotiation.stop(1)
        #expect(negotiation.mediaMap.isEmpty)
        try negotiation.send(.numbered(2, .audio, [.opus]))
        let second = try exchange(&negotiation)
        #expect(second.offer.sections.map(\.direction) == [.both, .none, .send])
        #expect(second.changes.sections.map(\.mid) == ["1", "2"])
        try negotiation.send(.numbered(3, .audio, [.opus]))
        try negotiation.send(.numbered(4, .video, [.vp8]))
        let third = try exchange(&negotiation)
        #expect(third.offer.sections.map(\.direction) == [.both, .send, .send, .send])
        #expect(third.offer.sections[1].msids.map(\.stream) == ["guest3"])
        #expect(third.offer.sections.map(\.mid) == ["0", "1", "2", "3"])
    }

    @Test func `gives a track with new values another section`() throws {
        var negotiation = try connected()
        var track = OutgoingTrack.numbered(1, .video, [.vp8])
        try negotiation.send(track)
        _ = try exchange(&negotiation)
        track.ssrc = SSRC(7)
        try negotiation.send(track)
        #expect(negotiation.needsOffer && negotiation.mediaMap.isEmpty)
        let (offer, changes) = try exchange(&negotiation)
        #expect(offer.sections.map(\.direction) == [.both, .none, .send])
        #expect(changes.refused.isEmpty)
        #expect(negotiation.mediaMap == ["2": track])
        // The same once more is no news.
        try negotiation.send(track)
        #expect(!negotiation.needsOffer)
    }

    @Test func `goes where the peer asked for something`() throws {
        var negotiation = Negotiation.forTests()
        let text = try SDPFixtures.text("chromium-receive")
        _ = try negotiation.receive(offer: text, fresh: .numbered(1))
        try negotiation.send(.numbered(1, .audio, [.opus]))
        try negotiation.send(.numbered(2, .video, [.h264, .vp8]))
        let (offer, _) = try exchange(&negotiation)
        #expect(offer.sections.count == 3)
        #expect(offer.sections.filter { $0.direction == .send }.count == 2)
        let sent = negotiation.sections.compactMap(\.transmission)
        #expect(sent.map { $0.codecs.map(\.codec) } == [[.opus], [.h264, .vp8]])
        #expect(sent[1].codecs.map(\.payloadType) == [PayloadType(108), PayloadType(96)])
    }

    @Test func `takes numbers that nothing else has`() throws {
        var negotiation = Negotiation.forTests()
        let peer = try SDPFixtures.description("aiortc-audio-video")
        _ = try negotiation.receive(offer: peer.text, fresh: .numbered(1))
        try negotiation.send(.numbered(1, .video, [.vp8, .vp9, .av1], repaired: true))
        let text = negotiation.makeOffer()
        let offer = try SessionDescription(#require(text))
        let section = try #require(offer.sections.last)
        // 96 is its Opus and 97 its VP8; VP9 keeps clear of its H.264 and that of its repairs.
        #expect(section.formats.first?.payloadType == PayloadType(97))
        var meanings: [PayloadType: String] = [:]
        for format in peer.sections.flatMap(\.formats) + section.formats where format.name != "" {
            let meaning = "\(format.name.lowercased()) \(format.parameters)"
            if let known = meanings[format.payloadType] { #expect(known == meaning) }
            meanings[format.payloadType] = meaning
        }
        var uris: [UInt8: String] = [:]
        for one in peer.sections.flatMap(\.extensions) + section.extensions {
            if let known = uris[one.id] { #expect(known == one.uri) }
            uris[one.id] = one.uri
        }
    }

    // MARK: The answer

    @Test func `is not repeated for a track that the peer refused`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        try negotiation.send(.numbered(2, .video, [.h264]))
        let (_, changes) = try exchange(&negotiation) { answer in
            answer.sections[2].port = 0
            answer.bundles = [["0", "1"]]
        }
        #expect(changes.refused == [2])
        #expect(changes.sections.map(\.mid) == ["1"])
        #expect(!negotiation.needsOffer)
        // Asked again, it goes to the place of the refused section.
        try negotiation.send(.numbered(2, .video, [.vp8]))
        let (offer, _) = try exchange(&negotiation)
        #expect(offer.sections.map(\.mid) == ["0", "1", "3"])
        #expect(negotiation.sections.map(\.mid) == ["1", "3"])
    }

    @Test func `says which codecs and numbers the peer takes`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .video, [.av1, .vp9, .vp8], repaired: true))
        _ = try exchange(&negotiation) { answer in
            // No AV1, VP8 first under a number of its own, no repairs.
            let formats = answer.sections[1].formats
            var vp8 = formats.filter { $0.name == "VP8" }
            vp8[0].payloadType = PayloadType(120)
            vp8[0].feedback = [.nack, .pli]
            answer.sections[1].formats = vp8 + formats.filter { $0.name == "VP9" }
            answer.sections[1].extensions = answer.sections[1].extensions.filter { $0.id == 4 }
        }
        let sent = try #require(negotiation.sections.first?.transmission)
        #expect(sent.isActive)
        #expect(sent.codecs.map(\.codec) == [.vp9, .vp8])
        #expect(sent.codecs.map(\.payloadType) == [PayloadType(98), PayloadType(120)])
        #expect(sent.codecs.map(\.repairPayloadType) == [nil, nil])
        #expect(sent.codecs[1].feedback == [.nack, .pli])
        #expect(sent.extensions == [.mid: 4])
    }

    @Test func `waits for a peer that does not want to receive`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        _ = try exchange(&negotiation) { $0.sections[1].direction = .none }
        #expect(negotiation.sections[0].transmission?.isActive == false)
        #expect(!negotiation.needsOffer)
        #expect(negotiation.mediaMap.keys.sorted() == ["1"])
    }

    /// pion is active in the handshake, and says passive ever after.
    @Test(arguments: [SessionDescription.Setup.active, .passive, .either, .later])
    func `leaves the handshake that was done as it is, whatever the answer says`(
        said: SessionDescription.Setup
    ) throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        let (_, changes) = try exchange(&negotiation) { answer in
            for index in answer.sections.indices { answer.sections[index].setup = said }
        }
        #expect(!changes.isHandshakeRenewed)
        #expect(negotiation.transport?.isActive == false)
    }

    @Test func `stays open until a fine answer comes, or it is taken back`() throws {
        var negotiation = try connected()
        #expect(throws: NegotiationFault.unexpectedAnswer) {
            try negotiation.receive(answer: SDPFixtures.text("chromium-talk-04-answer"))
        }
        try negotiation.send(.numbered(1, .audio, [.opus]))
        let text = negotiation.makeOffer()
        let offer = try #require(text)
        let good = try answer(to: offer)
        let edits: [((inout SessionDescription) -> Void, NegotiationFault)] = [
            ({ $0.sections.removeLast() }, .sectionCount(offered: 2, answered: 1)),
            ({ $0.sections.swapAt(0, 1) }, .sectionChanged(index: 0)),
            ({ $0.sections[1].mid = "x" }, .sectionChanged(index: 1)),
            ({ $0.bundles = [["0"]] }, .unbundled(index: 1)),
            ({ $0.bundles = [] }, .unbundled(index: 1)),
            ({ $0.sections[1].multiplexesRTCP = false }, .unmultiplexed(index: 1)),
            ({ $0.isICELite = true }, .bothLite),
        ]
        for (edit, expected) in edits {
            var bad = good
            edit(&bad)
            #expect(throws: expected) { try negotiation.receive(answer: bad.text) }
        }
        #expect(negotiation.isOffering && negotiation.sections.isEmpty)
        negotiation.rollback()
        #expect(negotiation.needsOffer && !negotiation.isOffering)
        let again = try exchange(&negotiation)
        #expect(again.offer.version > (try SessionDescription(offer).version))
        #expect(again.changes.sections.map(\.mid) == ["1"])
    }

    /// The offer may have been taken, and only its answer lost.
    @Test func `has no fewer sections than one that was taken back`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        try negotiation.send(.numbered(2, .video, [.vp8]))
        let text = negotiation.makeOffer()
        let lost = try SessionDescription(#require(text), sizeLimit: 1 << 20)
        #expect(lost.sendingMIDs == ["1", "2"])
        negotiation.rollback()
        negotiation.stop(1)
        let next = try exchange(&negotiation).offer
        #expect(next.sections.map(\.mid) == lost.sections.map(\.mid))
        #expect(next.sections.map(\.kind) == lost.sections.map(\.kind))
        #expect(next.sendingMIDs == ["2"])
        // A page that knew the first in its section has heard now that it is silent.
        try negotiation.send(.numbered(3, .audio, [.opus]))
        #expect(try exchange(&negotiation).offer.sendingMIDs == ["1", "2"])
    }

    @Test func `gives no section another meaning than in one that was taken back`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        #expect(negotiation.makeOffer() != nil)
        negotiation.rollback()
        negotiation.stop(1)
        #expect(!negotiation.needsOffer)
        #expect(negotiation.makeOffer() == nil)
        try negotiation.send(.numbered(2, .video, [.vp8]))
        let next = try exchange(&negotiation).offer
        #expect(next.sections.map(\.kind) == [.application, .audio, .video])
        #expect(next.sections.map(\.mid) == ["0", "1", "2"])
        #expect(next.sendingMIDs == ["2"])
    }

    /// A peer's own offer says which sections it knows of.
    @Test func `forgets sections that were taken back once the peer has shown not to know them`()
        throws
    {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        #expect(negotiation.makeOffer() != nil)
        negotiation.rollback()
        let offer = try SDPFixtures.text("chromium-data")
        guard case .answer = try negotiation.receive(offer: offer, fresh: .numbered(2)) else {
            Issue.record("it was ignored")
            return
        }
        negotiation.stop(1)
        try negotiation.send(.numbered(2, .video, [.vp8]))
        let next = try exchange(&negotiation).offer
        #expect(next.sections.map(\.kind) == [.application, .video])
    }

    @Test func `lets the newest answer to its last offer hold`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        _ = try exchange(&negotiation)
        negotiation.stop(1)
        var silent = ""
        _ = try exchange(&negotiation) { answer in
            answer.sections[1].direction = .none
            silent = answer.text
        }
        try negotiation.send(.numbered(2, .audio, [.opus]))
        let text = negotiation.makeOffer()
        let offer = try #require(text)
        // The offer before was said twice, and this is the other answer to it.
        _ = try negotiation.receive(answer: silent)
        #expect(negotiation.sections.first?.transmission?.isActive != true)
        let own = try negotiation.receive(answer: answer(to: offer).text)
        #expect(own.sections.map(\.mid) == ["1"])
        #expect(negotiation.sections.first?.transmission?.isActive == true)
        #expect(negotiation.sections.first?.transmission?.track.id == 2)
        #expect(!negotiation.needsOffer)
    }

    @Test func `knows an answer to an earlier offer by how many sections it has`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        let text = negotiation.makeOffer()
        let first = try answer(to: #require(text))
        _ = try negotiation.receive(answer: first.text)
        try negotiation.send(.numbered(2, .audio, [.opus]))
        let next = negotiation.makeOffer()
        #expect(throws: NegotiationFault.staleAnswer) {
            try negotiation.receive(answer: first.text)
        }
        #expect(negotiation.isOffering)
        _ = try negotiation.receive(answer: answer(to: #require(next)).text)
        #expect(throws: NegotiationFault.staleAnswer) {
            try negotiation.receive(answer: first.text)
        }
        #expect(negotiation.sections.map(\.mid) == ["1", "2"])
    }

    @Test func `can't bring a stopped section back`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .video, [.vp8]))
        _ = try exchange(&negotiation) { answer in
            answer.sections[1].port = 0
            answer.bundles = [["0"]]
        }
        negotiation.restartICE(with: .numbered(3))
        let text = negotiation.makeOffer()
        let offer = try #require(text)
        var answer = try answer(to: offer)
        #expect(answer.sections[1].isRejected)
        answer.sections[1].port = 9
        #expect(throws: NegotiationFault.revived(index: 1)) {
            try negotiation.receive(answer: answer.text)
        }
    }

    @Test func `wants names that can be written`() throws {
        var negotiation = try connected()
        for name in ["", "a b", "a\r\nb", "é", String(repeating: "x", count: 257)] {
            var track = OutgoingTrack.numbered(1, .audio, [.opus])
            track.streamID = name
            #expect(throws: NegotiationFault.unwritableTrack(id: 1)) { try negotiation.send(track) }
        }
        let wrong = OutgoingTrack.numbered(2, .audio, [.vp8])
        #expect(throws: NegotiationFault.unwritableTrack(id: 2)) { try negotiation.send(wrong) }
    }

    // MARK: The peer's next offer

    @Test func `keeps what is sent when the peer offers on the same section`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .video, [.vp8]))
        try negotiation.send(.numbered(2, .video, [.vp8]))
        let (ours, _) = try exchange(&negotiation)
        var offer = try answer(to: ours.text)
        for index in offer.sections.indices { offer.sections[index].setup = .either }
        offer.sections[1].direction = .both
        offer.sections[1].msids = [.init(stream: "camera", track: "c")]
        offer.sections[2].direction = .none
        negotiation.stop(2)
        let reply = try negotiation.receive(offer: offer.text, fresh: .numbered(2))
        guard case .answer(let text, let changes) = reply else {
            Issue.record("the offer was ignored")
            return
        }
        let answered = try SessionDescription(text)
        #expect(answered.sections.map(\.direction) == [.both, .both, .none])
        #expect(answered.sections[1].msids.map(\.stream) == ["guest1"])
        #expect(changes.sections.map(\.mid) == ["1", "2"])
        #expect(negotiation.sections[0].transmission?.isActive == true)
        #expect(negotiation.sections[0].reception?.streamIDs == ["camera"])
        #expect(negotiation.sections[1].transmission == nil)
        // The next offer of ours keeps receiving.
        try negotiation.send(.numbered(3, .video, [.vp8]))
        let next = negotiation.makeOffer()
        let directions = try SessionDescription(#require(next)).sections.map(\.direction)
        #expect(directions == [.both, .both, .send])
    }

    @Test func `is kept to the track's codecs when the peer offers all it knows again`() throws {
        var negotiation = try connected()
        try negotiation.send(.numbered(1, .video, [.vp8]))
        let (ours, _) = try exchange(&negotiation)
        var offer = try answer(to: ours.text)
        offer.sections[1].setup = .either
        var other = SessionDescription.Format(PayloadType(121))
        (other.name, other.clockRate) = ("VP9", 90_000)
        offer.sections[1].formats.append(other)
        let reply = try negotiation.receive(offer: offer.text, fresh: .numbered(2))
        guard case .answer(let text, _) = reply else {
            Issue.record("the offer was ignored")
            return
        }
        let names = try SessionDescription(text).sections[1].formats.map(\.name)
        #expect(names == ["VP8"])
    }
}
