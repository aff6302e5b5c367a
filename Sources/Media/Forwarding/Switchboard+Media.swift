internal import Basics

// Media that a peer sends: authenticated, kept, and put down for those who are to have it.
extension Switchboard {
    mutating func receiveMedia(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        _ slot: UInt32,
        at now: Instant
    ) {
        let peer = unsafe peers[slot]
        guard let header = unsafe RTPHeader(packet, count: count) else {
            counts.malformed &+= 1
            return
        }
        guard let place = unsafe peer.pointee.streams.find(header.ssrc) else {
            unsafe introduce(packet, count: count, header, slot, at: now)
            return
        }
        let uplink = unsafe uplinks[place.uplink]
        let layer = unsafe uplink.pointee.layer(Int(place.layer))

        // The number first, then the cipher, then the window: only what is authentic moves it.
        let index = unsafe layer.pointee.index(isRetransmission: place.isRetransmission)
        guard let number = unsafe index.pointee.index(of: header.sequence) else {
            counts.replayed &+= 1
            unsafe peer.pointee.counts.replayed &+= 1
            return
        }
        guard
            let plain = unsafe peer.pointee.receiver?.unprotect(
                packet,
                count: count,
                headerCount: header.headerCount,
                ssrc: header.ssrc,
                index: number
            )
        else {
            counts.forged &+= 1
            unsafe peer.pointee.counts.forged &+= 1
            return
        }
        unsafe index.pointee.mark(number)
        unsafe take(packet, plain, count, header, number, place, peer, slot, at: now)
    }

    /// An authentic packet.
    private mutating func take(
        _ packet: UnsafeMutableRawPointer,
        _ plain: Int,
        _ count: Int,
        _ header: RTPHeader,
        _ number: UInt64,
        _ place: StreamTable.Place,
        _ peer: UnsafeMutablePointer<Peer>,
        _ slot: UInt32,
        at now: Instant
    ) {
        counts.packetsIn &+= 1
        unsafe peer.pointee.counts.packetsIn &+= 1
        unsafe peer.pointee.counts.bytesIn &+= UInt64(count)
        let uplink = unsafe uplinks[place.uplink]
        let layer = unsafe uplink.pointee.layer(Int(place.layer))
        guard
            let extensions = unsafe RTPExtensions(
                packet,
                header,
                uplink.pointee.shape.extensions
            )
        else {
            counts.malformed &+= 1
            return
        }
        if let arrival = unsafe extensions.transportNumber(in: packet) {
            unsafe note(arrival: arrival, of: peer, slot, at: now)
        }
        guard place.isRetransmission else {
            unsafe accept(
                packet,
                count: plain,
                header,
                number,
                extensions,
                isRepaired: false,
                place.uplink,
                uplink,
                layer,
                Int(place.layer),
                at: now
            )
            return
        }
        guard let format = unsafe uplink.pointee.format(header.payloadType)?.retransmitted,
            let ssrc = unsafe layer.pointee.ssrc,
            let original = unsafe RTXPacket.unwrap(
                packet,
                count: plain,
                headerCount: header.headerCount,
                ssrc: ssrc,
                payloadType: format
            ),
            let repaired = unsafe RTPHeader(packet, count: original.count)
        else { return }
        // The repeated packet was not received under its own number, so the number is marked now.
        let own = unsafe layer.pointee.index(isRetransmission: false)
        guard let number = unsafe own.pointee.index(of: original.sequence) else { return }
        unsafe own.pointee.mark(number)
        unsafe accept(
            packet,
            count: original.count,
            repaired,
            number,
            extensions,
            isRepaired: true,
            place.uplink,
            uplink,
            layer,
            Int(place.layer),
            at: now
        )
    }

    /// Keeps a packet, notes what it tells, and puts it down for those who are to have it.
    private mutating func accept(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        _ header: RTPHeader,
        _ number: UInt64,
        _ extensions: RTPExtensions,
        isRepaired: Bool,
        _ slot: UInt32,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ index: Int,
        at now: Instant
    ) {
        guard let format = unsafe uplink.pointee.format(header.payloadType),
            let payloadCount = unsafe header.payloadCount(of: packet, count: count)
        else {
            counts.malformed &+= 1
            return
        }
        let isPicture = unsafe uplink.pointee.shape.kind == .video
        unsafe layer.pointee.statistics.received(number, timestamp: header.timestamp, at: now)
        unsafe layer.pointee.clock.received(timestamp: header.timestamp, at: now)
        unsafe layer.pointee.lastArrival = now
        if unsafe layer.pointee.codec != format.codec {
            unsafe layer.pointee.codec = format.codec
            unsafe events.append(.started(uplink.pointee.id, layer: index, format.codec))
        }
        var record = PacketRecord(
            sequence: number,
            timestamp: header.timestamp,
            payloadType: header.payloadType,
            count: count,
            arrival: now
        )
        record.payloadOffset = UInt16(truncatingIfNeeded: header.headerCount)
        record.payloadCount = UInt16(truncatingIfNeeded: payloadCount)
        if header.marker { record.marks.insert(.marker) }
        if isRepaired { record.marks.insert(.repaired) }
        if payloadCount == 0 { record.marks.insert(.paddingOnly) }
        if let level = unsafe extensions.audioLevel(in: packet) {
            record.audioLevel = level.byte
            record.marks.insert(.audioLevel)
        }
        if extensions.dependencyDescriptor.isThere {
            record.descriptorOffset = extensions.dependencyDescriptor.offset
            record.descriptorCount = extensions.dependencyDescriptor.count
        }
        if isPicture {
            unsafe mark(&record, format.codec, packet, uplink, layer, index, at: now)
            unsafe layer.pointee.missing.received(
                number,
                startsKeyFrame: record.startsKeyFrame,
                at: now
            )
            if let due = unsafe layer.pointee.missing.deadline {
                schedule.hasten(unsafe uplink.pointee.peer, due)
            }
        }
        if unsafe uplink.pointee.isMuted {
            counts.muted &+= 1
            return
        }
        guard let room = unsafe layer.pointee.history.reserve(count) else {
            counts.malformed &+= 1
            return
        }
        unsafe room.copyMemory(from: packet, byteCount: count)
        guard unsafe layer.pointee.history.commit(record) == .stored else { return }
        if unsafe uplink.pointee.mirrors != 0 {
            unsafe handOver(number, slot, uplink, layer, index, to: uplink.pointee.mirrors)
        }
        if isPicture {
            let fresh = UplinkLayer.Fresh(sequence: number)
            unsafe gather(fresh, endsFrame: header.marker, slot, layer, at: now)
        } else if payloadCount > 0 {
            unsafe gatherSound(record, slot, uplink, layer, at: now)
        }
    }

    /// What the payload says of its frame.
    private mutating func mark(
        _ record: inout PacketRecord,
        _ codec: Codec,
        _ packet: UnsafeRawPointer,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ index: Int,
        at now: Instant
    ) {
        let payload = unsafe packet + Int(record.payloadOffset)
        let before = unsafe layer.pointee.history.record(record.sequence &- 1)
        let context = FrameMarks.Context(
            marker: record.marks.contains(.marker),
            continuesTimestamp: before?.timestamp == record.timestamp
        )
        let descriptor = unsafe UnsafeRawBufferPointer(
            start: packet + Int(record.descriptorOffset),
            count: Int(record.descriptorCount)
        )
        guard
            let marks = unsafe FrameMarks(
                codec,
                payload,
                count: Int(record.payloadCount),
                context,
                descriptor: descriptor,
                structure: layer.pointee.structure
            )
        else { return }
        unsafe uplink.pointee.rates.count(
            bytes: Int(record.count) &+ Self.overhead,
            spatial: index,
            temporal: Int(marks.temporalLayer),
            at: now
        )
        record.temporalLayer = marks.temporalLayer
        record.spatialLayer = marks.spatialLayer
        if unsafe marks.temporalLayer > layer.pointee.highestTemporal {
            unsafe layer.pointee.highestTemporal = min(marks.temporalLayer, 3)
        }
        if marks.startsFrame { record.marks.insert(.startsFrame) }
        if marks.endsFrame { record.marks.insert(.endsFrame) }
        if marks.isSwitchUpPoint { record.marks.insert(.switchUp) }
        if let picture = marks.pictureID {
            record.pictureID = picture
            record.marks.insert(marks.hasLongPictureID ? .longPictureID : .pictureID)
        }
        if let base = marks.baseLayerIndex {
            record.baseLayerIndex = base
            record.marks.insert(.baseLayerIndex)
        }
        guard marks.isKeyFrame else { return }
        record.marks.insert(.keyFrame)
        if marks.startsFrame { unsafe layer.pointee.keyFrames.keyFrameCame() }
        guard let size = marks.size, unsafe size != layer.pointee.size else { return }
        unsafe layer.pointee.size = size
        unsafe uplink.pointee.sortLayers()
    }

    private mutating func note(
        arrival: UInt16,
        of peer: UnsafeMutablePointer<Peer>,
        _ slot: UInt32,
        at now: Instant
    ) {
        if unsafe peer.pointee.arrivals == nil {
            unsafe peer.pointee.arrivals = TransportFeedbackRecorder()
        }
        unsafe peer.pointee.arrivals?.received(arrival, at: now)
        if let due = unsafe peer.pointee.arrivals?.deadline { schedule.hasten(slot, due) }
    }

    /// A packet with an unknown number may say by other names whose it is (RFC 8843 section 9.2,
    /// RFC 8852). The number is bound once the packet has proved authentic, so that nobody can take an
    /// encoding away from the peer by guessing.
    private mutating func introduce(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        _ header: RTPHeader,
        _ slot: UInt32,
        at now: Instant
    ) {
        let peer = unsafe peers[slot]
        guard let place = unsafe place(of: packet, header, peer) else {
            counts.undeclared &+= 1
            return
        }
        // A stream whose beginning was missed has counted no round yet, or one.
        var index = PacketIndex()
        guard let number = index.index(of: header.sequence),
            let plain = unsafe peer.pointee.receiver?.unprotect(
                packet,
                count: count,
                headerCount: header.headerCount,
                ssrc: header.ssrc,
                index: number
            )
        else {
            counts.forged &+= 1
            return
        }
        index.mark(number)
        let uplink = unsafe uplinks[place.uplink]
        unsafe bind(
            header.ssrc,
            isRetransmission: place.isRetransmission,
            layer: Int(place.layer),
            place.uplink,
            uplink,
            peer
        )
        let layer = unsafe uplink.pointee.layer(Int(place.layer))
        unsafe layer.pointee.index(isRetransmission: place.isRetransmission).pointee = index
        unsafe take(packet, plain, count, header, number, place, peer, slot, at: now)
    }

    private func place(
        of packet: UnsafeMutableRawPointer,
        _ header: RTPHeader,
        _ peer: UnsafeMutablePointer<Peer>
    ) -> StreamTable.Place? {
        for slot in unsafe peer.pointee.uplinks {
            let uplink = unsafe uplinks[slot]
            let shape = unsafe uplink.pointee.shape
            guard let format = unsafe uplink.pointee.format(header.payloadType) else { continue }
            guard let names = unsafe RTPExtensions(packet, header, shape.extensions) else {
                continue
            }
            if names.mid.isThere {
                guard unsafe Self.holds(shape.mid, at: names.mid, in: packet) else {
                    continue
                }
            } else if !names.rid.isThere, !names.repairedRID.isThere {
                // Nothing but the payload type speaks for this track: enough if no other has it.
                guard unsafe isOnlyOne(with: header.payloadType, slot, peer) else { continue }
            }
            let isRetransmission = format.retransmitted != nil
            let rid = isRetransmission && names.repairedRID.isThere ? names.repairedRID : names.rid
            for (index, layer) in shape.layers.enumerated() where index < UplinkShape.layerLimit {
                let isMeant: Bool
                if rid.isThere, let name = layer.rid {
                    isMeant = unsafe Self.holds(name, at: rid, in: packet)
                } else {
                    isMeant = layer.rid == nil && shape.layers.count == 1
                }
                guard isMeant else { continue }
                return StreamTable.Place(
                    uplink: slot,
                    layer: UInt8(index),
                    isRetransmission: isRetransmission
                )
            }
        }
        return nil
    }

    private func isOnlyOne(
        with payloadType: PayloadType,
        _ slot: UInt32,
        _ peer: UnsafeMutablePointer<Peer>
    ) -> Bool {
        for other in unsafe peer.pointee.uplinks where other != slot {
            if unsafe uplinks[other].pointee.format(payloadType) != nil { return false }
        }
        return true
    }

    /// Whether the bytes at that place are this text's. No string is made.
    private static func holds(
        _ text: String,
        at place: RTPExtensions.Place,
        in packet: UnsafeRawPointer
    ) -> Bool {
        guard place.isThere, text.utf8.count == Int(place.count) else { return false }
        var offset = Int(place.offset)
        for byte in text.utf8 {
            guard unsafe packet.load(fromByteOffset: offset, as: UInt8.self) == byte else {
                return false
            }
            offset &+= 1
        }
        return true
    }
}
