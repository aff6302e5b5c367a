import Media
import Testing

@Suite struct `A negotiation` {
    private static let transport = """
        a=ice-ufrag:theirs
        a=ice-pwd:theirpassword0123456789
        a=fingerprint:sha-256 00:11:22
        a=setup:actpass
        """
    private static let audio = """
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        a=mid:a
        a=rtcp-mux
        a=rtpmap:111 opus/48000/2
        \(transport)
        """
    private static let video = """
        m=video 9 UDP/TLS/RTP/SAVPF 96
        a=mid:v
        a=rtcp-mux
        a=rtpmap:96 VP8/90000
        \(transport)
        """
    private static let channels = """
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
        a=mid:d
        a=sctp-port:5000
        \(transport)
        """

    private static func offer(
        _ sections: String...,
        bundle: String = "a=group:BUNDLE a v d\n"
    )
        -> String
    {
        "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n" + bundle + sections.joined(separator: "\n")
    }

    private func answer(
        _ negotiation: inout Negotiation,
        _ offer: String
    ) throws -> (description: SessionDescription, changes: Negotiation.Changes) {
        let reply = try negotiation.receive(offer: offer, fresh: .numbered(99))
        guard case .answer(let text, let changes) = reply else { throw Unanswered() }
        return (try SessionDescription(text), changes)
    }

    private struct Unanswered: Error {}

    private func fault(
        _ negotiation: inout Negotiation,
        _ offer: String
    ) -> NegotiationFault? {
        do {
            _ = try negotiation.receive(offer: offer, fresh: .numbered(99))
            return nil
        } catch {
            return error
        }
    }

    // MARK: The transport

    @Test(arguments: [
        ("actpass", SessionDescription.Setup.passive), ("active", .passive), ("passive", .active),
    ])
    func `lets the peer begin the handshake whenever it will`(
        offered: String,
        answered: SessionDescription.Setup
    ) throws {
        var negotiation = Negotiation.forTests()
        let offer = Self.offer(Self.audio).replacing("actpass", with: offered)
        let (description, _) = try answer(&negotiation, offer)
        #expect(description.sections[0].setup == answered)
        #expect(negotiation.transport?.isActive == (answered == .active))
        // Roles stay, whoever offers.
        let again = try answer(&negotiation, offer.replacing(offered, with: "actpass"))
        #expect(again.description.sections[0].setup == answered)
        #expect(!again.changes.isHandshakeRenewed)
        try negotiation.send(.numbered(1, .audio, [.opus]))
        let text = negotiation.makeOffer()
        #expect(try SessionDescription(#require(text)).sections[0].setup == answered)
    }

    @Test func `refuses that nobody begins, and keeps who has begun`() throws {
        var negotiation = Negotiation.forTests()
        _ = try answer(&negotiation, Self.offer(Self.audio))
        let waiting = Self.offer(Self.audio).replacing("actpass", with: "passive")
        let (kept, same) = try answer(&negotiation, waiting)
        #expect(kept.sections[0].setup == .passive && !same.isHandshakeRenewed)
        let later = Self.offer(Self.audio).replacing("actpass", with: "holdconn")
        #expect(fault(&negotiation, later) == .role)
        // Another certificate begins another handshake, whose roles are free.
        let renewed = waiting.replacing("00:11:22", with: "33:44:55")
        let (description, changes) = try answer(&negotiation, renewed)
        #expect(description.sections[0].setup == .active)
        #expect(changes.isHandshakeRenewed)
    }

    @Test func `describes a lite agent and where it is`() throws {
        var negotiation = Negotiation.forTests()
        let (description, _) = try answer(&negotiation, Self.offer(Self.audio, Self.video))
        #expect(description.isICELite)
        #expect(description.bundles == [["a", "v"]])
        let (audio, video) = (description.sections[0], description.sections[1])
        #expect(audio.candidates == negotiation.candidates && audio.endsCandidates)
        #expect(video.candidates.isEmpty)
        for section in [audio, video] {
            #expect(section.ufrag == negotiation.localCredentials.ufrag)
            #expect(section.fingerprints == [.init(function: "sha-256", value: "AB:CD:EF")])
            #expect(section.multiplexesRTCP && !section.isRejected)
        }
        let transport = try #require(negotiation.transport)
        #expect(transport.credentials.ufrag == "theirs")
        #expect(transport.fingerprints.map(\.description) == ["sha-256 00:11:22"])
        #expect(transport.channels == nil)
    }

    @Test func `refuses another lite agent`() {
        var negotiation = Negotiation.forTests()
        let offer = Self.offer(Self.audio, bundle: "a=ice-lite\n")
        #expect(fault(&negotiation, offer) == .bothLite)
    }

    @Test func `takes fresh credentials when the peer restarts ICE, and only then`() throws {
        var negotiation = Negotiation.forTests()
        let first = try answer(&negotiation, Self.offer(Self.audio))
        #expect(!first.changes.isICERestarted)
        let again = try answer(&negotiation, Self.offer(Self.audio))
        #expect(!again.changes.isICERestarted)
        #expect(negotiation.localCredentials == .numbered(0))
        let restart = Self.offer(Self.audio).replacing("theirpassword", with: "thatpassword1")
        let last = try answer(&negotiation, restart)
        #expect(last.changes.isICERestarted)
        #expect(negotiation.localCredentials == .numbered(99))
        #expect(
            last.description.sections[0].password == Negotiation.Credentials.numbered(99).password
        )
    }

    @Test func `restarts ICE on its own with the next offer`() throws {
        var negotiation = Negotiation.forTests()
        _ = try answer(&negotiation, Self.offer(Self.audio))
        negotiation.restartICE(with: .numbered(5))
        #expect(negotiation.needsOffer)
        let offer = negotiation.makeOffer()
        let text = try #require(offer)
        #expect(try SessionDescription(text).sections[0].ufrag == "u10005")
        #expect(negotiation.localCredentials == .numbered(0))
        // The offer is lost, the wish is not.
        negotiation.rollback()
        #expect(negotiation.needsOffer)
        _ = negotiation.makeOffer()
        let answered = Self.offer(Self.audio)
            .replacing("actpass", with: "active").replacing("theirs", with: "renewed")
        let changes = try negotiation.receive(answer: answered)
        #expect(changes.isICERestarted)
        #expect(negotiation.localCredentials == .numbered(5))
        #expect(!negotiation.needsOffer)
    }

    @Test func `finds the transport in the section that the bundle names first`() throws {
        var negotiation = Negotiation.forTests()
        let silent = Self.video.replacing("\n" + Self.transport, with: "")
        let offer = Self.offer(silent, Self.audio, bundle: "a=group:BUNDLE a v\n")
        let (description, _) = try answer(&negotiation, offer)
        #expect(description.sections.allSatisfy { !$0.isRejected })
        #expect(description.bundles == [["a", "v"]])
        #expect(description.sections[0].candidates.isEmpty)
        #expect(description.sections[1].candidates == negotiation.candidates)
        let nothing = Self.offer(silent, bundle: "a=group:BUNDLE v\n")
        var other = Negotiation.forTests()
        #expect(fault(&other, nothing) == .noCredentials)
        let unproved = Self.offer(Self.audio).replacing(
            "a=fingerprint:sha-256 00:11:22\n",
            with: ""
        )
        #expect(fault(&other, unproved) == .noFingerprint)
    }

    // MARK: Sections

    @Test func `has room for one section if the peer knows no bundles`() throws {
        var negotiation = Negotiation.forTests()
        let mute = { (section: String) in
            section.split(separator: "\n").filter { !$0.hasPrefix("a=mid") }.joined(separator: "\n")
        }
        let offer = Self.offer(mute(Self.audio), mute(Self.video), bundle: "")
        let (description, _) = try answer(&negotiation, offer)
        #expect(description.sections.map(\.isRejected) == [false, true])
        #expect(description.sections.map(\.mid) == [nil, nil])
        #expect(description.bundles.isEmpty)
        #expect(negotiation.sections.map(\.mid) == ["0"])
    }

    @Test func `rejects sections outside the bundle, but never those that were in it`() throws {
        var negotiation = Negotiation.forTests()
        let offer = Self.offer(Self.audio, Self.video, bundle: "a=group:BUNDLE a\n")
        let (description, _) = try answer(&negotiation, offer)
        #expect(description.sections.map(\.isRejected) == [false, true])
        #expect(description.bundles == [["a"]])
        let left = Self.offer(Self.audio, Self.video, bundle: "a=group:BUNDLE v\n")
        #expect(fault(&negotiation, left) == .unbundled(index: 0))
    }

    @Test func `rejects what it cannot forward`() throws {
        var negotiation = Negotiation.forTests()
        let text = "m=text 9 UDP/TLS/RTP/SAVPF 98\na=mid:t\n\(Self.transport)"
        let clear = Self.audio.replacing("UDP/TLS/RTP/SAVPF", with: "RTP/AVP")
        let old = Self.video.replacing("VP8", with: "H263")
        let second = Self.channels.replacing("a=mid:d", with: "a=mid:e")
        let offer = Self.offer(
            text,
            clear,
            old,
            Self.channels,
            second,
            bundle: "a=group:BUNDLE t a v d e\n"
        )
        let (description, _) = try answer(&negotiation, offer)
        #expect(description.sections.map(\.isRejected) == [true, true, true, false, true])
        #expect(description.sections.map(\.mid) == ["t", "a", "v", "d", "e"])
        #expect(description.bundles == [["d"]])
    }

    @Test func `wants RTP and RTCP on one port`() {
        var negotiation = Negotiation.forTests()
        let offer = Self.offer(Self.audio.replacing("a=rtcp-mux\n", with: ""))
        #expect(fault(&negotiation, offer) == .unmultiplexed(index: 0))
    }

    @Test func `is as it was when an offer can't be taken`() throws {
        var negotiation = Negotiation.forTests()
        _ = try answer(&negotiation, Self.offer(Self.audio, Self.video))
        let before = negotiation.sections
        let transport = negotiation.transport
        let reversed = Self.offer(Self.video, Self.audio)
        #expect(fault(&negotiation, reversed) == .sectionChanged(index: 0))
        let fewer = Self.offer(Self.audio)
        #expect(fault(&negotiation, fewer) == .sectionsMissing(count: 2))
        let renamed = Self.offer(Self.audio.replacing("a=mid:a", with: "a=mid:x"), Self.video)
        #expect(fault(&negotiation, renamed) == .sectionChanged(index: 0))
        #expect(fault(&negotiation, "") == .description(fault(in: "")))
        // Half of this one could be taken.
        let half = Self.offer(Self.audio, Self.video.replacing("a=rtcp-mux\n", with: ""))
            .replacing("theirs", with: "others")
        #expect(fault(&negotiation, half) == .unmultiplexed(index: 1))
        #expect(fault(&negotiation, "v=0") == .noSections)
        #expect(negotiation.sections == before)
        #expect(negotiation.transport == transport)
        let again = try answer(&negotiation, Self.offer(Self.audio, Self.video)).changes
        #expect(again.sections.isEmpty && again.ended.isEmpty && !again.isICERestarted)
    }

    private func fault(in text: String) -> SDPFault {
        do {
            _ = try SessionDescription(text)
            preconditionFailure("there is no fault in this description")
        } catch {
            return error
        }
    }

    @Test func `limits how many sections a peer opens, not how many it gets`() throws {
        var capabilities = Negotiation.Capabilities()
        capabilities.sectionLimit = 2
        var negotiation = Negotiation.forTests(capabilities)
        let offer = Self.offer(Self.channels, Self.audio, Self.video)
        #expect(fault(&negotiation, offer) == .tooManySections(limit: 2))
        _ = try answer(&negotiation, Self.offer(Self.channels, Self.audio))
        for id in 1...300 { try negotiation.send(.numbered(UInt64(id), .audio, [.opus])) }
        let text = negotiation.makeOffer()
        #expect(try SessionDescription(#require(text), sizeLimit: 1 << 20).sections.count == 256)
        #expect(negotiation.mediaMap.count == 254)
        #expect(negotiation.waiting.count == 46)
        #expect(negotiation.waiting.first == 255)
    }

    @Test func `answers data channels as they used to be written`() throws {
        var negotiation = Negotiation.forTests()
        let offer = Self.offer(
            "m=application 9 DTLS/SCTP 5002\na=mid:d\na=sctpmap:5002 webrtc-datachannel 256\n"
                + Self.transport
        )
        let reply = try negotiation.receive(offer: offer, fresh: .numbered(99))
        guard case .answer(let text, _) = reply else { throw Unanswered() }
        #expect(text.contains("m=application 9 DTLS/SCTP 5000\r\n"))
        #expect(text.contains("a=sctpmap:5000 webrtc-datachannel 1024\r\n"))
        #expect(negotiation.transport?.channels?.port == 5_002)
    }
}
