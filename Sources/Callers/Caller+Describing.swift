package import Basics
internal import Crypto
internal import Media

// What a caller says of itself, and what it is told of the other side.
extension Caller {
    /// Sends this from the next offer on, as part of a stream of that name. Returns its number.
    package mutating func publish(_ plan: TrackPlan, stream: String) -> Int {
        let track = SentTrack(plan, stream: stream, mid: "p\(sent.count)", using: &random)
        var line = CallerLine(
            kind: plan.kind == .audio ? .audio : .video,
            mid: track.mid,
            track: sent.count
        )
        line.formats = formats(of: plan.kind)
        line.extensions = extensions(of: plan.kind)
        line.receives = false
        lines.append(line)
        sent.append(track)
        return sent.count - 1
    }

    /// Sends it no more; the next offer says so.
    package mutating func unpublish(_ index: Int) {
        sent[index].isEnded = true
        for place in lines.indices where lines[place].track == index { lines[place].track = nil }
    }

    /// Wants a data channel from the next offer on.
    package mutating func wantChannel() {
        guard !lines.contains(where: { $0.kind == .application }) else { return }
        lines.append(CallerLine(kind: .application, mid: "dc"))
    }

    /// An offer of all that it has. One at a time: ``take(answer:at:)`` before the next.
    package mutating func offer() -> String {
        isOffering = true
        let setup: SessionDescription.Setup =
            switch role {
            case .client?: .active
            case .server?: .passive
            case nil: .either
            }
        return describe(setup)
    }

    package mutating func take(answer text: String, at now: Instant) throws(CallerFault) {
        guard isOffering else { throw .wasNotAsked }
        let description = try read(text)
        isOffering = false
        for place in lines.indices { lines[place].isAgreed = true }
        let setup = description.sections.compactMap(\.setup).first
        if role == nil { role = setup == .active ? .server : .client }
        try take(description, at: now)
        agree(description, at: now)
    }

    /// Takes an offer and answers it. One of its own that is open gives way, and an event says so.
    package mutating func take(
        offer text: String,
        at now: Instant
    ) throws(CallerFault) -> String {
        let description = try read(text)
        if peer == nil { isControlling = description.isICELite }
        if role == nil {
            let setup = description.sections.compactMap(\.setup).first
            let isServer = setup == .active || setup == .either && habits.isPassive
            role = isServer ? .server : .client
        }
        if isOffering {
            isOffering = false
            events.append(.mustOffer)
        }
        try take(description, at: now)
        // A section that only an offer of ours has is not known over there, and moves behind.
        var known: [CallerLine] = []
        for section in description.sections {
            let mid = section.mid ?? ""
            var line =
                lines.first { $0.mid == mid } ?? CallerLine(kind: section.kind, mid: mid)
            if line.formats.isEmpty {
                line.formats = section.formats.filter { takes($0, of: section) }
                line.extensions = section.extensions.filter { Self.known.contains($0.uri) }
            }
            line.isAgreed = true
            line.isRejected = section.isRejected
            known.append(line)
        }
        let behind = lines.filter { line in !known.contains { $0.mid == line.mid } }
        lines = known
        let answer = describe(role == .server ? .passive : .active)
        lines += behind
        return answer
    }

    // MARK: - Its own

    private func formats(of kind: MediaKind) -> [SessionDescription.Format] {
        switch kind {
        case .audio:
            var opus = SessionDescription.Format(SentTrack.opus)
            (opus.name, opus.clockRate, opus.channels) = ("opus", 48_000, 2)
            opus.parameters = "minptime=10;useinbandfec=1"
            opus.feedback = .transportCC
            return [opus]
        case .video:
            var format = SessionDescription.Format(SentTrack.vp8)
            (format.name, format.clockRate) = ("VP8", 90_000)
            format.feedback = [.nack, .pli, .fir, .remb, .transportCC]
            guard habits.repairs else { return [format] }
            var repair = SessionDescription.Format(SentTrack.vp8Repair)
            (repair.name, repair.clockRate) = ("rtx", 90_000)
            repair.parameters = "apt=\(SentTrack.vp8)"
            return [format, repair]
        }
    }

    private func extensions(of kind: MediaKind) -> [SessionDescription.Extension] {
        var wanted: [(UInt8, HeaderExtension)] =
            kind == .audio
            ? [(1, .audioLevel), (4, .mid)] : [(4, .mid), (10, .rid), (11, .repairedRID)]
        if habits.numbersPackets { wanted.append((3, .transportCC)) }
        return wanted.map { SessionDescription.Extension(id: $0.0, uri: $0.1.rawValue) }
    }

    private func takes(
        _ format: SessionDescription.Format,
        of section: SessionDescription.Section
    ) -> Bool {
        switch format.name.lowercased() {
        case "opus", "vp8": return true
        case "rtx":
            guard habits.repairs else { return false }
            let first = section.formats.first { $0.name.lowercased() == "vp8" }
            return first.map { format.parameters.contains("apt=\($0.payloadType)") } ?? false
        default: return false
        }
    }

    private mutating func describe(_ setup: SessionDescription.Setup) -> String {
        version += 1
        var description = SessionDescription(id: session, version: version)
        description.bundles = [lines.filter { !$0.isRejected }.map(\.mid)]
        for line in lines { description.sections.append(section(line, setup)) }
        return description.text
    }

    private func section(
        _ line: CallerLine,
        _ setup: SessionDescription.Setup
    ) -> SessionDescription.Section {
        let isData = line.kind == .application
        var section = SessionDescription.Section(
            line.kind,
            port: line.isRejected ? 0 : 9,
            proto: isData ? "UDP/DTLS/SCTP" : "UDP/TLS/RTP/SAVPF"
        )
        section.mid = line.mid
        section.ufrag = own.ufrag
        section.password = own.password
        let text = context.certificate.fingerprint.description.split(separator: " ")
        section.fingerprints = [.init(function: String(text[0]), value: String(text[1]))]
        section.setup = setup
        section.candidates = addresses.enumerated().map { place, address in
            ICECandidate(
                foundation: "\(place + 1)",
                transport: .udp,
                priority: ICECandidate.priority(
                    typePreference: 126,
                    localPreference: UInt16(65_535 - place)
                ),
                host: .address(address.ip),
                port: address.port,
                kind: .host
            ).description
        }
        section.endsCandidates = !addresses.isEmpty
        guard !isData else {
            section.sctpPort = 5_000
            section.maxMessageSize = 262_144
            return section
        }
        section.multiplexesRTCP = true
        section.formats = line.formats
        section.extensions = line.extensions
        section.direction = .init(
            sends: line.track != nil && !line.isRejected,
            receives: line.receives && !line.isRejected
        )
        if let index = line.track { tell(of: sent[index], index, in: &section) }
        return section
    }

    private func tell(
        of track: SentTrack,
        _ index: Int,
        in section: inout SessionDescription.Section
    ) {
        section.msids = [.init(stream: track.stream, track: "track\(index)")]
        let rids = track.layers.compactMap(\.layer.rid)
        if rids.count > 1 {
            section.rids = rids.map { .init($0, sends: true) }
            section.simulcast = .init(sends: rids.map { [.init($0)] })
            return
        }
        guard let layer = track.layers.first else { return }
        section.sources = [.init(layer.ssrc, cname: "caller", msid: section.msids.first)]
        if track.kind == .video, habits.repairs {
            section.sources.append(.init(layer.repair, cname: "caller", msid: section.msids.first))
            section.groups = [.init("FID", [layer.ssrc, layer.repair])]
        }
    }

    // MARK: - The other's

    private func read(_ text: String) throws(CallerFault) -> SessionDescription {
        do throws(SDPFault) {
            return try SessionDescription(text, sizeLimit: Self.longestDescription)
        } catch {
            throw .unreadable(error)
        }
    }

    private mutating func take(
        _ description: SessionDescription,
        at now: Instant
    ) throws(CallerFault) {
        guard
            let section = description.sections.first(where: {
                $0.ufrag != nil && $0.password != nil && !$0.fingerprints.isEmpty
            }),
            let credentials = ICECredentials(
                ufrag: section.ufrag ?? "",
                password: section.password ?? ""
            )
        else { throw .hasNoCredentials }
        if description.isICELite { isControlling = true }
        if peer != credentials {
            peer = credentials
            peerKey = STUNKey(password: credentials.password)
            seek(description, at: now)
        }
        fingerprints = section.fingerprints.compactMap {
            // One of a kind that is too weak counts as if it were not there.
            try? CertificateFingerprint($0.description)
        }
        dtls?.expect(fingerprints)
        var named: Set<SSRC> = []
        for section in description.sections
        where section.direction.sends && !section.isRejected && section.kind != .application {
            guard let source = section.sources.first else { continue }
            named.insert(source.ssrc)
            hear(section, source.ssrc)
        }
        for track in heard { track.isEnded = !named.contains(track.ssrc) }
    }

    private mutating func hear(_ section: SessionDescription.Section, _ ssrc: SSRC) {
        if let number = number(of: .transportCC, in: section), habits.numbersPackets {
            heardIDs.transportCC = number
        }
        guard places[ssrc.rawValue] == nil, heard.count < Self.mostHeard else { return }
        let track = HeardTrack(section, ssrc)
        places[ssrc.rawValue] = heard.count
        if let repair = track.repair { places[repair.rawValue] = heard.count }
        heard.append(track)
    }

    /// Looks up in an answer by which numbers the other side wants what this one sends.
    private mutating func agree(_ description: SessionDescription, at now: Instant) {
        for line in lines {
            guard let index = line.track,
                let section = description.sections.first(where: { $0.mid == line.mid }),
                !section.isRejected, section.direction.receives
            else { continue }
            let track = sent[index]
            guard !track.isAgreed else { continue }
            track.isAgreed = true
            track.nextFrame = now + track.interval * Double.random(in: 0..<1, using: &random)
            track.repairedRID = number(of: .repairedRID, in: section) ?? 0
            track.repairType =
                section.formats.contains { $0.name.lowercased() == "rtx" }
                ? SentTrack.vp8Repair : nil
            for layer in track.layers { prepare(layer, of: track, section) }
        }
    }

    private func prepare(
        _ layer: SentLayer,
        of track: SentTrack,
        _ section: SessionDescription.Section
    ) {
        var list: [UInt8] = []
        if let id = number(of: .transportCC, in: section), habits.numbersPackets {
            layer.numberOffset = 17 + list.count
            list += [id << 4 | 1, 0, 0]
        }
        if track.kind == .audio, let id = number(of: .audioLevel, in: section) {
            list += [id << 4, Self.level]
        }
        if let rid = layer.layer.rid, let own = number(of: .rid, in: section) {
            if let id = number(of: .mid, in: section) {
                list += [id << 4 | UInt8(track.mid.utf8.count - 1)] + Array(track.mid.utf8)
            }
            layer.ridOffset = 16 + list.count
            list += [own << 4 | UInt8(rid.utf8.count - 1)] + Array(rid.utf8)
        }
        while !list.count.isMultiple(of: 4) { list.append(0) }
        let type = track.kind == .audio ? SentTrack.opus : SentTrack.vp8
        var header: [UInt8] = [list.isEmpty ? 0x80 : 0x90, type.rawValue]
        header += [UInt8](repeating: 0, count: 10)
        for index in 0..<4 {
            header[8 + index] = UInt8(
                truncatingIfNeeded: layer.ssrc.rawValue >> UInt32(24 - 8 * index)
            )
        }
        if !list.isEmpty { header += [0xBE, 0xDE, 0, UInt8(list.count / 4)] + list }
        layer.header = header
        if track.kind == .video { layer.payload = Self.datagram - 16 - header.count }
    }

    private func number(
        of wanted: HeaderExtension,
        in section: SessionDescription.Section
    ) -> UInt8? {
        section.extensions.first { $0.uri == wanted.rawValue && 1...14 ~= $0.id }?.id
    }

    private static var known: Set<String> {
        [HeaderExtension.audioLevel.rawValue, HeaderExtension.transportCC.rawValue]
    }
    /// A voice of somebody who speaks.
    private static var level: UInt8 { 0x80 | 30 }
    /// What a datagram of a picture has, tag included.
    private static var datagram: Int { 1_200 }
    /// That of a call in which hundreds may be heard.
    private static var longestDescription: Int { 4 << 20 }
    private static var mostHeard: Int { 2_048 }
}
