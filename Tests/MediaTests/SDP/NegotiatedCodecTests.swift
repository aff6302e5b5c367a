import Media
import Testing

@Suite struct `An answer` {
    private func answer(
        _ lines: String,
        kind: String = "video",
        capabilities: Negotiation.Capabilities = Negotiation.Capabilities()
    ) throws -> (section: SessionDescription.Section, agreed: Negotiation.Section?) {
        var negotiation = Negotiation.forTests(capabilities)
        let types = lines.split(separator: "\n").compactMap { line in
            line.hasPrefix("a=rtpmap:") ? line.dropFirst(9).prefix { $0 != " " } : nil
        }
        let offer = """
            v=0
            a=group:BUNDLE 0
            m=\(kind) 9 UDP/TLS/RTP/SAVPF \(types.joined(separator: " "))
            a=mid:0
            a=rtcp-mux
            a=ice-ufrag:theirs
            a=ice-pwd:theirpassword0123456789
            a=fingerprint:sha-256 00:11:22
            a=setup:actpass
            \(lines)
            """
        let reply = try negotiation.receive(offer: offer, fresh: .numbered(9))
        guard case .answer(let text, _) = reply else { throw Ignored() }
        let description = try SessionDescription(text)
        return (try #require(description.sections.first), negotiation.sections.first)
    }

    private struct Ignored: Error {}

    // MARK: Codecs

    @Test func `keeps the peer's numbers and prefers what everybody can show`() throws {
        let (section, agreed) = try answer(
            """
            a=rtpmap:120 H264/90000
            a=fmtp:120 profile-level-id=42E01F; packetization-mode=1
            a=rtpmap:121 vp8/90000
            a=rtpmap:122 rtx/90000
            a=fmtp:122 apt=121;rtx-time=3000
            a=rtpmap:123 VP9/90000
            a=fmtp:123 profile-id=2
            a=rtpmap:124 AV1/90000
            a=rtpmap:125 ulpfec/90000
            """
        )
        #expect(section.formats.map(\.payloadType.rawValue) == [121, 122, 124, 120])
        #expect(section.formats.map(\.name) == ["VP8", "rtx", "AV1", "H264"])
        #expect(section.formats[1].parameters == "apt=121")
        #expect(section.formats[3].parameters == "packetization-mode=1;profile-level-id=42E01F")
        let codecs = try #require(agreed?.reception?.codecs)
        #expect(codecs.map(\.codec) == [.vp8, .av1, .h264])
        #expect(codecs[0].repairPayloadType == PayloadType(122))
        #expect(codecs[1].repairPayloadType == nil)

        var capabilities = Negotiation.Capabilities()
        capabilities.prefersOwnOrder = false
        capabilities.repairs = false
        let theirs = try answer(
            "a=rtpmap:98 VP9/90000\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96",
            capabilities: capabilities
        )
        #expect(theirs.section.formats.map(\.name) == ["VP9", "VP8"])
    }

    /// Table 5 of RFC 6184, and what browsers offer beside it.
    @Test(arguments: [
        ("profile-level-id=42e01f;packetization-mode=1", true),
        ("profile-level-id=42c00a;packetization-mode=1", true),
        ("profile-level-id=4d800d;packetization-mode=1", true),
        ("profile-level-id=58c01f;packetization-mode=1", true),
        ("profile-level-id=42001f;packetization-mode=1", false),
        ("profile-level-id=4d001f;packetization-mode=1", false),
        ("profile-level-id=640c1f;packetization-mode=1", false),
        ("profile-level-id=42e01f;packetization-mode=0", false),
        ("profile-level-id=42e01f", false),
        ("packetization-mode=1", false),
        ("profile-level-id=42e0;packetization-mode=1", false),
        ("profile-level-id=+2e01f;packetization-mode=1", false),
    ])
    func `takes H264 that every browser can decode`(parameters: String, isTaken: Bool) throws {
        let (section, _) = try answer("a=rtpmap:102 H264/90000\na=fmtp:102 \(parameters)")
        #expect(section.isRejected == !isTaken)
    }

    @Test(arguments: [
        ("VP9/90000", "profile-id=0", true), ("VP9/90000", "", true),
        ("VP9/90000", "profile-id=1", false), ("AV1/90000", "profile=0;tier=0", true),
        ("AV1/90000", "profile=1", false), ("VP8/8000", "", false), ("AV1X/90000", "", false),
    ])
    func `takes the first profile of a codec`(
        encoding: String,
        parameters: String,
        isTaken: Bool
    ) throws {
        let (section, _) = try answer("a=rtpmap:45 \(encoding)\na=fmtp:45 \(parameters)")
        #expect(section.isRejected == !isTaken)
    }

    /// GStreamer leaves the channels out where it offers before it has begun to encode.
    @Test(arguments: [("opus/48000/2", true), ("OPUS/48000", true), ("opus/48000/6", false)])
    func `takes Opus that does not say its channels`(encoding: String, isTaken: Bool) throws {
        let (section, agreed) = try answer("a=rtpmap:111 \(encoding)", kind: "audio")
        #expect(section.isRejected == !isTaken)
        #expect(agreed?.reception?.codecs.map(\.codec) == (isTaken ? [.opus] : nil))
        if isTaken { #expect(section.formats[0].channels == 2) }
    }

    @Test func `takes redundancy of Opus only`() throws {
        let (section, agreed) = try answer(
            """
            a=rtpmap:9 G722/8000
            a=rtpmap:63 red/48000/2
            a=fmtp:63 109/109
            a=rtpmap:109 opus/48000/2
            a=rtpmap:110 opus/48000
            a=rtcp-fb:109 transport-cc
            a=rtcp-fb:109 nack
            """,
            kind: "audio"
        )
        #expect(section.formats.map(\.payloadType.rawValue) == [109, 63])
        #expect(section.formats[0].parameters == "minptime=10;useinbandfec=1")
        #expect(section.formats[0].feedback == .transportCC)
        #expect(section.formats[1].parameters == "109/109")
        #expect(agreed?.reception?.codecs.map(\.codec) == [.opus, .red])
        let other = try answer(
            "a=rtpmap:63 red/48000/2\na=fmtp:63 9/9\na=rtpmap:109 opus/48000/2",
            kind: "audio"
        )
        #expect(other.section.formats.map(\.payloadType.rawValue) == [109])
    }

    @Test func `promises the feedback that both know`() throws {
        let (section, agreed) = try answer(
            "a=rtpmap:96 VP8/90000\na=rtcp-fb:96 nack\na=rtcp-fb:96 goog-remb\na=rtcp-fb:96 nack sli"
        )
        #expect(section.formats[0].feedback == [.nack, .remb])
        #expect(agreed?.reception?.codecs.first?.feedback == [.nack, .remb])
    }

    // MARK: Extensions

    @Test func `turns the ways of extensions round`() throws {
        let (section, agreed) = try answer(
            """
            a=rtpmap:96 VP8/90000
            a=extmap:3 \(HeaderExtension.mid.rawValue)
            a=extmap:9/sendonly \(HeaderExtension.rid.rawValue)
            a=extmap:7/recvonly \(HeaderExtension.transportCC.rawValue)
            a=extmap:8 urn:3gpp:video-orientation
            a=extmap:4 \(HeaderExtension.audioLevel.rawValue)
            """
        )
        #expect(
            section.extensions == [
                .init(id: 7, uri: HeaderExtension.transportCC.rawValue, direction: .send),
                .init(id: 3, uri: HeaderExtension.mid.rawValue),
                .init(id: 9, uri: HeaderExtension.rid.rawValue, direction: .receive),
            ]
        )
        #expect(agreed?.reception?.extensions == [.mid: 3, .rid: 9])
    }

    /// Numbers above 14 need headers of the longer kind, which a peer must allow beside the shorter.
    @Test(arguments: [true, false])
    func `sends large numbers only to peers that allow them`(isAllowed: Bool) throws {
        var negotiation = Negotiation.forTests()
        try negotiation.send(.numbered(1, .audio, [.opus]))
        var offer = try SessionDescription(
            """
            v=0
            a=group:BUNDLE 0
            m=audio 9 UDP/TLS/RTP/SAVPF 111
            a=mid:0
            a=rtcp-mux
            a=ice-ufrag:theirs
            a=ice-pwd:theirpassword0123456789
            a=fingerprint:sha-256 00:11:22
            a=setup:actpass
            a=recvonly
            a=rtpmap:111 opus/48000/2
            a=extmap:15 \(HeaderExtension.mid.rawValue)
            a=extmap:14 \(HeaderExtension.transportCC.rawValue)
            """
        )
        offer.sections[0].allowsMixedExtensions = isAllowed
        _ = try negotiation.receive(offer: offer.text, fresh: .numbered(1))
        let ours = negotiation.makeOffer()
        var answer = try SessionDescription(#require(ours))
        #expect(answer.sections[0].msids.first?.track == "voice_guest1_x")
        #expect(answer.sections[0].extensions.contains { $0.id == 14 })
        answer.isICELite = false
        answer.sections[0].setup = .active
        answer.sections[0].direction = .receive
        answer.sections[0].allowsMixedExtensions = isAllowed
        _ = try negotiation.receive(answer: answer.text)
        let sent = try #require(negotiation.sections.first?.transmission?.extensions)
        #expect(sent[.mid] == (isAllowed ? 15 : nil))
        #expect(sent[.transportCC] == 14)
    }

    // MARK: Encodings and sources

    @Test func `takes three encodings, of choices the first that will do`() throws {
        let (section, agreed) = try answer(
            """
            a=rtpmap:96 VP8/90000
            a=rtpmap:97 H263/90000
            a=rid:1 send pt=97
            a=rid:2 send pt=97,96;max-fps=30
            a=rid:3 send max-width=1280
            a=rid:4 send
            a=rid:5 send
            a=rid:6 recv
            a=simulcast:send 1,2;~3;6;4;5
            """
        )
        #expect(section.rids.map(\.id) == ["2", "3", "4"])
        #expect(section.rids.allSatisfy { !$0.sends })
        #expect(section.rids.map(\.restrictions) == ["pt=96;max-fps=30", "max-width=1280", ""])
        let streams: [[SessionDescription.Simulcast.Choice]] = [
            [.init("2")], [.init("3")], [.init("4")],
        ]
        #expect(section.simulcast == .init(receives: streams))
        let layers = try #require(agreed?.reception?.layers)
        #expect(layers.map(\.rid) == ["2", "3", "4"])
        #expect(layers.map(\.isPaused) == [false, true, false])
    }

    @Test func `tells sources from what repairs them`() throws {
        let (_, agreed) = try answer(
            """
            a=rtpmap:96 VP8/90000
            a=msid:- camera
            a=ssrc-group:SIM 1 3
            a=ssrc-group:FID 1 2
            a=ssrc-group:FID 3 4
            a=ssrc-group:FEC-FR 1 5
            a=ssrc:1 cname:x
            a=ssrc:2 cname:x
            a=ssrc:3 cname:x
            a=ssrc:4 cname:x
            a=ssrc:5 cname:x
            """
        )
        let reception = try #require(agreed?.reception)
        #expect(reception.sources.map(\.ssrc.rawValue) == [1, 3])
        #expect(reception.sources.map(\.repair?.rawValue) == [2, 4])
        #expect(reception.streamIDs.isEmpty)
        #expect(reception.trackID == "camera")
        // Older stacks name tracks in the lines of sources alone.
        let old = try answer("a=rtpmap:96 VP8/90000\na=ssrc:7 msid:stream track")
        #expect(old.agreed?.reception?.streamIDs == ["stream"])
        #expect(old.agreed?.reception?.trackID == "track")
    }

    @Test func `says nothing of a peer that only listens`() throws {
        let (section, agreed) = try answer("a=rtpmap:96 VP8/90000\na=recvonly\na=ssrc:7 cname:x")
        #expect(section.direction == .none)
        #expect(agreed != nil && agreed?.reception == nil && agreed?.transmission == nil)
    }

    // MARK: Shapes of peers that are not among the fixtures

    /// Safari puts H.264 before VP8, in two profiles.
    @Test func `suits what Safari offers`() throws {
        let (section, agreed) = try answer(
            """
            a=rtpmap:96 H264/90000
            a=rtcp-fb:96 nack pli
            a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f
            a=rtpmap:97 rtx/90000
            a=fmtp:97 apt=96
            a=rtpmap:98 H264/90000
            a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
            a=rtpmap:99 rtx/90000
            a=fmtp:99 apt=98
            a=rtpmap:100 VP8/90000
            a=rtpmap:101 rtx/90000
            a=fmtp:101 apt=100
            """
        )
        #expect(section.formats.map(\.payloadType.rawValue) == [100, 101, 98, 99])
        #expect(agreed?.reception?.codecs.map(\.codec) == [.vp8, .h264])
    }
}
