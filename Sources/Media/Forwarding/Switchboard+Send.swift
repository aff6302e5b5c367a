internal import Basics

// One packet for one viewer: header, payload, cipher, and a place in the batch.
extension Switchboard {
    /// Makes the packet and puts it into the batch, or says that it could not. The caller has seen to
    /// it that there is room.
    ///
    /// With the same arguments the same bytes come out, as repeating a packet under its own number
    /// demands.
    @inline(__always)
    mutating func send(
        _ payload: UnsafeRawPointer,
        count: Int,
        _ record: PacketRecord,
        number: UInt64,
        timestamp: UInt32,
        transportNumber: UInt16?,
        pictureShift: UInt16,
        baseLayerShift: UInt8,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        into out: inout OutgoingBatch
    ) -> Bool {
        guard let packet = unsafe out.room else { return false }
        let header =
            unsafe transportNumber == nil
            ? downlink.pointee.plainHeader : downlink.pointee.header
        unsafe header.write(
            into: packet,
            isMarked: record.marks.contains(.marker),
            sequence: UInt16(truncatingIfNeeded: number),
            timestamp: timestamp,
            transportNumber: transportNumber ?? 0,
            level: record.marks.contains(.audioLevel) ? record.audioLevel : 127
        )
        let headerCount = header.count
        var source = unsafe payload
        if pictureShift != 0 || baseLayerShift != 0 {
            // The numbers in the payload are this viewer's own: copied, changed, encrypted in place.
            let copy = unsafe packet + headerCount
            unsafe copy.copyMemory(from: payload, byteCount: count)
            unsafe Self.renumber(copy, count: count, pictureShift, baseLayerShift)
            unsafe source = UnsafeRawPointer(copy)
        }
        guard
            let size = unsafe peer.pointee.sender?.protect(
                packet,
                headerCount: headerCount,
                payload: source,
                payloadCount: count,
                ssrc: downlink.pointee.shape.ssrc,
                index: number
            )
        else { return false }
        out.commit(count: size, to: path)
        counts.packetsOut &+= 1
        counts.bytesOut &+= UInt64(size)
        return true
    }

    /// Asks for the packet's transport-wide number, if the viewer reports arrival and it matters. How much
    /// the path carries decides about pictures only; a peer that is sent none need not report of each
    /// packet, which would be a datagram from it for every few to it.
    @inline(__always)
    mutating func announce(
        _ count: Int,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        at now: Instant
    ) -> UInt16? {
        guard unsafe peer.pointee.hasPictures, unsafe downlink.pointee.header.countsArrival else {
            return nil
        }
        let size = unsafe count &+ downlink.pointee.header.count &+ Self.overhead
        return unsafe peer.pointee.estimator?.sent(size: size, at: now)
    }

    /// Moves the numbers in a copy of a VP8 payload by what this viewer's are moved by.
    @inline(__always)
    static func renumber(
        _ payload: UnsafeMutableRawPointer,
        count: Int,
        _ pictureShift: UInt16,
        _ baseLayerShift: UInt8
    ) {
        let bytes = unsafe Span<UInt8>(
            _unsafeStart: UnsafePointer(payload.assumingMemoryBound(to: UInt8.self)),
            count: count
        )
        guard let descriptor = VP8Descriptor(bytes) else { return }
        unsafe descriptor.shift(
            pictureIDBy: pictureShift,
            baseLayerIndexBy: baseLayerShift,
            in: payload
        )
    }

    /// What a packet bears besides header and payload: tag, UDP, IP.
    static var overhead: Int { 16 + 8 + 20 }

    @inline(__always)
    static func note(
        sent count: Int,
        timestamp: UInt32,
        _ record: PacketRecord,
        _ downlink: UnsafeMutablePointer<Downlink>,
        at now: Instant
    ) {
        unsafe downlink.pointee.hasSent = true
        unsafe downlink.pointee.packetCount &+= 1
        unsafe downlink.pointee.octetCount &+= UInt32(truncatingIfNeeded: count)
        unsafe downlink.pointee.lastTimestamp = timestamp
        unsafe downlink.pointee.timestampShift = timestamp &- record.timestamp
        unsafe downlink.pointee.lastSent = now
    }
}
