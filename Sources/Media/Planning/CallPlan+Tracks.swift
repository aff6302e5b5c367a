internal import Basics
internal import Crypto

// Which tracks there are, what they are, and who is offered them.
extension CallPlan {
    /// Says what each track is that nobody could say of before, and lets it be seen.
    mutating func classify() {
        guard !unnamed.isEmpty else { return }
        for id in unnamed.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let track = tracks[id], let session = sessions[track.owner],
                let role = role(of: track, session)
            else { continue }
            unnamed.remove(id)
            stale.formUnion(order)
            tracks[id]?.role = role
            tracks[id]?.name = "\(role.rawValue)_\(track.owner.rawValue)_\(Self.suffix(of: id))"
            tracks[id]?.isConcealed = false
            let isVoice = role == .voice
            guard track.shape.isVoice != isVoice else { continue }
            var shape = track.shape
            shape.isVoice = isVoice
            tracks[id]?.shape = shape
            act(.changeUplink(id, shape), wherever: track)
            if session.isMuted { act(.mute(id, isVoice), wherever: track) }
        }
    }

    private func role(of track: Track, _ session: PlannedSession) -> TrackRole? {
        let isScreen =
            presenter == track.owner && session.screenStream != nil
            && session.screenStream == track.stream
        switch track.shape.kind {
        case .audio:
            if isScreen { return .screenAudio }
            return track.isConcealed ? nil : .voice
        case .video:
            if isScreen { return .screen }
            if session.cameraStream != nil, session.cameraStream == track.stream { return .camera }
            return session.abilities.announcesTracks || track.isConcealed ? nil : .camera
        }
    }

    /// Eight characters that tell this track from all others of the session.
    private static func suffix(of uplink: UplinkID) -> String {
        let text = String(uplink.rawValue &* 0x9E37_79B9_7F4A_7C15, radix: 36)
        return String((text + "00000000").prefix(8))
    }

    /// Offers everybody what has changed for them, who can be offered anything now.
    mutating func offerAll(at now: Instant, using random: inout some RandomNumberGenerator) {
        guard !stale.isEmpty else { return }
        let ready = stale.compactMap { id in sessions[id].map { (id: id, peer: $0.peer.rawValue) } }
        stale = []
        // In the order in which they came.
        for (id, _) in ready.sorted(by: { $0.peer < $1.peer }) {
            offer(id, at: now, using: &random)
        }
    }

    private mutating func offer(
        _ id: SessionID,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        guard let viewer = sessions[id], viewer.isReady else { return }
        guard viewer.answerDue == nil, viewer.lockedUntil.map({ $0 <= now }) ?? true else {
            if viewer.offerWishedSince == nil { sessions[id]?.offerWishedSince = now }
            return
        }
        // A picture may have come by another codec since, which this viewer gets instead.
        for uplink in trackOrder where viewer.views[uplink] != nil {
            guard let track = tracks[uplink], track.shape.kind == .video,
                !shows(track, to: viewer)
            else { continue }
            unview(uplink, by: id, tellBoard: true)
        }
        guard var session = sessions[id] else { return }
        for uplink in trackOrder where session.views[uplink] == nil {
            guard let track = tracks[uplink], track.owner != id, let role = track.role,
                shows(track, to: session)
            else { continue }
            let downlink = DownlinkID(numbers.take())
            let isPicture = role.kind == .video
            let outgoing = OutgoingTrack(
                id: downlink.rawValue,
                kind: role.kind,
                streamID: track.owner.rawValue,
                trackID: track.name,
                codecs: codec(of: track).map { [$0] } ?? [],
                ssrc: Self.ssrc(using: &random),
                retransmissionSSRC: isPicture ? Self.ssrc(using: &random) : nil
            )
            do throws(NegotiationFault) {
                try session.negotiation.send(outgoing)
                session.views[uplink] = downlink
            } catch {
                // Names and codecs are ours, so this says that a session's name can't be written.
                tell(id, .refused(what: "track", why: error.description))
            }
        }
        let offer = session.negotiation.makeOffer()
        let wishedSince = session.offerWishedSince
        session.offerWishedSince = nil
        sessions[id] = session
        guard let sdp = offer else { return }
        grabLock(for: id, wishedSince: wishedSince, at: now)
        sessions[id]?.answerDue = now + .seconds(10)
        book(id)
        tell(id, .offer(sdp: sdp, tracks: mappedTracks(of: id)))
    }

    private static func ssrc(using random: inout some RandomNumberGenerator) -> SSRC {
        SSRC(UInt32.random(in: 1 ..< .max, using: &random))
    }

    /// What a track's packets hold: what its sender sends, which is the first that was agreed.
    func codec(of track: Track) -> Codec? {
        track.shape.formats.first { $0.retransmitted == nil }?.codec
    }

    /// Of a sender's AV1 and VP8 of one picture, each viewer gets the one it can decode.
    private func shows(_ track: Track, to viewer: PlannedSession) -> Bool {
        guard let codec = codec(of: track) else { return false }
        guard track.shape.kind == .video else { return true }
        if codec == .av1 { return viewer.abilities.decodesAV1 }
        guard viewer.abilities.decodesAV1 else { return true }
        return !tracks.values.contains { twin in
            twin.owner == track.owner && twin.role == track.role && twin.stream == track.stream
                && twin.uplink != track.uplink && self.codec(of: twin) == .av1
        }
    }

    private func mappedTracks(of id: SessionID) -> [PlanAction.MappedTrack] {
        guard let session = sessions[id] else { return [] }
        let owners = Dictionary(
            session.views.map { ($0.value.rawValue, $0.key) },
            uniquingKeysWith: { first, _ in first }
        )
        return session.negotiation.mediaMap.compactMap { mid, outgoing in
            guard let uplink = owners[outgoing.id], let track = tracks[uplink],
                let role = track.role
            else { return nil }
            return PlanAction.MappedTrack(mid: mid, role: role, sender: track.owner)
        }.sorted { $0.mid < $1.mid }
    }

    // MARK: - Ending

    /// The track is gone for everybody.
    mutating func withdraw(_ uplink: UplinkID, tellBoard: Bool) {
        guard let track = tracks.removeValue(forKey: uplink) else { return }
        unnamed.remove(uplink)
        trackOrder.removeAll { $0 == uplink }
        sessions[track.owner]?.uplinks[track.mid] = nil
        if tellBoard { act(.removeUplink(uplink), on: track.shard) }
        for shard in track.mirrors.keys.sorted() { act(.removeUplink(uplink), on: shard) }
        unview(uplink, tellBoard: false)
    }

    /// The track stays, but nobody sees it, until its role is known again.
    mutating func conceal(_ uplink: UplinkID) {
        tracks[uplink]?.role = nil
        tracks[uplink]?.isConcealed = true
        unnamed.insert(uplink)
        unview(uplink, tellBoard: true)
    }

    private mutating func unview(_ uplink: UplinkID, tellBoard: Bool) {
        for id in order where unview(uplink, by: id, tellBoard: tellBoard) { stale.insert(id) }
    }

    /// False if this viewer did not see it.
    @discardableResult
    private mutating func unview(_ uplink: UplinkID, by id: SessionID, tellBoard: Bool) -> Bool {
        guard let downlink = sessions[id]?.views.removeValue(forKey: uplink) else { return false }
        sessions[id]?.negotiation.stop(downlink.rawValue)
        sessions[id]?.hidden.remove(downlink)
        guard let shard = sessions[id]?.shard,
            sessions[id]?.downlinks.removeValue(forKey: downlink) != nil
        else { return true }
        if tellBoard { act(.removeDownlink(downlink), on: shard) }
        unmirror(uplink, on: shard)
        return true
    }

    // MARK: - On several boards

    /// A view of the track is about to be made on that board, which may need a mirror for it.
    mutating func mirror(_ uplink: UplinkID, on shard: Int) {
        guard let track = tracks[uplink], track.shard != shard else { return }
        tracks[uplink]?.mirrors[shard, default: 0] += 1
        guard track.mirrors[shard] == nil else { return }
        act(.addMirror(uplink, track.shape, call: number), on: shard)
        if track.shape.isVoice, sessions[track.owner]?.isMuted == true {
            act(.mute(uplink, true), on: shard)
        }
    }

    /// A view of the track is gone on that board, which needs no mirror for none.
    mutating func unmirror(_ uplink: UplinkID, on shard: Int) {
        guard let track = tracks[uplink], let views = track.mirrors[shard] else { return }
        tracks[uplink]?.mirrors[shard] = views > 1 ? views - 1 : nil
        guard views == 1 else { return }
        act(.feed(uplink, shard: shard, false), on: track.shard)
        act(.removeUplink(uplink), on: shard)
        want(0, of: uplink, on: shard)
    }
}
