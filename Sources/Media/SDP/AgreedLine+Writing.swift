extension AgreedLine {
    /// This line in a description of ours, all but the transport.
    func written(
        as direction: SessionDescription.Direction,
        capabilities: Negotiation.Capabilities
    ) -> SessionDescription.Section {
        var section = SessionDescription.Section(kind, port: isRejected ? 0 : 9, proto: proto)
        if isMIDKnown { section.mid = mid }
        if isRejected {
            section.direction = .none
            section.formats = placeholder.map { [$0] } ?? []
            return section
        }
        guard let mediaKind else {
            section.sctpPort = sctpPort
            section.maxMessageSize = capabilities.maxMessageSize
            return section
        }
        section.direction = direction
        section.multiplexesRTCP = true
        section.allowsReducedRTCP = allowsReducedRTCP
        section.allowsMixedExtensions = allowsMixedExtensions
        section.extensions = extensions.map {
            .init(id: $0.id, uri: $0.kind.rawValue, direction: $0.direction)
        }
        for format in formats {
            section.formats.append(format.written)
            if let repair = format.writtenRepair { section.formats.append(repair) }
        }
        if direction.receives, let incoming {
            section.rids = incoming.rids.map {
                .init($0.id, sends: false, restrictions: $0.restrictions)
            }
            if mediaKind == .video, !incoming.layers.isEmpty {
                let streams = incoming.layers.map { [SessionDescription.Simulcast.Choice($0.rid)] }
                section.simulcast = .init(receives: streams)
            }
        }
        if direction.sends, let track { section.write(track, formats: formats) }
        return section
    }
}

extension SessionDescription.Section {
    /// The names of a track, in the two places where browsers old and new look for them.
    fileprivate mutating func write(_ track: OutgoingTrack, formats: [AgreedLine.Format]) {
        let msid = SessionDescription.MSID(stream: track.streamID, track: track.trackID)
        msids = [msid]
        sources = [.init(track.ssrc, cname: track.streamID, msid: msid)]
        guard let repair = track.retransmissionSSRC,
            formats.contains(where: { $0.incomingRepair != nil })
        else { return }
        sources.append(.init(repair, cname: track.streamID, msid: msid))
        groups = [.init("FID", [track.ssrc, repair])]
    }
}

extension SessionDescription.Fingerprint {
    /// Reads what stands after `a=fingerprint:`.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2 else { return nil }
        self.init(function: words[0].lowercased(), value: words[1].uppercased())
    }
}
