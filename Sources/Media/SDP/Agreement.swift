/// All that two sides have agreed upon, or that one of them proposes.
struct Agreement: Hashable, Sendable {
    var lines: [AgreedLine] = []
    var local: Negotiation.Credentials
    var transport: Negotiation.Transport?
    var plan = NumberPlan()
    /// Above every number that was a mid.
    private var nextMID = 0

    init(local: Negotiation.Credentials) {
        self.local = local
    }

    var liveMIDs: [String] { lines.filter { !$0.isRejected }.map(\.mid) }

    /// Offers leave the choice to the peer until it is made, and then keep to it (RFC 8842 section
    /// 5.3).
    var offeredSetup: SessionDescription.Setup {
        guard let transport else { return .either }
        return transport.isActive ? .active : .passive
    }

    /// A mid nobody has or had. Numbers, because peers that count read ours too.
    mutating func freshMID() -> String {
        defer { nextMID += 1 }
        return String(nextMID)
    }

    mutating func noteMID(_ mid: String) {
        // Nobody counts to the other half.
        guard let number = Int(mid), number >= nextMID, number < Int.max / 2 else { return }
        nextMID = number + 1
    }

    // MARK: Our offers

    /// Puts `tracks` into sections: those that have one stay, those that are gone leave theirs.
    mutating func place(_ tracks: [OutgoingTrack], capabilities: Negotiation.Capabilities) {
        let wanted = Dictionary(tracks.map { ($0.id, $0) }) { first, _ in first }
        var placed: Set<UInt64> = []
        var free: [MediaKind: [Int]] = [:]
        var over: [Int] = []
        for index in lines.indices {
            let line = lines[index]
            if line.isRejected {
                over.append(index)
            } else if let track = line.track {
                if wanted[track.id] == track {
                    placed.insert(track.id)
                } else {
                    lines[index].track = nil
                }
            } else if let kind = line.mediaKind, line.isOurs || line.isAskedFor {
                free[kind, default: []].append(index)
            }
        }
        // Reversed, so that the first is the last and quickly taken.
        free = free.mapValues { $0.reversed() }
        over.reverse()
        let missing = tracks.filter { !placed.contains($0.id) }
        if lines.isEmpty, !missing.isEmpty { openChannels(capabilities) }
        for track in missing {
            if let index = free[track.kind]?.popLast() {
                if let line = offer(track, in: lines[index], capabilities) { lines[index] = line }
                continue
            }
            guard !over.isEmpty || lines.count < SessionDescription.sectionLimit else { continue }
            let kind: SessionDescription.Kind = track.kind == .audio ? .audio : .video
            var line = AgreedLine(kind, proto: "UDP/TLS/RTP/SAVPF", mid: freshMID())
            line.isOurs = true
            guard let line = offer(track, in: line, capabilities) else { continue }
            if let index = over.popLast() { lines[index] = line } else { lines.append(line) }
        }
    }

    /// Goes on from an offer that was taken back, which the peer may have taken: its sections stay where they were, what is
    /// in them has to fall silent before something else is, and numbers keep their meanings.
    mutating func goOn(from withdrawn: Agreement) {
        lines = withdrawn.lines
        plan = withdrawn.plan
        nextMID = withdrawn.nextMID
    }

    /// Whether there is anything in this that the other has not. Places kept for nobody are nothing.
    func saysMore(than other: Agreement) -> Bool {
        guard local == other.local else { return true }
        return lines.indices.contains { index in
            guard index < other.lines.count, !other.lines[index].isRejected else {
                return lines[index].track != nil
            }
            var line = lines[index]
            line.isMIDKnown = other.lines[index].isMIDKnown
            return line != other.lines[index]
        }
    }

    /// Stock peers want the data channels first, and nothing before them.
    private mutating func openChannels(_ capabilities: Negotiation.Capabilities) {
        var line = AgreedLine(.application, proto: "UDP/DTLS/SCTP", mid: freshMID())
        line.isOurs = true
        line.sctpPort = capabilities.sctpPort
        lines.append(line)
    }

    /// `line` with `track` in it, or nil if no number is left for any of its codecs.
    private mutating func offer(
        _ track: OutgoingTrack,
        in line: AgreedLine,
        _ capabilities: Negotiation.Capabilities
    ) -> AgreedLine? {
        // What the peer sends here it may go on sending.
        var formats = line.peerSends ? line.formats : []
        for codec in track.codecs where !formats.contains(where: { $0.codec == codec }) {
            guard capabilities.codecs.contains(codec) else { continue }
            if let known = line.formats.first(where: { $0.codec == codec }) {
                formats.append(known)
            } else if let new = format(codec, besides: formats, capabilities) {
                formats.append(new)
            }
        }
        guard formats.contains(where: { track.codecs.contains($0.codec) }) else { return nil }
        if track.retransmissionSSRC != nil, capabilities.repairs, track.kind == .video {
            for index in formats.indices where formats[index].incomingRepair == nil {
                let number = plan.payloadType(for: .repair(formats[index].codec))
                guard let number, !formats.contains(where: { $0.uses(number) }) else { continue }
                formats[index].incomingRepair = number
            }
        }
        var extensions = line.peerSends ? line.extensions : []
        for one in capabilities.extensions(of: track.kind)
        where !extensions.contains(where: { $0.kind == one }) {
            let known = line.extensions.first { $0.kind == one }?.id
            guard let id = known ?? plan.id(for: one), !extensions.contains(where: { $0.id == id })
            else { continue }
            extensions.append(.init(kind: one, id: id))
        }
        var line = line
        line.track = track
        line.formats = formats
        line.extensions = extensions
        return line
    }

    private mutating func format(
        _ codec: Codec,
        besides others: [AgreedLine.Format],
        _ capabilities: Negotiation.Capabilities
    ) -> AgreedLine.Format? {
        // A peer that gave the number another meaning in this section keeps it; the codec waits.
        guard let payloadType = plan.payloadType(for: .codec(codec)),
            !others.contains(where: { $0.uses(payloadType) })
        else { return nil }
        let primary = others.first { $0.codec == .opus }?.incoming
        return AgreedLine.Format(
            codec: codec,
            incoming: payloadType,
            feedback: capabilities.feedback(of: codec.kind),
            parameters: capabilities.parameters(of: codec, primary: primary)
        )
    }

    // MARK: What came of it

    func changes(since before: Agreement) -> Negotiation.Changes {
        var changes = Negotiation.Changes()
        let old = before.transport
        changes.isICERestarted =
            old != nil && (old?.credentials != transport?.credentials || before.local != local)
        changes.isHandshakeRenewed =
            old != nil
            && (old?.fingerprints != transport?.fingerprints
                || old?.isActive != transport?.isActive)
        changes.areChannelsChanged = old?.channels != transport?.channels
        var sectionsBefore: [String: Negotiation.Section] = [:]
        for section in before.lines.compactMap(\.section) {
            sectionsBefore[section.mid] = section
        }
        for section in lines.compactMap(\.section) {
            let known = sectionsBefore.removeValue(forKey: section.mid)
            if known != section { changes.sections.append(section) }
        }
        changes.ended = before.lines.map(\.mid).filter { sectionsBefore[$0] != nil }
        return changes
    }
}

extension AgreedLine {
    /// The peer opened it, sends nothing, and would like to receive.
    fileprivate var isAskedFor: Bool { peerReceives && !peerSends }
}

extension AgreedLine.Format {
    func uses(_ payloadType: PayloadType) -> Bool {
        incoming == payloadType || incomingRepair == payloadType
    }
}
