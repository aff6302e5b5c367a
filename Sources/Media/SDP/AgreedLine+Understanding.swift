/// What a peer's section means for this side.
extension AgreedLine {
    var isChannels: Bool { kind == .application }

    /// Takes what `section` offers; false if there is nothing in it that this side can do.
    mutating func understand(
        _ section: SessionDescription.Section,
        _ capabilities: Negotiation.Capabilities
    ) -> Bool {
        if isChannels {
            sctpPort = capabilities.sctpPort
            return ["UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP"].contains(section.proto)
        }
        // RTP without SAVP in its name is in the clear; without the F there is no feedback.
        guard let mediaKind, section.proto.hasSuffix("RTP/SAVPF") else { return false }
        var formats = capabilities.common(mediaKind, with: section.formats)
        if let track, !section.direction.sends {
            // A section that carries our track alone goes on as it was, though a peer that restarts
            // offers all it knows again.
            let carried = formats.filter { track.codecs.contains($0.codec) }
            if !carried.isEmpty { formats = carried }
        }
        guard !formats.isEmpty else { return false }
        self.formats = formats
        extensions = capabilities.extensions(of: mediaKind).compactMap { one in
            section.extensions.first { $0.uri == one.rawValue }.map {
                Extension(kind: one, id: $0.id, direction: $0.direction?.reversed)
            }
        }
        allowsMixedExtensions = section.allowsMixedExtensions
        allowsReducedRTCP = section.allowsReducedRTCP
        peerSends = section.direction.sends
        peerReceives = section.direction.receives
        incoming =
            peerSends
            ? Incoming(section, formats: formats, layerLimit: capabilities.layerLimit) : nil
        return true
    }

    /// Takes the answer to what this line proposed.
    mutating func settle(_ section: SessionDescription.Section) {
        guard mediaKind != nil else { return }
        let answered = section.formats.map { ($0, $0.codec) }
        var settled: [Format] = []
        for var format in formats {
            guard let match = answered.first(where: { $0.1 == format.codec })?.0 else { continue }
            format.outgoing = match.payloadType
            format.feedback.formIntersection(match.feedback)
            format.outgoingRepair =
                section.formats.first { $0.repaired == match.payloadType }?.payloadType
            if format.outgoingRepair == nil || format.incomingRepair == nil {
                format.outgoingRepair = nil
                format.incomingRepair = nil
            }
            settled.append(format)
        }
        if settled.isEmpty {
            // The section stays, and nothing can be sent in it.
            for index in formats.indices { formats[index].outgoing = nil }
        } else {
            formats = settled
        }
        extensions = extensions.compactMap { one in
            section.extensions.first { $0.uri == one.kind.rawValue && $0.id == one.id }.map {
                Extension(kind: one.kind, id: one.id, direction: $0.direction?.reversed)
            }
        }
        allowsMixedExtensions = section.allowsMixedExtensions
        allowsReducedRTCP = section.allowsReducedRTCP
        // An answer can't begin what was not offered.
        let known = incoming
        peerSends = peerSends && section.direction.sends
        peerReceives = section.direction.receives
        incoming =
            peerSends
            ? Incoming(section, formats: formats, layerLimit: known?.layers.count ?? 0) : nil
    }
}

extension AgreedLine.Incoming {
    init(
        _ section: SessionDescription.Section,
        formats: [AgreedLine.Format],
        layerLimit: Int
    ) {
        let msids =
            section.msids.isEmpty
            ? section.sources.compactMap(\.msid).prefix(1) : section.msids[...]
        streamIDs = msids.map(\.stream).filter { $0 != "-" }
        trackID = msids.compactMap(\.track).first

        // Of a pair the second repeats or mends the first. FEC is nobody's track.
        var repairs: [SSRC: SSRC] = [:]
        var seconds: Set<SSRC> = []
        for group in section.groups
        where group.sources.count == 2 && ["FID", "FEC", "FEC-FR"].contains(group.semantics) {
            seconds.insert(group.sources[1])
            if group.semantics == "FID" { repairs[group.sources[0]] = group.sources[1] }
        }
        sources = section.sources.map(\.ssrc).filter { !seconds.contains($0) }.map {
            .init(ssrc: $0, repair: repairs[$0])
        }

        let usable = section.rids.filter(\.sends).compactMap { $0.restricted(to: formats) }
        if let simulcast = section.simulcast {
            for choices in simulcast.sends where layers.count < layerLimit {
                let choice = choices.first { choice in
                    usable.contains { $0.id == choice.rid }
                        && !layers.contains { $0.rid == choice.rid }
                }
                guard let choice else { continue }
                layers.append(.init(rid: choice.rid, isPaused: choice.isPaused))
            }
            rids = usable.filter { rid in layers.contains { $0.rid == rid.id } }
        } else {
            rids = Array(usable.prefix(1))
        }
    }
}

extension SessionDescription.RID {
    /// The same, for those formats only that are agreed upon; nil if it needs others (RFC 8851
    /// section 6).
    fileprivate func restricted(to formats: [AgreedLine.Format]) -> Self? {
        var kept: [String] = []
        for restriction in restrictions.split(separator: ";") {
            guard restriction.hasPrefix("pt=") else {
                kept.append(String(restriction))
                continue
            }
            let numbers = restriction.dropFirst(3).split(separator: ",").filter { number in
                formats.contains { "\($0.incoming)" == number }
            }
            guard !numbers.isEmpty else { return nil }
            kept.append("pt=\(numbers.joined(separator: ","))")
        }
        var restricted = self
        restricted.restrictions = kept.joined(separator: ";")
        return restricted
    }
}

extension Negotiation.Capabilities {
    /// The codecs both sides have, with the peer's numbers.
    fileprivate func common(
        _ kind: MediaKind,
        with offered: [SessionDescription.Format]
    ) -> [AgreedLine.Format] {
        let mine = codecs(of: kind)
        var found: [(codec: Codec, format: SessionDescription.Format)] = []
        for format in offered {
            guard let codec = format.codec, mine.contains(codec),
                !found.contains(where: { $0.codec == codec })
            else { continue }
            found.append((codec, format))
        }
        if prefersOwnOrder {
            found = mine.compactMap { codec in found.first { $0.codec == codec } }
        }
        let opus = found.first { $0.codec == .opus }?.format.payloadType
        var repairing: [PayloadType: PayloadType] = [:]
        for format in offered where repairs && kind == .video {
            guard let repaired = format.repaired, repairing[repaired] == nil else { continue }
            repairing[repaired] = format.payloadType
        }
        return found.compactMap { codec, format in
            // Redundancy of anything but Opus could not be told from it when it is forwarded.
            if codec == .red, opus == nil || format.primary ?? opus != opus { return nil }
            return AgreedLine.Format(
                codec: codec,
                incoming: format.payloadType,
                incomingRepair: repairing[format.payloadType],
                outgoing: format.payloadType,
                outgoingRepair: repairing[format.payloadType],
                feedback: format.feedback.intersection(feedback(of: kind)),
                parameters: parameters(of: codec, answering: format, primary: opus)
            )
        }
    }

    /// Where the peer's own level or profile may stand, it does: whether a viewer can show it is up to
    /// what the viewer agreed upon.
    private func parameters(
        of codec: Codec,
        answering format: SessionDescription.Format,
        primary: PayloadType?
    ) -> String {
        let names: [String]
        switch codec {
        case .opus, .red, .vp8, .vp9: return parameters(of: codec, primary: primary)
        case .av1: names = ["level-idx", "profile", "tier"]
        case .h264:
            names = ["level-asymmetry-allowed", "packetization-mode", "profile-level-id"]
        }
        return names.compactMap { name in format.parameter(name).map { "\(name)=\($0)" } }
            .joined(separator: ";")
    }
}
