import Media
import Testing

@Suite struct `A session description` {
    @Test func `has many fixtures to be tried with`() {
        #expect(SDPFixtures.names.count > 40)
    }

    @Test(arguments: SDPFixtures.names)
    func `reads the same when it was written`(name: String) throws {
        let description = try SDPFixtures.description(name)
        #expect(!description.sections.isEmpty)
        let text = description.text
        let copy = try SessionDescription(text)
        #expect(copy == description)
        #expect(copy.text == text)
        let unix = try SessionDescription(text.replacing("\r\n", with: "\n"))
        #expect(unix == description)
    }

    @Test func `of Chromium has what Chromium says`() throws {
        let description = try SDPFixtures.description("chromium-audio-video")
        #expect(description.bundles == [["0", "1", "2"]])
        #expect(!description.isICELite)
        #expect(description.sections.map(\.kind) == [.audio, .video, .application])
        let audio = description.sections[0]
        #expect(audio.mid == "0")
        #expect(audio.direction == .both)
        #expect(audio.ufrag?.count == 4)
        #expect(audio.password?.count == 24)
        #expect(audio.iceOptions == "trickle")
        #expect(audio.setup == .either)
        #expect(audio.fingerprints.map(\.function) == ["sha-256"])
        #expect(audio.fingerprints.first?.value.count == 95)
        #expect(audio.multiplexesRTCP && audio.allowsReducedRTCP)
        #expect(audio.formats.map(\.payloadType.rawValue) == [111, 63, 9, 0, 8, 13, 110, 126])
        let opus = audio.formats[0]
        #expect(opus.name == "opus" && opus.clockRate == 48_000 && opus.channels == 2)
        #expect(opus.parameters == "minptime=10;useinbandfec=1")
        #expect(opus.feedback == .transportCC)
        #expect(audio.extensions.map(\.id) == [1, 2, 3, 4])
        #expect(audio.msids.count == 1)
        #expect(audio.sources.count == 1)
        #expect(audio.sources[0].msid == audio.msids[0])
        #expect(!audio.candidates.isEmpty)
        let video = description.sections[1]
        #expect(video.formats[0].feedback == [.remb, .transportCC, .fir, .nack, .pli])
        #expect(video.groups.map(\.semantics) == ["FID"])
        #expect(video.groups[0].sources == video.sources.map(\.ssrc))
        let channels = description.sections[2]
        #expect(channels.sctpPort == 5_000)
        #expect(channels.maxMessageSize == 262_144)
    }

    /// Firefox says fingerprints, options and a direction once, at the top.
    @Test func `takes from session level what holds for all sections`() throws {
        let description = try SDPFixtures.description("firefox-audio-video")
        #expect(description.id == 8_656_716_073_971_887_775)
        #expect(description.sections.allSatisfy { $0.fingerprints.count == 1 })
        #expect(description.sections.allSatisfy { $0.iceOptions == "trickle" })
        #expect(description.sections[1].extensions.first { $0.id == 6 }?.direction == .receive)

        let text = """
            v=0
            a=recvonly
            a=extmap:5 urn:shared
            a=ice-ufrag:abcd
            a=ice-pwd:0123456789012345678901
            a=setup:active
            a=extmap-allow-mixed
            m=audio 9 UDP/TLS/RTP/SAVPF 0
            m=video 9 UDP/TLS/RTP/SAVPF 96
            a=sendonly
            a=extmap:5 urn:own
            a=setup:passive
            a=ice-ufrag:efgh
            a=ice-pwd:9876543210987654321098
            """
        let shared = try SessionDescription(text)
        let (audio, video) = (shared.sections[0], shared.sections[1])
        #expect(audio.direction == .receive && video.direction == .send)
        #expect(audio.extensions == [SessionDescription.Extension(id: 5, uri: "urn:shared")])
        #expect(video.extensions == [.init(id: 5, uri: "urn:own")])
        #expect(audio.setup == .active && video.setup == .passive)
        #expect(audio.ufrag == "abcd" && video.ufrag == "efgh")
        #expect(audio.allowsMixedExtensions && video.allowsMixedExtensions)
    }

    @Test func `lists encodings with their choices`() throws {
        let description = try SDPFixtures.description("chromium-simulcast")
        let video = description.sections[0]
        #expect(video.rids.map(\.id) == ["h", "m", "l"])
        #expect(video.rids.allSatisfy { $0.sends })
        #expect(video.simulcast == .init(sends: [[.init("h")], [.init("m")], [.init("l")]]))
        let text = """
            v=0
            m=video 9 UDP/TLS/RTP/SAVPF 96
            a=rid:1 send pt=96;max-width=1280
            a=rid:2 recv
            a=simulcast:send 1,~4;~2 recv 3
            """
        let section = try SessionDescription(text).sections[0]
        #expect(section.rids[0].restrictions == "pt=96;max-width=1280")
        #expect(!section.rids[1].sends)
        let expected = SessionDescription.Simulcast(
            sends: [[.init("1"), .init("4", isPaused: true)], [.init("2", isPaused: true)]],
            receives: [[.init("3")]]
        )
        #expect(section.simulcast == expected)
        let apart = """
            v=0
            m=video 9 UDP/TLS/RTP/SAVPF 96
            a=rid:3 recv
            a=rid:3 send
            a=simulcast:recv 3
            a=simulcast:send 1,~4;~2
            a=simulcast:recv 3
            """
        let merged = try SessionDescription(apart).sections[0]
        #expect(merged.simulcast == expected)
        #expect(merged.rids == [.init("3", sends: false), .init("3", sends: true)])
    }

    @Test func `knows data channels as they used to be written`() throws {
        let text = """
            v=0
            m=application 9 DTLS/SCTP 5001
            a=sctpmap:5001 webrtc-datachannel 1024
            """
        let description = try SessionDescription(text)
        #expect(description.sections[0].sctpPort == 5_001)
        #expect(description.sections[0].hasPortAsFormat)
        #expect(description.text.contains("m=application 9 DTLS/SCTP 5001\r\n"))
        let copy = try SessionDescription(description.text)
        #expect(copy == description)
    }

    @Test func `promises feedback for all formats with an asterisk`() throws {
        let text = """
            v=0
            m=video 9 UDP/TLS/RTP/SAVPF 96 97
            a=rtcp-fb:* nack pli
            a=rtcp-fb:97 nack
            a=rtcp-fb:96 nack rpsi
            a=rtpmap:96 VP8/90000
            a=rtpmap:97 VP9/90000
            """
        let formats = try SessionDescription(text).sections[0].formats
        #expect(formats[0].feedback == .pli)
        #expect(formats[1].feedback == [.pli, .nack])
    }

    @Test func `rejects with port 0, unless the section shares the bundle's`() throws {
        let text = """
            v=0
            m=audio 0 UDP/TLS/RTP/SAVPF 111
            m=video 0 UDP/TLS/RTP/SAVPF 96
            a=bundle-only
            """
        let sections = try SessionDescription(text).sections
        #expect(sections[0].isRejected && !sections[1].isRejected)
    }

    /// Lines nobody acts upon, in places where they may stand.
    @Test func `keeps out what it does not know`() throws {
        let text = """
            v=0
            o=- 1 2 IN IP4 0.0.0.0
            s=Émile's call
            i=?
            u=https://example.com/
            e=someone
            b=AS:500
            t=0 0
            r=1 2 3
            k=clear
            a=identity:eyJ
            a=a-name-much-longer-than-any-other-that-means-something:1

            m=text 9 RTP/AVP 98
            a=rtpmap:98 t140/1000
            m=audio 9/2 UDP/TLS/RTP/SAVPF 111
            i=microphone
            a=rtpmap:112 opus/48000/2
            a=fmtp:112 x=1
            a=rtcp-fb:112 nack
            a=rtcp-xr:rcvr-rtt=all
            a=extmap:4100 urn:one-of-many
            a=é
            """
        let description = try SessionDescription(text)
        #expect(description.sections.map(\.kind) == [.other("text"), .audio])
        #expect(description.sections[1].extensions.isEmpty)
        #expect(description.sections[1].formats == [.init(PayloadType(111))])
    }
}
