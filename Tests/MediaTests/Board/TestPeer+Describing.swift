import Basics
import Crypto
import Media

/// A media section as the test peer keeps it.
struct PeerLine {
    var kind: SessionDescription.Kind
    var mid: String
    /// Which of its tracks the peer sends here.
    var track: Int?
    var formats: [SessionDescription.Format]
    var extensions: [SessionDescription.Extension]
    /// Whether it takes what is sent here.
    var receives = true
}

// What the peer says in SDP.
extension TestPeer {
    /// Begins to send a track with the next offer, and returns its number.
    @discardableResult
    func publish(
        _ codec: Codec,
        stream: String,
        rids: [(String, UInt16, UInt16)] = [],
        pace: Duration? = nil
    ) -> Int {
        var layers: [SentLayer] = []
        for (rid, width, height) in rids {
            layers.append(SentLayer(rid, width, height, using: &random))
        }
        if layers.isEmpty {
            let (width, height): (UInt16, UInt16) = codec.kind == .video ? (640, 360) : (0, 0)
            layers = [SentLayer(nil, width, height, using: &random)]
        }
        let usual: Duration = codec.kind == .audio ? .milliseconds(20) : .milliseconds(40)
        var track = SentTrack(
            kind: codec.kind,
            codec: codec,
            stream: stream,
            layers: layers,
            pace: pace ?? usual
        )
        track.mid = "p\(tracks.count)"
        lines.append(
            PeerLine(
                kind: codec.kind == .audio ? .audio : .video,
                mid: track.mid,
                track: tracks.count,
                formats: formats(of: codec),
                extensions: extensions(of: codec.kind)
            )
        )
        tracks.append(track)
        return tracks.count - 1
    }

    /// Sends the track no more; the next offer says so.
    func unpublish(_ index: Int) {
        tracks[index].isStopped = true
        for place in lines.indices where lines[place].track == index { lines[place].track = nil }
    }

    /// Says an offer, or later if one is on its way.
    func offer() {
        guard !isOffering else {
            offersLater = true
            return
        }
        if habits.hasChannel, !lines.contains(where: { $0.kind == .application }) {
            lines.append(PeerLine(kind: .application, mid: "dc", formats: [], extensions: []))
        }
        isOffering = true
        words.append(.offer(name, sdp: describe(setup: habits.isPassive ? .passive : .either)))
    }

    /// New credentials, of which the next offer tells.
    func restartICE() {
        own = Self.credentials(using: &random)
    }

    private func formats(of codec: Codec) -> [SessionDescription.Format] {
        switch codec.kind {
        case .audio:
            var opus = SessionDescription.Format(SentTrack.opus)
            (opus.name, opus.clockRate, opus.channels) = ("opus", 48_000, 2)
            opus.feedback = .transportCC
            return [opus]
        case .video:
            let isAV1 = codec == .av1
            let number = isAV1 ? SentTrack.av1 : SentTrack.vp8
            var format = SessionDescription.Format(number)
            (format.name, format.clockRate) = (isAV1 ? "AV1" : "VP8", 90_000)
            format.feedback = [.nack, .pli, .fir, .remb, .transportCC]
            guard habits.repairs else { return [format] }
            var repair = SessionDescription.Format(
                isAV1 ? SentTrack.av1Repair : SentTrack.vp8Repair
            )
            (repair.name, repair.clockRate) = ("rtx", 90_000)
            repair.parameters = "apt=\(number)"
            return [format, repair]
        }
    }

    private func extensions(of kind: MediaKind) -> [SessionDescription.Extension] {
        let wanted: [(UInt8, HeaderExtension)] =
            kind == .audio
            ? [(1, .audioLevel), (3, .transportCC), (4, .mid)]
            : [(3, .transportCC), (4, .mid), (10, .rid), (11, .repairedRID)]
        return wanted.map { SessionDescription.Extension(id: $0.0, uri: $0.1.rawValue) }
    }

    private func describe(setup: SessionDescription.Setup) -> String {
        version += 1
        var description = SessionDescription(id: 1, version: version)
        description.bundles = [lines.map(\.mid)]
        for line in lines { description.sections.append(section(line, setup)) }
        return description.text
    }

    private func section(
        _ line: PeerLine,
        _ setup: SessionDescription.Setup
    ) -> SessionDescription.Section {
        let isData = line.kind == .application
        var section = SessionDescription.Section(
            line.kind,
            proto: isData ? "UDP/DTLS/SCTP" : "UDP/TLS/RTP/SAVPF"
        )
        section.mid = line.mid
        section.ufrag = own.ufrag
        section.password = own.password
        let text = habits.context.certificate.fingerprint.description.split(separator: " ")
        section.fingerprints = [
            .init(function: String(text[0]), value: String(text[1]))
        ]
        section.setup = setup
        guard !isData else {
            section.sctpPort = 5_000
            section.maxMessageSize = 262_144
            return section
        }
        section.multiplexesRTCP = true
        section.formats = line.formats
        section.extensions = line.extensions
        section.direction = .init(sends: line.track != nil, receives: line.receives)
        guard let index = line.track else { return section }
        let track = tracks[index]
        let msid = SessionDescription.MSID(stream: track.stream, track: "track\(index)")
        section.msids = [msid]
        if track.isSimulcast {
            section.rids = track.layers.compactMap(\.rid).map { .init($0, sends: true) }
            section.simulcast = .init(
                sends: track.layers.compactMap(\.rid).map { [.init($0)] }
            )
        } else {
            let layer = track.layers[0]
            section.sources = [.init(layer.ssrc, cname: "cname")]
            if track.kind == .video, habits.repairs {
                section.sources.append(.init(layer.repair, cname: "cname"))
                section.groups = [.init("FID", [layer.ssrc, layer.repair])]
            }
        }
        return section
    }

    // MARK: - What the server says

    func hear(_ signal: PlanAction.Signal, at now: Instant) {
        signals.append(signal)
        switch signal {
        case .answer(let sdp):
            take(sdp)
            isOffering = false
            if offersLater {
                offersLater = false
                offer()
            }
        case .offer(let sdp, _):
            offersSeen += 1
            guard habits.answers else { return }
            // The polite side gives way, and says its own again.
            if isOffering {
                isOffering = false
                offersLater = true
            }
            answer(sdp)
        case .refused(let what, let why):
            refusals.append("\(what): \(why)")
            guard what == "offer" else { return }
            isOffering = false
            // Both offered at once; this side says its own again.
            if why.contains("an offer of ours is open") { offersLater = true }
        case .over(let end): isOver = end
        case .connected, .locked, .voice, .channelMessage, .delivered, .wanted: break
        }
    }

    /// Takes the offer and answers it; its own open offer, if any, comes after.
    private func answer(_ sdp: String) {
        guard let description = take(sdp) else { return }
        // A section that only our open offer has is not known to the server, and moves behind.
        var own = lines.filter { line in
            !description.sections.contains { $0.mid == line.mid }
        }
        if own.allSatisfy({ $0.track == nil }) { own = [] }
        var answered: [PeerLine] = []
        for section in description.sections {
            let mid = section.mid ?? ""
            if let line = lines.first(where: { $0.mid == mid }) {
                answered.append(line)
            } else {
                answered.append(
                    PeerLine(
                        kind: section.kind,
                        mid: mid,
                        formats: section.formats.filter {
                            habits.repairs || $0.name.lowercased() != "rtx"
                        },
                        extensions: section.extensions
                    )
                )
            }
        }
        lines = answered
        let text = describe(setup: habits.isPassive ? .passive : .active)
        if habits.holdsAnswers {
            heldWords.append(.answer(name, sdp: text))
        } else {
            words.append(.answer(name, sdp: text))
        }
        lines += own
        if offersLater {
            offersLater = false
            offer()
        }
    }

    @discardableResult
    private func take(_ sdp: String) -> SessionDescription? {
        let description: SessionDescription
        do {
            description = try SessionDescription(sdp)
        } catch {
            refusals.append("the server's description: \(error)")
            return nil
        }
        for section in description.sections {
            guard let ufrag = section.ufrag, let password = section.password else { continue }
            let told = Credentials(ufrag: ufrag, password: password)
            if server != told {
                server = told
                nextCheck = nextTick
            }
            serverFingerprints = section.fingerprints.compactMap {
                try? CertificateFingerprint($0.description)  // ours alone can be read
            }
            dtls?.expect(serverFingerprints)
            break
        }
        var named: Set<SSRC> = []
        for section in description.sections where section.direction.sends {
            guard let source = section.sources.first, let mid = section.mid else { continue }
            named.insert(source.ssrc)
            view(section, source.ssrc, mid)
        }
        for ssrc in viewOrder { views[ssrc]?.isEnded = !named.contains(ssrc) }
        return description
    }

    private func view(_ section: SessionDescription.Section, _ ssrc: SSRC, _ mid: String) {
        guard views[ssrc] == nil else { return }
        let repair = section.groups.first { $0.semantics == "FID" && $0.sources.first == ssrc }
        let msid = section.msids.first ?? section.sources.compactMap(\.msid).first
        views[ssrc] = ViewedStream(
            ssrc: ssrc,
            repair: repair?.sources.last,
            mid: mid,
            kind: section.kind == .audio ? .audio : .video,
            stream: msid?.stream ?? "",
            track: msid?.track ?? ""
        )
        viewOrder.append(ssrc)
        if let other = views[ssrc]?.repair { repairs[other] = ssrc }
    }

    /// The streams it gets that are not ended, of one sender.
    func views(of sender: TestPeer, _ kind: MediaKind? = nil) -> [ViewedStream] {
        viewOrder.compactMap { views[$0] }.filter {
            !$0.isEnded && $0.stream == sender.name.rawValue && (kind == nil || $0.kind == kind)
        }
    }
}
