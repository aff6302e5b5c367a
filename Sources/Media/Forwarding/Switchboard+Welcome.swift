internal import Basics

// A viewer's first sight of a track.
extension Switchboard {
    /// A downlink is new: the viewer is shown the last key frame and what came since, if all of it is
    /// in the ring, else a key frame is asked for.
    mutating func welcome(_ slot: UInt32, at now: Instant, into out: inout OutgoingBatch) {
        let downlink = unsafe downlinks[slot]
        let peer = unsafe peers[downlink.pointee.peer]
        guard unsafe downlink.pointee.shape.kind == .video else { return }
        unsafe peer.pointee.hasPictures = true
        if unsafe downlink.pointee.header.countsArrival, unsafe peer.pointee.estimator == nil {
            unsafe peer.pointee.estimator = SendSideEstimator()
        }
        guard unsafe peer.pointee.isConnected else { return }
        chooseLayers(unsafe downlink.pointee.peer, at: now, into: &out)
        schedule.hasten(unsafe downlink.pointee.peer, now + Self.choiceInterval)
        unsafe downlink.pointee.isWelcomed = true
        let uplink = unsafe uplinks[downlink.pointee.uplink]
        let index = unsafe Int(downlink.pointee.aim)
        guard index >= 0, unsafe index < uplink.pointee.layerCount,
            let path = unsafe peer.pointee.path
        else { return }
        unsafe replay(index, of: uplink, to: downlink, peer, path, at: now, into: &out)
        guard unsafe downlink.pointee.current != downlink.pointee.aim else { return }
        unsafe downlink.pointee.lastAsked = now
        requestKeyFrame(unsafe downlink.pointee.uplink, layer: index, at: now, into: &out)
    }

    private mutating func replay(
        _ index: Int,
        of uplink: UnsafeMutablePointer<Uplink>,
        to downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let layer = unsafe uplink.pointee.layer(index)
        // What is gathered is still to be passed on, and would come twice; so would what is replayed
        // to somebody who is watching.
        guard unsafe layer.pointee.freshCount == 0,
            unsafe downlink.pointee.rewriter.shown == nil,
            unsafe layer.pointee.codec == downlink.pointee.shape.codec,
            let packets = unsafe layer.pointee.history.sinceKeyFrame(limit: Self.replayLimit),
            let newest = unsafe layer.pointee.history.record(packets.upperBound),
            now - newest.arrival < .seconds(5), out.hasRoom(for: packets.count)
        else { return }
        for sequence in packets {
            guard let record = unsafe layer.pointee.history.record(sequence) else { return }
            unsafe pass(record, layer, index, downlink, peer, path, at: now, into: &out)
        }
    }

    /// So many packets are replayed at most: more would be a burst that the path may not carry.
    static var replayLimit: Int { 60 }

    /// Peers that have just been connected are shown what waited for them.
    mutating func welcomeConnected(at now: Instant, into out: inout OutgoingBatch) {
        guard !unwelcomed.isEmpty else { return }
        let slots = unwelcomed
        unwelcomed.removeAll()
        for slot in slots where downlinks.isTaken(slot) { welcome(slot, at: now, into: &out) }
    }
}
