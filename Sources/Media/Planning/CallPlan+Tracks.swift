internal import Basics
internal import Crypto

// Which tracks there are, what they are, and who is offered them.
extension CallPlan {
    /// Says what each track is that nobody could say of before, and lets it be seen.
    mutating func classify() {
        for (id, track) in tracks where track.role == nil {
            guard let session = sessions[track.owner] else { continue }
            guard let role = role(of: track, session) else { continue }
            tracks[id]?.role = role
            tracks[id]?.name = "\(role.rawValue)_\(track.owner.rawValue)_\(Self.suffix(of: id))"
            guard role == .voice else { continue }
            tracks[id]?.shape.isVoice = true
            if let shape = tracks[id]?.shape { act(.changeUplink(id, shape)) }
            if session.isMuted { act(.mute(id, true)) }
        }
    }

    private func role(of track: Track, _ session: PlannedSession) -> TrackRole? {
        let isScreen =
            presenter == track.owner && session.screenStream != nil
            && session.screenStream == track.stream
        switch track.shape.kind {
        case .audio:
            return isScreen ? .screenAudio : .voice
        case .video:
            if isScreen { return .screen }
            if session.cameraStream != nil, session.cameraStream == track.stream { return .camera }
            return session.abilities.announcesTracks ? nil : .camera
        }
    }

    /// Eight characters that tell this track from all others of the session.
    private static func suffix(of uplink: UplinkID) -> String {
        let text = String(uplink.rawValue &* 0x9E37_79B9_7F4A_7C15, radix: 36)
        return String((text + "00000000").prefix(8))
    }

    /// Offers everybody what has changed for them, who can be offered anything now.
    mutating func offerAll(at now: Instant, using random: inout some RandomNumberGenerator) {
        for id in order { offer(id, at: now, using: &random) }
    }

    private mutating func offer(
        _ id: SessionID,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        guard var session = sessions[id], session.isReady, session.answerDue == nil,
            session.lockedUntil.map({ $0 <= now }) ?? true
        else { return }
        for owner in order where owner != id {
            guard let mids = sessions[owner]?.uplinks.keys.sorted() else { continue }
            for mid in mids {
                guard let uplink = sessions[owner]?.uplinks[mid], session.views[uplink] == nil,
                    let track = tracks[uplink], let role = track.role, shows(track, to: session)
                else { continue }
                let downlink = DownlinkID(numbers.take())
                let outgoing = OutgoingTrack(
                    id: downlink.rawValue,
                    kind: role.kind,
                    streamID: owner.rawValue,
                    trackID: track.name,
                    codecs: codecs(of: track),
                    ssrc: SSRC(UInt32.random(in: 1 ..< .max, using: &random)),
                    retransmissionSSRC: role.kind == .video
                        ? SSRC(UInt32.random(in: 1 ..< .max, using: &random)) : nil
                )
                do throws(NegotiationFault) {
                    try session.negotiation.send(outgoing)
                    session.views[uplink] = downlink
                } catch {
                    // Names and codecs are ours, so this says that a session's name can't be written.
                    tell(id, .refused(what: "track", why: error.description))
                }
            }
        }
        let map = session.negotiation.needsOffer ? session.negotiation.makeOffer() : nil
        sessions[id] = session
        guard let sdp = map else { return }
        sessions[id]?.answerDue = now + .seconds(10)
        tell(id, .offer(sdp: sdp, tracks: mappedTracks(of: id)))
    }

    /// What a track's packets may hold: what its sender sends, which is the first that was agreed.
    private func codecs(of track: Track) -> [Codec] {
        let first = track.shape.formats.first { $0.retransmitted == nil }
        return first.map { [$0.codec] } ?? []
    }

    /// Of a sender's AV1 and VP8 of one picture, each viewer gets the one it can decode.
    private func shows(_ track: Track, to viewer: PlannedSession) -> Bool {
        guard let codec = codecs(of: track).first else { return false }
        guard track.shape.kind == .video else { return true }
        let twins = tracks.values.filter {
            $0.owner == track.owner && $0.role == track.role && $0.stream == track.stream
                && $0.uplink != track.uplink && $0.shape.kind == .video
        }
        if codec == .av1 { return viewer.abilities.decodesAV1 }
        let hasBetter = twins.contains { codecs(of: $0).first == .av1 }
        return !(hasBetter && viewer.abilities.decodesAV1)
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
        sessions[track.owner]?.uplinks[track.mid] = nil
        if tellBoard { act(.removeUplink(uplink)) }
        unview(uplink, tellBoard: false)
    }

    /// The track stays, but nobody sees it, until its role is known again.
    mutating func conceal(_ uplink: UplinkID) {
        tracks[uplink]?.role = nil
        unview(uplink, tellBoard: true)
    }

    private mutating func unview(_ uplink: UplinkID, tellBoard: Bool) {
        for id in order {
            guard let downlink = sessions[id]?.views.removeValue(forKey: uplink) else { continue }
            sessions[id]?.negotiation.stop(downlink.rawValue)
            if sessions[id]?.downlinks.removeValue(forKey: downlink) != nil, tellBoard {
                act(.removeDownlink(downlink))
            }
        }
    }
}
