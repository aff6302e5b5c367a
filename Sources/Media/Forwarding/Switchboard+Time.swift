package import Basics
internal import Crypto

// What is done because its time has come.
extension Switchboard {
    /// Passes on what is gathered, and does what is due. True when nothing is left to do now; false when
    /// the batch is nearly full: send it and come back.
    package mutating func advance(to now: Instant, into out: inout OutgoingBatch) -> Bool {
        guard passOn(at: now, into: &out) else { return false }
        serveMirrors(at: now)
        welcomeConnected(at: now, into: &out)
        // What is due is said once, so there must be room for it before it is asked for.
        while out.isEmpty || out.hasRoom(for: Self.mostReports) {
            guard let slot = schedule.nextDue(from: dueFrom, at: now) else {
                dueFrom = 0
                return passOn(at: now, into: &out)
            }
            // Nobody is served twice in one go, whatever is due again at once: others wait.
            dueFrom = slot + 1
            serve(slot, at: now, into: &out)
        }
        return false
    }

    /// One peer is served with so many datagrams at most, of whatever kind.
    private static var mostReports: Int { 64 }

    private mutating func serve(_ slot: UInt32, at now: Instant, into out: inout OutgoingBatch) {
        let peer = unsafe peers[slot]
        if let end = unsafe missing(peer, at: now) {
            self.end(slot, end, at: now, into: &out)
            return
        }
        unsafe peer.pointee.ice.advance(to: now)
        if let path = unsafe peer.pointee.path {
            if let due = unsafe peer.pointee.dtls?.deadline, due <= now {
                unsafe peer.pointee.dtls?.advance(to: now)
                turn(slot, over: path, at: now, into: &out)
            }
            if let due = unsafe peer.pointee.channels?.deadline, due <= now {
                unsafe peer.pointee.channels?.advance(to: now)
                turn(slot, over: path, at: now, into: &out)
            }
            guard peers.isTaken(slot) else { return }
            if unsafe peer.pointee.isConnected {
                unsafe report(peer, slot, over: path, at: now, into: &out)
            }
        }
        plan(slot, at: now)
    }

    /// A peer is not served twice within this, so that a turn ends whatever a deadline says.
    private static var leastPause: Duration { .milliseconds(1) }

    /// Whether the peer counts as gone.
    private func missing(_ peer: UnsafeMutablePointer<Peer>, at now: Instant) -> PeerEnd? {
        if unsafe peer.pointee.ice.pathCount == 0, unsafe !peer.pointee.isConnected {
            return unsafe now - peer.pointee.born >= rules.arrival ? .neverCame : nil
        }
        if unsafe peer.pointee.ice.isExpired(at: now) { return .silent }
        if unsafe !peer.pointee.isConnected, unsafe now - peer.pointee.born >= rules.arrival {
            return .failed
        }
        return nil
    }

    /// Puts down when the peer is to be served next.
    ///
    /// What may as well come a little later (reports, choices, that a peer has fallen silent) is put off
    /// until the next of the moments at which such things are done for everybody: a thousand peers whose
    /// times lie anywhere would wake the thread a thousand times.
    mutating func plan(_ slot: UInt32, at now: Instant) {
        let peer = unsafe peers[slot]
        var due = Instant(nanoseconds: .max)
        var leisurely =
            unsafe peer.pointee.isConnected
            ? peer.pointee.ice.deadline : peer.pointee.born + rules.arrival
        // Without a path nothing can be done until a check comes.
        guard unsafe peer.pointee.path != nil else {
            schedule.set(slot, max(leisurely, now + Self.leastPause))
            return
        }
        func hasten(_ instant: Instant?, _ due: inout Instant) {
            if let instant, instant < due { due = instant }
        }
        unsafe hasten(peer.pointee.dtls?.deadline, &due)
        unsafe hasten(peer.pointee.channels?.deadline, &due)
        if unsafe peer.pointee.isConnected {
            unsafe hasten(peer.pointee.nextReport, &leisurely)
            unsafe hasten(peer.pointee.arrivals?.deadline, &leisurely)
            if unsafe peer.pointee.hasPictures {
                unsafe hasten(peer.pointee.estimator?.deadline, &due)
                unsafe hasten(peer.pointee.nextChoice, &leisurely)
            }
            for slot in unsafe peer.pointee.uplinks {
                let uplink = unsafe uplinks[slot]
                guard unsafe uplink.pointee.shape.kind == .video else { continue }
                for index in unsafe 0..<uplink.pointee.layerCount {
                    let layer = unsafe uplink.pointee.layer(index)
                    unsafe hasten(layer.pointee.missing.deadline, &due)
                    unsafe hasten(layer.pointee.keyFrames.deadline, &due)
                }
            }
        }
        let moment = (leisurely.nanoseconds / Self.moments + 1) * Self.moments
        due = min(due, Instant(nanoseconds: moment))
        schedule.set(slot, max(due, now + Self.leastPause))
    }

    private static var moments: Int64 { 8_000_000 }
}
