internal import Basics

// Pictures on their way to one viewer.
extension Switchboard {
    /// The fresh packets from `resumePacket` on. False if the batch got full.
    @inline(__always)
    mutating func passPictures(
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ index: Int,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) -> Bool {
        let count = unsafe layer.pointee.freshCount
        while resumePacket < count {
            guard unsafe out.room != nil else { return false }
            let fresh = unsafe layer.pointee.gathered(resumePacket)
            guard let record = unsafe layer.pointee.history.record(fresh.sequence) else {
                resumePacket += 1
                continue
            }
            let isShown = unsafe downlink.pointee.rewriter.shown == layer.pointee.source
            if !isShown, record.startsKeyFrame {
                let overtaking = unsafe overtaking(record, layer)
                guard out.isEmpty || out.hasRoom(for: 1 + overtaking) else { return false }
            }
            resumePacket += 1
            unsafe pass(record, layer, index, downlink, peer, path, at: now, into: &out)
            if !isShown, unsafe downlink.pointee.rewriter.shown == layer.pointee.source {
                unsafe catchUp(record, layer, index, downlink, peer, path, at: now, into: &out)
            }
        }
        return true
    }

    /// How many packets there are, at most, that came before this one and belong behind it; 0 if they
    /// are too many.
    private func overtaking(
        _ record: PacketRecord,
        _ layer: UnsafeMutablePointer<UplinkLayer>
    ) -> Int {
        guard let newest = unsafe layer.pointee.history.newest, newest > record.sequence,
            newest &- record.sequence <= UInt64(Self.replayLimit)
        else { return 0 }
        return Int(newest &- record.sequence)
    }

    /// A key frame has just begun for the viewer, and some of what belongs behind its first packet
    /// came before it, when it was no use. It is now.
    private mutating func catchUp(
        _ first: PacketRecord,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ index: Int,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        for step in unsafe 0..<overtaking(first, layer) {
            let sequence = first.sequence &+ UInt64(step) &+ 1
            guard let record = unsafe layer.pointee.history.record(sequence), unsafe out.room != nil
            else { continue }
            var isStillToCome = false
            for place in unsafe resumePacket..<layer.pointee.freshCount
            where unsafe layer.pointee.gathered(place).sequence == sequence {
                isStillToCome = true
            }
            guard !isStillToCome else { continue }
            unsafe pass(record, layer, index, downlink, peer, path, at: now, into: &out)
        }
    }

    /// One packet of an encoding that the viewer is on, or is to be on from its next key frame.
    @inline(__always)
    mutating func pass(
        _ record: PacketRecord,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ index: Int,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let begins =
            unsafe downlink.pointee.current != Int8(index)
            || downlink.pointee.rewriter.shown != layer.pointee.source
        if begins {
            guard unsafe downlink.pointee.aim == Int8(index), record.startsKeyFrame,
                unsafe layer.pointee.codec == downlink.pointee.shape.codec
            else { return }
            unsafe downlink.pointee.current = Int8(index)
            counts.keyFramesForwarded &+= 1
        }
        let captured = unsafe layer.pointee.clock.instant(of: record.timestamp) ?? record.arrival
        let source = unsafe SourcePacket(
            record,
            source: layer.pointee.source,
            captured: captured,
            isVP8: downlink.pointee.shape.codec == .vp8
        )
        let isWanted =
            unsafe record.temporalLayer <= downlink.pointee.temporalLimit
            && !record.marks.contains(.paddingOnly)
        guard isWanted else {
            _ = unsafe downlink.pointee.rewriter.skip(source)
            return
        }
        let shown =
            unsafe begins
            ? downlink.pointee.rewriter.show(source) : downlink.pointee.rewriter.forward(source)
        guard let rewritten = shown else { return }
        let payload = unsafe layer.pointee.history.packet(record) + Int(record.payloadOffset)
        let count = Int(record.payloadCount)
        let transportNumber = unsafe announce(count, downlink, peer, at: now)
        // Remembered before it is sent: what might be on its way must never be made otherwise.
        unsafe downlink.pointee.sent.sent(
            source,
            as: rewritten,
            transportNumber: transportNumber ?? 0
        )
        let isSent = unsafe send(
            payload,
            count: count,
            record,
            number: rewritten.sequence,
            timestamp: rewritten.timestamp,
            transportNumber: transportNumber,
            pictureShift: rewritten.pictureShift,
            baseLayerShift: rewritten.baseLayerShift,
            downlink,
            peer,
            path,
            into: &out
        )
        guard isSent else { return }
        unsafe Self.note(sent: count, timestamp: rewritten.timestamp, record, downlink, at: now)
    }
}
