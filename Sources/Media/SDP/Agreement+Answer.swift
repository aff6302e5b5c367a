/// How the peer's answer turns a proposal of ours into an agreement (RFC 8829 section 5.11).
extension Agreement {
    /// Returns the tracks that the peer refused together with their sections. If it throws, this value
    /// must not be used.
    mutating func take(answer: SessionDescription) throws(NegotiationFault) -> [OutgoingTrack] {
        guard !answer.isICELite else { throw .bothLite }
        guard answer.sections.count == lines.count else {
            throw .sectionCount(offered: lines.count, answered: answer.sections.count)
        }
        var lost: [OutgoingTrack] = []
        var accepted: [String: Int] = [:]
        let group = answer.bundles.first
        let members = group.map { Set($0) }
        for (index, section) in answer.sections.enumerated() {
            let line = lines[index]
            if line.isRejected {
                guard section.isRejected else { throw .revived(index: index) }
                continue
            }
            if section.isRejected {
                if let track = line.track { lost.append(track) }
                lines[index].reject()
                continue
            }
            guard section.kind == line.kind, section.mid == nil || section.mid == line.mid else {
                throw .sectionChanged(index: index)
            }
            guard members?.contains(line.mid) ?? accepted.isEmpty else {
                throw .unbundled(index: index)
            }
            guard line.isChannels || section.multiplexesRTCP else {
                throw .unmultiplexed(index: index)
            }
            accepted[line.mid] = index
            lines[index].settle(section)
        }
        let bundle = group?.filter { accepted[$0] != nil } ?? []
        if let first = bundle.first ?? accepted.keys.first, let index = accepted[first] {
            let others = bundle.compactMap { accepted[$0] }.map { answer.sections[$0] }
            try join(answer.sections[index], others: others, roles: Self.role(answered:current:))
        }
        let place = lines.firstIndex { $0.isChannels && !$0.isRejected }
        transport?.channels = place.map { answer.sections[$0].channels }
        return lost
    }

    /// Whoever answers decides (RFC 8842 section 5.3). Silence means active (RFC 4145 section 4.1).
    ///
    /// A handshake that was done keeps its roles, whatever is said of them: pion says passive in every answer
    /// to a lite agent, also where it was active (section 5.5 would have it say so).
    private static func role(
        answered: SessionDescription.Setup?,
        current: Bool?
    ) throws(NegotiationFault) -> Bool {
        if let current { return current }
        switch answered {
        case .active, nil: return false
        case .passive: return true
        case .either, .later: throw .role
        }
    }
}
