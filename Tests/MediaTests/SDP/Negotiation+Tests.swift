import Media

extension Negotiation {
    static func forTests(_ capabilities: Capabilities = Capabilities()) -> Negotiation {
        Negotiation(
            sessionID: 4_242,
            credentials: .numbered(0),
            fingerprints: [.init(function: "sha-256", value: "AB:CD:EF")],
            candidates: ["candidate:1 1 udp 2130706431 192.0.2.2 8443 typ host"],
            capabilities: capabilities
        )
    }
}

extension Negotiation.Credentials {
    static func numbered(_ number: Int) -> Self {
        let digits = String(10_000 + number)
        return .init(ufrag: "u\(digits)", password: "password0123456789\(digits)")
    }
}

extension OutgoingTrack {
    static func numbered(
        _ id: UInt64,
        _ kind: MediaKind,
        _ codecs: [Codec],
        repaired: Bool = false
    ) -> OutgoingTrack {
        OutgoingTrack(
            id: id,
            kind: kind,
            streamID: "guest\(id)",
            trackID: "\(kind == .audio ? "voice" : "video")_guest\(id)_x",
            codecs: codecs,
            ssrc: SSRC(UInt32(truncatingIfNeeded: 1_000 + id * 2)),
            retransmissionSSRC: repaired ? SSRC(UInt32(truncatingIfNeeded: 1_001 + id * 2)) : nil
        )
    }
}

extension SessionDescription {
    var sendingMIDs: [String] {
        sections.filter { $0.direction.sends && $0.kind != .application }.compactMap(\.mid)
    }
}
