package import Basics
internal import Crypto

// What the planner asks for. A command about somebody who is gone is done by being forgotten: the
// planner could not know yet.
extension Switchboard {
    package mutating func perform(
        _ command: BoardCommand,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        switch command {
        case .addPeer(let id, let shape): addPeer(id, shape, at: now)
        case .meet(let id, let remote): meet(id, remote, at: now, into: &out)
        case .restart(let id, let credentials): restart(id, credentials)
        case .removePeer(let id):
            if let slot = peerSlots[id] { end(slot, .removed, at: now, into: &out) }
        case .addUplink(let id, let peer, let shape): addUplink(id, from: peer, shape)
        case .changeUplink(let id, let shape): changeUplink(id, shape)
        case .addMirror(let id, let shape, let call): addMirror(id, shape, call: call, at: now)
        case .removeUplink(let id):
            if let slot = uplinkSlots[id] { removeUplink(slot, at: now) }
        case .feed(let id, let shard, let isOn): feed(id, to: shard, isOn, at: now)
        case .askKeyFrame(let id, let layer):
            if let slot = uplinkSlots[id] {
                requestKeyFrame(slot, layer: layer, at: now, into: &out)
            }
        case .mute(let id, let isMuted): mute(id, isMuted, at: now)
        case .addDownlink(let id, let peer, let uplink, let shape):
            addDownlink(id, to: peer, of: uplink, shape, at: now, into: &out)
        case .removeDownlink(let id):
            if let slot = downlinkSlots[id] { removeDownlink(slot, at: now) }
        case .show(let id, let showing): show(id, showing, at: now, into: &out)
        case .send(let id, let channel, let isText, let bytes, let asksForReceipt):
            send(
                bytes,
                isText: isText,
                on: channel,
                asksForReceipt: asksForReceipt,
                of: id,
                at: now,
                into: &out
            )
        }
    }

    // MARK: - Peers

    private mutating func addPeer(_ id: PeerID, _ shape: PeerShape, at now: Instant) {
        guard peerSlots[id] == nil else { return }
        let reporter = SSRC(UInt32(truncatingIfNeeded: random.next()))
        guard
            let slot = peers.insert(
                Peer(id, shape, reporter: reporter, consent: rules.consent, at: now)
            )
        else {
            events.append(.gone(id, .failed))
            return
        }
        peerSlots[id] = slot
        let name = Self.key(of: shape.credentials.ufrag)
        unsafe peers[slot].pointee.knownNames = [name]
        ufrags.insert(name, slot)
        schedule.set(slot, now + rules.arrival)
    }

    private mutating func meet(
        _ id: PeerID,
        _ remote: RemoteSide,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard let slot = peerSlots[id] else { return }
        let peer = unsafe peers[slot]
        unsafe peer.pointee.ice.expect(remoteUfrag: remote.ufrag)
        unsafe peer.pointee.remote = remote
        guard let path = unsafe peer.pointee.path else { return }
        guard unsafe peer.pointee.dtls != nil else {
            beginHandshake(slot, at: now, into: &out)
            return
        }
        // The peer was faster than its description, or has said more since.
        unsafe peer.pointee.dtls?.expect(remote.fingerprints)
        unsafe openChannels(peer)
        turn(slot, over: path, at: now, into: &out)
    }

    private mutating func restart(_ id: PeerID, _ credentials: ICECredentials) {
        guard let slot = peerSlots[id] else { return }
        let peer = unsafe peers[slot]
        unsafe peer.pointee.ice.restart(credentials)
        let names = unsafe peer.pointee.ice.ufrags.map(Self.key)
        for old in unsafe peer.pointee.knownNames where !names.contains(old) {
            ufrags.remove(old, slot)
        }
        for new in names where unsafe !peer.pointee.knownNames.contains(new) {
            ufrags.insert(new, slot)
        }
        unsafe peer.pointee.knownNames = names
    }

    /// The peer's tracks go with it, and everybody's view of them.
    mutating func end(
        _ slot: UInt32,
        _ why: PeerEnd,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        let id = unsafe peer.pointee.id
        if why == .removed, let path = unsafe peer.pointee.path {
            unsafe peer.pointee.dtls?.close()
            unsafe sendRecords(peer, over: path, into: &out)
        }
        for uplink in unsafe peer.pointee.uplinks { removeUplink(uplink, at: now) }
        for downlink in unsafe peer.pointee.downlinks { removeDownlink(downlink, at: now) }
        for path in unsafe peer.pointee.knownPaths { paths.remove(path.fingerprint, slot) }
        for name in unsafe peer.pointee.knownNames { ufrags.remove(name, slot) }
        peerSlots[id] = nil
        schedule.set(slot, nil)
        peers.remove(slot)
        events.append(.gone(id, why))
    }

    // MARK: - Tracks that come

    private mutating func addUplink(_ id: UplinkID, from peerID: PeerID, _ shape: UplinkShape) {
        guard uplinkSlots[id] == nil, let owner = peerSlots[peerID] else { return }
        guard
            let slot = uplinks.insert(
                Uplink(
                    id: id,
                    peer: owner,
                    call: unsafe peers[owner].pointee.call,
                    shape: shape,
                    historyPackets: rules.historyPackets,
                    using: &random
                )
            )
        else { return }
        uplinkSlots[id] = slot
        unsafe peers[owner].pointee.uplinks.append(slot)
        bindDeclared(slot)
        takePart(slot)
    }

    private mutating func changeUplink(_ id: UplinkID, _ shape: UplinkShape) {
        guard let slot = uplinkSlots[id] else { return }
        unsafe uplinks[slot].pointee.shape = shape
        unsafe uplinks[slot].pointee.adoptLayers()
        bindDeclared(slot)
        takePart(slot)
    }

    /// Numbers that the description names are known before their first packet.
    private mutating func bindDeclared(_ slot: UInt32) {
        let uplink = unsafe uplinks[slot]
        guard unsafe !uplink.pointee.isMirror else { return }
        let peer = unsafe peers[uplink.pointee.peer]
        for (index, layer) in unsafe uplink.pointee.shape.layers.enumerated()
        where index < UplinkShape.layerLimit {
            if let ssrc = layer.ssrc {
                unsafe bind(ssrc, isRetransmission: false, layer: index, slot, uplink, peer)
            }
            if let ssrc = layer.retransmission {
                unsafe bind(ssrc, isRetransmission: true, layer: index, slot, uplink, peer)
            }
        }
    }

    /// From now on this number is this encoding's. One it had before is forgotten, and what was kept
    /// under it: a new number means a new beginning.
    mutating func bind(
        _ ssrc: SSRC,
        isRetransmission: Bool,
        layer index: Int,
        _ slot: UInt32,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ peer: UnsafeMutablePointer<Peer>
    ) {
        let layer = unsafe uplink.pointee.layer(index)
        let before = unsafe isRetransmission ? layer.pointee.retransmission : layer.pointee.ssrc
        guard before != ssrc else { return }
        unsafe peer.pointee.streams.unbind(
            uplink: slot,
            layer: UInt8(index),
            retransmission: isRetransmission
        )
        let place = StreamTable.Place(
            uplink: slot,
            layer: UInt8(index),
            isRetransmission: isRetransmission
        )
        guard unsafe peer.pointee.streams.bind(ssrc, place) else { return }
        if isRetransmission {
            unsafe layer.pointee.retransmission = ssrc
            unsafe layer.pointee.index(isRetransmission: true).pointee = PacketIndex()
        } else {
            unsafe layer.pointee.begin(ssrc)
            unsafe uplink.pointee.unheard = 0
        }
    }

    mutating func removeUplink(_ slot: UInt32, at now: Instant) {
        let uplink = unsafe uplinks[slot]
        while unsafe uplink.pointee.viewerCount > 0 {
            removeDownlink(unsafe uplink.pointee.viewers[0], at: now)
        }
        if unsafe uplink.pointee.isPending { forgetPending(slot) }
        leaveVoices(slot)
        if unsafe uplink.pointee.isMirror {
            mirrors.remove(unsafe uplink.pointee.id.rawValue, slot)
            mirrorSchedule.set(slot, nil)
        } else {
            let peer = unsafe peers[uplink.pointee.peer]
            unsafe peer.pointee.streams.unbind(uplink: slot)
            unsafe peer.pointee.uplinks.removeAll { $0 == slot }
            forgetHandovers(of: slot)
        }
        uplinkSlots[unsafe uplink.pointee.id] = nil
        uplinks.remove(slot)
    }

    private mutating func forgetPending(_ slot: UInt32) {
        for place in 0..<pendingCount where unsafe pending[place] == slot {
            pendingCount -= 1
            unsafe pending[place] = pending[pendingCount]
            guard place == 0 else { return }
            resumeLayer = 0
            resumeViewer = 0
            resumePacket = 0
            return
        }
    }

    private mutating func mute(_ id: UplinkID, _ isMuted: Bool, at now: Instant) {
        guard let slot = uplinkSlots[id] else { return }
        let uplink = unsafe uplinks[slot]
        unsafe uplink.pointee.isMuted = isMuted
        if isMuted {
            silence(slot, at: now)
        } else {
            takePart(slot)
        }
    }

    // MARK: - Tracks that go

    private mutating func addDownlink(
        _ id: DownlinkID,
        to peerID: PeerID,
        of uplinkID: UplinkID,
        _ shape: DownlinkShape,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard downlinkSlots[id] == nil, let viewer = peerSlots[peerID],
            let source = uplinkSlots[uplinkID]
        else { return }
        let downlink = Downlink(
            id: id,
            peer: viewer,
            uplink: source,
            shape: shape,
            using: &random
        )
        guard let slot = downlinks.insert(downlink) else { return }
        downlinkSlots[id] = slot
        unsafe peers[viewer].pointee.downlinks.append(slot)
        unsafe uplinks[source].pointee.addViewer(slot)
        welcome(slot, at: now, into: &out)
    }

    private mutating func removeDownlink(_ slot: UInt32, at now: Instant) {
        let downlink = unsafe downlinks[slot]
        let viewer = unsafe downlink.pointee.peer
        let uplink = unsafe uplinks[downlink.pointee.uplink]
        // Passing on may have stopped among this track's viewers.
        let isResumed = unsafe pendingCount > 0 && pending[0] == downlink.pointee.uplink
        let served = isResumed ? resumeViewer : 0
        if isResumed, unsafe served < uplink.pointee.viewerCount,
            unsafe uplink.pointee.viewers[served] == slot
        {
            resumePacket = 0
        }
        let left = unsafe uplink.pointee.removeViewer(slot, served: served)
        if isResumed { resumeViewer = left }
        unsafe want([], by: slot, uplink, at: now)
        unsafe peers[viewer].pointee.downlinks.removeAll { $0 == slot }
        downlinkSlots[unsafe downlink.pointee.id] = nil
        downlinks.remove(slot)
        var hasPictures = false
        for other in unsafe peers[viewer].pointee.downlinks
        where unsafe downlinks[other].pointee.shape.kind == .video {
            hasPictures = true
        }
        unsafe peers[viewer].pointee.hasPictures = hasPictures
    }

    private mutating func show(
        _ id: DownlinkID,
        _ showing: Showing,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard let slot = downlinkSlots[id] else { return }
        let downlink = unsafe downlinks[slot]
        unsafe downlink.pointee.showing = showing
        chooseLayers(unsafe downlink.pointee.peer, at: now, into: &out)
    }
}
