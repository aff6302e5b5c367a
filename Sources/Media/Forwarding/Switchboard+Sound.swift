internal import Basics

// Sound on its way to one listener.
extension Switchboard {
    /// Every fresh packet from `resumePacket` on, renumbered once for all listeners already; each
    /// listener's stream only begins elsewhere. False if the batch got full.
    @inline(__always)
    mutating func passSound(
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) -> Bool {
        guard unsafe downlink.pointee.showing != .nothing else { return true }
        let count = unsafe layer.pointee.freshCount
        while resumePacket < count {
            guard unsafe out.room != nil else { return false }
            let fresh = unsafe layer.pointee.gathered(resumePacket)
            resumePacket += 1
            guard let record = unsafe layer.pointee.history.record(fresh.sequence) else { continue }
            if unsafe !downlink.pointee.hasSent {
                // The receiver supposes that the count begins near the first number it sees
                // (RFC 3711 section 3.3.1), so a listener who comes late has a count of its own.
                unsafe downlink.pointee.soundFirst = fresh.number
                unsafe downlink.pointee.soundOffset &-= fresh.number
            }
            guard unsafe fresh.number >= downlink.pointee.soundFirst else { continue }
            let payload = unsafe layer.pointee.history.packet(record) + Int(record.payloadOffset)
            let count = Int(record.payloadCount)
            let transportNumber = unsafe announce(count, downlink, peer, at: now)
            let isSent = unsafe send(
                payload,
                count: count,
                record,
                number: fresh.number &+ downlink.pointee.soundOffset,
                timestamp: fresh.timestamp,
                transportNumber: transportNumber,
                pictureShift: 0,
                baseLayerShift: 0,
                downlink,
                peer,
                path,
                into: &out
            )
            guard isSent else { continue }
            unsafe Self.note(sent: count, timestamp: fresh.timestamp, record, downlink, at: now)
        }
        return true
    }
}
