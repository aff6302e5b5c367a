import Media

/// What was read reads back equal when it is written. Whatever a peer offers and answers, in turns cut
/// at zero bytes, a negotiation takes it whole or not at all, and what it says itself can be read.
let fuzzSDP: FuzzTarget = { bytes in
    var negotiation = Negotiation(
        sessionID: 1,
        credentials: .init(ufrag: "ours", password: "ourpassword01234567890"),
        fingerprints: [.init(function: "sha-256", value: "AB:CD")],
        candidates: ["candidate:1 1 udp 2130706431 192.0.2.2 8443 typ host"]
    )
    for (turn, part) in bytes.split(separator: 0).prefix(6).enumerated() {
        let text = String(decoding: part, as: UTF8.self)
        checkReading(text)
        checkOffer(text, to: &negotiation)
        let id = UInt64(turn)
        send(OutgoingTrack(id, .audio, [.opus, .red]), by: &negotiation)
        send(OutgoingTrack(100 + id, .video, [.av1, .h264, .vp9, .vp8]), by: &negotiation)
        if turn.isMultiple(of: 2) { negotiation.stop(100 + id) }
        checkOurOffer(of: &negotiation, answered: text)
    }
}

extension OutgoingTrack {
    fileprivate init(_ id: UInt64, _ kind: MediaKind, _ codecs: [Codec]) {
        self.init(
            id: id,
            kind: kind,
            streamID: "guest",
            trackID: "track\(id)",
            codecs: codecs,
            ssrc: SSRC(UInt32(id) * 2),
            retransmissionSSRC: SSRC(UInt32(id) * 2 + 1)
        )
    }
}

private func send(_ track: OutgoingTrack, by negotiation: inout Negotiation) {
    do {
        try negotiation.send(track)
    } catch {
        preconditionFailure("the track can be written: \(error)")
    }
}

private func checkReading(_ text: String) {
    do {
        let description = try SessionDescription(text)
        precondition(description.sections.count <= 256)
        let written = description.text
        precondition(read(written) == description, "what was read can be written and read")
        precondition(read(written).text == written, "it is written in one way only")
    } catch {
        let lines = text.utf8.count { $0 == 0x0A } + 1
        precondition((1...lines).contains(error.line), "a fault is in the text")
    }
}

private func checkOffer(_ text: String, to negotiation: inout Negotiation) {
    let (sections, transport) = (negotiation.sections, negotiation.transport)
    let fresh = Negotiation.Credentials(ufrag: "fresh", password: "freshpassword012345678")
    do {
        guard case .answer(let answer, _) = try negotiation.receive(offer: text, fresh: fresh)
        else {
            preconditionFailure("no offer of ours is open")
        }
        let (ours, theirs) = (read(answer), read(text))
        precondition(ours.sections.map(\.kind) == theirs.sections.map(\.kind))
        for (mine, yours) in zip(ours.sections, theirs.sections) {
            precondition(mine.mid == yours.mid)
            precondition(!yours.isRejected || mine.isRejected)
            guard !mine.isRejected, mine.kind != .application else { continue }
            precondition(!mine.direction.sends || yours.direction.receives)
            precondition(!mine.direction.receives || yours.direction.sends)
            let types = Set(yours.formats.map(\.payloadType))
            precondition(types.isSuperset(of: mine.formats.map(\.payloadType)))
        }
    } catch {
        precondition(!error.description.isEmpty)
        precondition(negotiation.sections == sections && negotiation.transport == transport)
    }
}

private func checkOurOffer(of negotiation: inout Negotiation, answered text: String) {
    let needsOffer = negotiation.needsOffer
    let offer = negotiation.makeOffer()
    precondition((offer != nil) == needsOffer)
    guard let offer else { return }
    let description = read(offer)
    precondition(description.sections.count <= 256)
    var mids: Set<String> = []
    for section in description.sections where !section.isRejected {
        precondition(mids.insert(section.mid ?? "").inserted, "mids are there, each once")
        guard section.kind != .application else { continue }
        precondition(Set(section.formats.map(\.payloadType)).count == section.formats.count)
        precondition(Set(section.extensions.map(\.id)).count == section.extensions.count)
    }
    precondition(mids.isSuperset(of: negotiation.mediaMap.keys))
    let (sections, transport) = (negotiation.sections, negotiation.transport)
    do {
        _ = try negotiation.receive(answer: text)
    } catch {
        precondition(negotiation.sections == sections && negotiation.transport == transport)
        precondition(negotiation.isOffering)
        // As a peer would that takes everything.
        var answer = description
        answer.isICELite = false
        for index in answer.sections.indices {
            answer.sections[index].direction = answer.sections[index].direction.reversed
            let setup = answer.sections[index].setup
            answer.sections[index].setup = setup == .active ? .passive : .active
        }
        do {
            _ = try negotiation.receive(answer: answer.text)
        } catch {
            preconditionFailure("our offer can be answered: \(error)")
        }
    }
}

private func read(_ text: String) -> SessionDescription {
    do {
        return try SessionDescription(text, sizeLimit: 1 << 24)
    } catch {
        preconditionFailure("what was written can be read: \(error)")
    }
}
