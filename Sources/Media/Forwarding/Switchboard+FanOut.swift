internal import Basics

// Media on its way to viewers: viewers outer, packets inner, so that the keys of one viewer stay near
// and the packets for one viewer lie side by side, as the kernel wants a run of them.
extension Switchboard {
    /// Notes that a track has this packet to pass on.
    @inline(__always)
    mutating func gather(
        _ fresh: UplinkLayer.Fresh,
        endsFrame: Bool,
        _ slot: UInt32,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        at now: Instant
    ) {
        unsafe layer.pointee.gather(fresh, endsFrame: endsFrame, at: now)
        if unsafe layer.pointee.isFull { isFull = true }
        let uplink = unsafe uplinks[slot]
        guard unsafe !uplink.pointee.isPending else { return }
        unsafe uplink.pointee.isPending = true
        unsafe pending[pendingCount] = slot
        pendingCount += 1
    }

    /// Passes on what is gathered and due. False if the batch got full before all was in it.
    ///
    /// Never inlined, since by its name a profile of the packet path is taken (`roost-drill bench media`).
    @inline(never)
    mutating func passOn(at now: Instant, into out: inout OutgoingBatch) -> Bool {
        var place = 0
        while place < pendingCount {
            let slot = unsafe pending[place]
            let uplink = unsafe uplinks[slot]
            var isWaiting = false
            while unsafe resumeLayer < uplink.pointee.layerCount {
                let layer = unsafe uplink.pointee.layer(resumeLayer)
                guard unsafe layer.pointee.freshCount > 0 else {
                    resumeNext()
                    continue
                }
                let isDue =
                    unsafe layer.pointee.isGathered
                    || now - layer.pointee.freshSince >= rules.videoWait
                    || uplink.pointee.shape.kind == .audio
                guard isDue || resumeViewer > 0 || resumePacket > 0 else {
                    isWaiting = true
                    resumeNext()
                    continue
                }
                guard unsafe pass(resumeLayer, of: uplink, at: now, into: &out) else {
                    // The next turn goes on here. What stands before this place waits for its time.
                    unsafe pending[place] = pending[0]
                    unsafe pending[0] = slot
                    return false
                }
                unsafe layer.pointee.letGo()
                resumeNext()
            }
            resumeLayer = 0
            if isWaiting {
                place += 1
            } else {
                unsafe uplink.pointee.isPending = false
                pendingCount -= 1
                unsafe pending[place] = pending[pendingCount]
            }
        }
        isFull = false
        return true
    }

    private mutating func resumeNext() {
        resumeLayer += 1
        resumeViewer = 0
        resumePacket = 0
    }

    /// Makes every viewer's packets of one encoding's fresh ones, from where it stopped on. False if
    /// the batch got full.
    private mutating func pass(
        _ layerIndex: Int,
        of uplink: UnsafeMutablePointer<Uplink>,
        at now: Instant,
        into out: inout OutgoingBatch
    ) -> Bool {
        let layer = unsafe uplink.pointee.layer(layerIndex)
        let isSound = unsafe uplink.pointee.shape.kind == .audio
        while unsafe resumeViewer < uplink.pointee.viewerCount {
            let slot = unsafe uplink.pointee.viewers[resumeViewer]
            let downlink = unsafe downlinks[slot]
            let peer = unsafe peers[downlink.pointee.peer]
            if let path = unsafe peer.pointee.path, unsafe peer.pointee.isConnected {
                let isDone: Bool
                if isSound {
                    isDone = unsafe passSound(layer, downlink, peer, path, at: now, into: &out)
                } else if unsafe downlink.pointee.isOn(layerIndex) {
                    isDone = unsafe passPictures(
                        layer,
                        layerIndex,
                        downlink,
                        peer,
                        path,
                        at: now,
                        into: &out
                    )
                } else {
                    isDone = true
                }
                guard isDone else { return false }
            }
            resumeViewer += 1
            resumePacket = 0
            // Sent while it is still in the processor's cache, and while the others' are being made.
            if out.runCount >= Self.runsPerSend || out.count >= Self.bytesPerSend { return false }
        }
        return true
    }

    private static var runsPerSend: Int { 64 }
    private static var bytesPerSend: Int { 128 << 10 }
}
