/// How a peer's offer becomes an agreement (RFC 8829 section 5.10, RFC 8843 section 7.3).
extension Agreement {
    /// Takes what the peer offers as far as this side can. What it can't is rejected section by section;
    /// what no honest peer says is thrown, after which this value must not be used.
    ///
    /// Returns the mids of the answer's bundle.
    mutating func take(
        offer: SessionDescription,
        capabilities: Negotiation.Capabilities,
        fresh: Negotiation.Credentials
    ) throws(NegotiationFault) -> [String] {
        guard !offer.isICELite else { throw .bothLite }
        guard !offer.sections.isEmpty else { throw .noSections }
        guard offer.sections.count >= lines.count else {
            throw .sectionsMissing(count: lines.count)
        }
        for section in offer.sections { noteOffered(section) }

        let group = bundle(of: offer)
        let members = group.map { Set($0) }
        var hasChannels = false
        var accepted: [String: Int] = [:]
        for (index, section) in offer.sections.enumerated() {
            let old = index < lines.count ? lines[index] : nil
            var line = try continued(old, with: section, index: index)
            let isMember = members?.contains(line.mid) ?? accepted.isEmpty
            if !section.isRejected {
                if !isMember, old?.isRejected == false, old?.mid == line.mid {
                    throw .unbundled(index: index)
                }
                if isMember, line.understand(section, capabilities),
                    !(hasChannels && line.isChannels)
                {
                    guard line.isChannels || section.multiplexesRTCP else {
                        throw .unmultiplexed(index: index)
                    }
                    hasChannels = hasChannels || line.isChannels
                    accepted[line.mid] = index
                } else {
                    line.reject()
                }
            }
            if index < lines.count { lines[index] = line } else { lines.append(line) }
        }
        guard lines.count(where: { !$0.isOurs }) <= capabilities.sectionLimit else {
            throw .tooManySections(limit: capabilities.sectionLimit)
        }

        let bundle = group?.filter { accepted[$0] != nil } ?? []
        if let first = bundle.first ?? accepted.keys.first, let index = accepted[first] {
            let others = bundle.compactMap { accepted[$0] }.map { offer.sections[$0] }
            let tagged = offer.sections[index]
            let before = transport
            try join(tagged, others: others, roles: Self.role(offered:current:))
            if let before, before.credentials != transport?.credentials { local = fresh }
        }
        let channels = channels(in: offer)
        transport?.channels = channels
        return bundle
    }

    private mutating func noteOffered(_ section: SessionDescription.Section) {
        plan.learn(from: section)
        if let mid = section.mid { noteMID(mid) }
    }

    /// The mids that share our transport: the group that has been ours, else the first. Nil if the peer
    /// knows no bundles, in which case there is room for one section only.
    private func bundle(of offer: SessionDescription) -> [String]? {
        let known = Set(liveMIDs)
        return offer.bundles.first { $0.contains { known.contains($0) } } ?? offer.bundles.first
    }

    /// The line that `section` goes on with, or a new one.
    private mutating func continued(
        _ old: AgreedLine?,
        with section: SessionDescription.Section,
        index: Int
    ) throws(NegotiationFault) -> AgreedLine {
        if var old, !old.isRejected {
            if section.isRejected {
                old.reject()
                return old
            }
            guard old.kind == section.kind, section.mid == nil || section.mid == old.mid else {
                throw .sectionChanged(index: index)
            }
            if section.mid != nil { old.isMIDKnown = true }
            old.proto = section.proto
            return old
        }
        if var old, section.isRejected {
            old.isMIDKnown = section.mid != nil
            old.mid = section.mid ?? old.mid
            return old
        }
        var line = AgreedLine(
            section.kind,
            proto: section.proto,
            mid: section.mid ?? freshMID()
        )
        line.isMIDKnown = section.mid != nil
        line.placeholder = section.formats.first
        if section.isRejected { line.reject() }
        return line
    }

    /// RFC 8842 section 5.3: we wait unless the peer insists on waiting. A handshake that was done with
    /// this certificate keeps its roles.
    private static func role(
        offered: SessionDescription.Setup?,
        current: Bool?
    ) throws(NegotiationFault) -> Bool {
        switch offered {
        case .later: throw .role
        case .either, .active, nil: return current ?? false
        case .passive: return current ?? true
        }
    }

    private func channels(in description: SessionDescription) -> Negotiation.Channels? {
        for (line, section) in zip(lines, description.sections)
        where line.isChannels && !line.isRejected {
            return section.channels
        }
        return nil
    }
}

// MARK: The transport

extension Agreement {
    /// Takes the transport from the section that the bundle is named for; from another if that one is
    /// silent about it, as only the first has to speak.
    mutating func join(
        _ tagged: SessionDescription.Section,
        others: [SessionDescription.Section],
        roles: (SessionDescription.Setup?, Bool?) throws(NegotiationFault) -> Bool
    ) throws(NegotiationFault) {
        let candidates = [tagged] + others
        guard let known = candidates.first(where: { $0.ufrag != nil && $0.password != nil }),
            let ufrag = known.ufrag, let password = known.password
        else { throw .noCredentials }
        guard
            let fingerprints = candidates.map(\.fingerprints).first(where: { !$0.isEmpty })
        else { throw .noFingerprint }
        let isSameHandshake = transport?.fingerprints == fingerprints
        let setup = candidates.compactMap(\.setup).first
        let isActive = try roles(setup, isSameHandshake ? transport?.isActive : nil)
        transport = Negotiation.Transport(
            credentials: .init(ufrag: ufrag, password: password),
            fingerprints: fingerprints,
            isActive: isActive,
            channels: transport?.channels,
            candidates: tagged.candidates
        )
    }
}

extension SessionDescription.Section {
    /// RFC 8841 sections 5 and 6.
    var channels: Negotiation.Channels {
        let size = maxMessageSize ?? 65_536
        return .init(port: sctpPort ?? 5_000, maxMessageSize: size == 0 ? nil : size)
    }
}
