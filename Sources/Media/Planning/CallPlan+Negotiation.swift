internal import Basics
internal import Crypto

// Offers and answers, and what follows from them.
extension CallPlan {
    mutating func takeOffer(
        _ id: SessionID,
        _ sdp: String,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        guard var session = sessions[id] else {
            tell(id, .refused(what: "offer", why: "join the call first"))
            return
        }
        let fresh = Negotiation.Credentials(credentials(for: session.shard, using: &random))
        do throws(NegotiationFault) {
            switch try session.negotiation.receive(offer: sdp, fresh: fresh) {
            case .ignoredWhileOffering:
                let why = "an offer of ours is open; answer it first, then offer again"
                tell(id, .refused(what: "offer", why: why))
            case .answer(let answer, let changes):
                session.offerDue = nil
                sessions[id] = session
                stale.insert(id)
                meet(id, changes)
                settle(id)
                tell(id, .answer(sdp: answer))
            }
        } catch {
            tell(id, .refused(what: "offer", why: error.description))
        }
    }

    mutating func takeAnswer(
        _ id: SessionID,
        _ sdp: String,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        guard sessions[id] != nil else {
            tell(id, .refused(what: "answer", why: "join the call first"))
            return
        }
        do throws(NegotiationFault) {
            guard let changes = try sessions[id]?.negotiation.receive(answer: sdp) else { return }
            if sessions[id]?.answerDue != nil { releaseLock(of: id, at: now) }
            sessions[id]?.answerDue = nil
            sessions[id]?.offerDue = nil
            stale.insert(id)
            meet(id, changes)
            settle(id)
        } catch .staleAnswer {
            // The client did as it should: it was offered that twice. Its next answer is the one that is
            // waited for, and if that is lost the offer is said again.
            return
        } catch {
            tell(id, .refused(what: "answer", why: error.description))
        }
    }

    /// The board learns whom to expect, or that somebody comes by other credentials.
    private mutating func meet(_ id: SessionID, _ changes: Negotiation.Changes) {
        guard let session = sessions[id], let transport = session.negotiation.transport else {
            return
        }
        if changes.isICERestarted {
            let local = session.negotiation.localCredentials
            if let fresh = ICECredentials(ufrag: local.ufrag, password: local.password) {
                act(.restart(session.peer, fresh), on: session.shard)
            }
        }
        let isNews =
            changes.isICERestarted || changes.isHandshakeRenewed || changes.areChannelsChanged
            || !session.hasMet
        guard isNews else { return }
        sessions[id]?.hasMet = true
        var fingerprints: [CertificateFingerprint] = []
        for text in transport.fingerprints {
            do throws(CertificateFingerprint.Fault) {
                fingerprints.append(try CertificateFingerprint(text.description))
            } catch {
                // Of several, those that are made with functions we don't know are no help, nor harm.
                continue
            }
        }
        guard !fingerprints.isEmpty else {
            tell(id, .refused(what: "offer", why: "its fingerprint is of no kind that is known"))
            return
        }
        let channels = transport.channels.map { channels in
            RemoteSide.Channels(
                port: channels.port,
                messageLimit: channels.maxMessageSize.map { Int(clamping: $0) } ?? 262_144
            )
        }
        act(
            .meet(
                session.peer,
                RemoteSide(
                    ufrag: transport.credentials.ufrag,
                    fingerprints: fingerprints,
                    isOurTurn: transport.isActive,
                    channels: channels
                )
            ),
            on: session.shard
        )
    }

    /// Makes the boards' tracks what the session's sections say.
    private mutating func settle(_ id: SessionID) {
        guard let session = sessions[id] else { return }
        var seen: Set<String> = []
        var carried: Set<DownlinkID> = []
        for section in session.negotiation.sections {
            if let reception = section.reception {
                seen.insert(section.mid)
                take(reception, section, from: id)
            }
            guard let transmission = section.transmission, transmission.isActive else { continue }
            let downlink = DownlinkID(transmission.track.id)
            guard let uplink = session.views.first(where: { $0.value == downlink })?.key,
                let shape = shape(of: transmission, uplink)
            else { continue }
            carried.insert(downlink)
            guard session.downlinks[downlink] == nil else {
                if sessions[id]?.hidden.remove(downlink) != nil {
                    act(.show(downlink, .everything), on: session.shard)
                }
                continue
            }
            sessions[id]?.downlinks[downlink] = shape
            mirror(uplink, on: session.shard)
            act(.addDownlink(downlink, to: session.peer, of: uplink, shape), on: session.shard)
        }
        for (mid, uplink) in session.uplinks where !seen.contains(mid) {
            withdraw(uplink, tellBoard: true)
        }
        // The board keeps what the viewer does not take just now: made anew it would count from another
        // number under the same name, and no number may ever have two packets.
        for downlink in session.downlinks.keys.sorted(by: { $0.rawValue < $1.rawValue })
        where !carried.contains(downlink) && !session.hidden.contains(downlink) {
            sessions[id]?.hidden.insert(downlink)
            act(.show(downlink, .nothing), on: session.shard)
        }
    }

    private mutating func take(
        _ reception: Negotiation.Reception,
        _ section: Negotiation.Section,
        from id: SessionID
    ) {
        guard let session = sessions[id] else { return }
        var shape = UplinkShape(reception, section)
        let stream = reception.streamIDs.first ?? ""
        if let uplink = session.uplinks[section.mid] {
            guard var track = tracks[uplink] else { return }
            // Clients reuse a sender with a stream of another name; the role stays.
            shape.isVoice = track.shape.isVoice
            guard track.shape != shape || track.stream != stream else { return }
            track.shape = shape
            if track.stream != stream { track.isConcealed = false }
            track.stream = stream
            tracks[uplink] = track
            act(.changeUplink(uplink, shape), wherever: track)
        } else {
            let uplink = UplinkID(numbers.take())
            sessions[id]?.uplinks[section.mid] = uplink
            tracks[uplink] = Track(
                uplink: uplink,
                owner: id,
                shard: session.shard,
                mid: section.mid,
                shape: shape,
                stream: stream,
                role: nil
            )
            unnamed.insert(uplink)
            trackOrder.append(uplink)
            act(.addUplink(uplink, from: session.peer, shape), on: session.shard)
        }
    }

    /// What was agreed with the viewer; nil if it takes the track in no way that is sent.
    private func shape(
        of transmission: Negotiation.Transmission,
        _ uplink: UplinkID
    ) -> DownlinkShape? {
        guard let track = tracks[uplink], let role = track.role,
            let agreed = transmission.codecs.first
        else { return nil }
        let outgoing = transmission.track
        var retransmission: DownlinkShape.Retransmission?
        if let ssrc = outgoing.retransmissionSSRC, let payloadType = agreed.repairPayloadType {
            retransmission = DownlinkShape.Retransmission(ssrc: ssrc, payloadType: payloadType)
        }
        return DownlinkShape(
            kind: outgoing.kind,
            codec: agreed.codec,
            ssrc: outgoing.ssrc,
            payloadType: agreed.payloadType,
            retransmission: retransmission,
            extensions: ExtensionIDs(transmission.extensions),
            cname: outgoing.streamID,
            priority: role == .screen ? .screen : .other
        )
    }
}

extension Negotiation.Credentials {
    init(_ credentials: ICECredentials) {
        self.init(ufrag: credentials.ufrag, password: credentials.password)
    }
}

extension ExtensionIDs {
    fileprivate init(_ agreed: [HeaderExtension: UInt8]) {
        self.init()
        audioLevel = agreed[.audioLevel] ?? 0
        transportCC = agreed[.transportCC] ?? 0
        mid = agreed[.mid] ?? 0
        rid = agreed[.rid] ?? 0
        repairedRID = agreed[.repairedRID] ?? 0
        dependencyDescriptor = agreed[.dependencyDescriptor] ?? 0
    }
}

extension UplinkShape {
    fileprivate init(_ reception: Negotiation.Reception, _ section: Negotiation.Section) {
        var formats: [Format] = []
        for agreed in reception.codecs {
            formats.append(Format(payloadType: agreed.payloadType, codec: agreed.codec))
            if let repair = agreed.repairPayloadType {
                formats.append(
                    Format(
                        payloadType: repair,
                        codec: agreed.codec,
                        retransmitted: agreed.payloadType
                    )
                )
            }
        }
        var layers = reception.layers.prefix(UplinkShape.layerLimit).map { Layer(rid: $0.rid) }
        if layers.isEmpty { layers = [Layer()] }
        for (index, source) in reception.sources.prefix(layers.count).enumerated() {
            layers[index].ssrc = source.ssrc
            layers[index].retransmission = source.repair
        }
        let feedback = reception.codecs.first?.feedback ?? []
        self.init(
            mid: section.mid,
            kind: section.kind,
            formats: Array(formats.prefix(UplinkShape.formatLimit)),
            layers: layers,
            extensions: ExtensionIDs(reception.extensions),
            repeatsLost: feedback.contains(.nack),
            reportsArrival: feedback.contains(.transportCC)
        )
    }
}
