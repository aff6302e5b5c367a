internal import Basics

// What peers say about streams: how theirs look to them, what they lost, what they want.
extension Switchboard {
    mutating func receiveReport(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        _ slot: UInt32,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        guard let plain = unsafe peer.pointee.receiver?.unprotectRTCP(packet, count: count) else {
            counts.forged &+= 1
            unsafe peer.pointee.counts.forged &+= 1
            return
        }
        let bytes = unsafe Span<UInt8>(
            _unsafeStart: UnsafePointer(packet.assumingMemoryBound(to: UInt8.self)),
            count: plain
        )
        guard var packets = RTCPReader(bytes) else {
            counts.malformed &+= 1
            return
        }
        while let packet = packets.next() {
            switch packet {
            case .senderReport(let report):
                unsafe hear(report.info, from: peer, at: now)
                for index in 0..<report.blockCount {
                    unsafe hear(report.block(index), from: peer, at: now)
                }
            case .receiverReport(let report):
                for index in 0..<report.blockCount {
                    unsafe hear(report.block(index), from: peer, at: now)
                }
            case .nack(let nack):
                unsafe hear(nack, from: peer, at: now, into: &out)
            case .arrivals(let arrivals):
                unsafe hear(arrivals, from: peer, at: now)
                schedule.hasten(slot, now)
            case .pictureLoss(_, let media):
                unsafe wantPicture(media, peer, at: now, into: &out)
            case .fullIntraRequest(let request):
                for index in 0..<min(request.entryCount, 16) {
                    unsafe wantPicture(request.entry(index).ssrc, peer, at: now, into: &out)
                }
            case .receiverEstimate(let estimate):
                unsafe peer.pointee.remoteEstimate.received(estimate.bitrate, at: now)
                unsafe peer.pointee.namesLimit = true
            case .sourceDescription, .goodbye, .other:
                break
            case .broken:
                counts.malformed &+= 1
            }
        }
    }

    private mutating func hear(
        _ sender: RTCPSenderPart,
        from peer: UnsafeMutablePointer<Peer>,
        at now: Instant
    ) {
        guard let place = unsafe peer.pointee.streams.find(sender.ssrc), !place.isRetransmission
        else { return }
        let layer = unsafe uplinks[place.uplink].pointee.layer(Int(place.layer))
        unsafe layer.pointee.statistics.reported(ntp: sender.ntp.rawValue, at: now)
        unsafe layer.pointee.clock.reported(
            ntp: sender.ntp.rawValue,
            timestamp: sender.timestamp,
            clock: &peer.pointee.clock,
            at: now
        )
    }

    private mutating func hear(
        _ block: RTCPReportBlock,
        from peer: UnsafeMutablePointer<Peer>,
        at now: Instant
    ) {
        guard let slot = unsafe downlink(of: peer, block.ssrc) else { return }
        if let trip = ReceptionReport(block).roundTrip(receivedAt: rules.ntp(at: now).compact) {
            unsafe peer.pointee.roundTrip = trip
            unsafe peer.pointee.estimator?.measured(roundTrip: trip)
        }
        let downlink = unsafe downlinks[slot]
        guard unsafe downlink.pointee.shape.kind == .video else { return }
        let sent = unsafe downlink.pointee.packetCount &- downlink.pointee.packetsReported
        unsafe downlink.pointee.packetsReported = downlink.pointee.packetCount
        let octets = unsafe downlink.pointee.octetCount &- downlink.pointee.octetsReported
        unsafe downlink.pointee.octetsReported = downlink.pointee.octetCount
        let elapsed = unsafe now.nanoseconds &- downlink.pointee.lastReported.nanoseconds
        unsafe downlink.pointee.lastReported = now
        unsafe peer.pointee.remoteEstimate.received(
            packets: Int(sent),
            lost: Int(sent) * Int(block.fractionLost) / 256,
            sending: Bitrate(bitsPerSecond: Int64(octets) * 8_000 / max(elapsed / 1_000_000, 1)),
            at: now
        )
    }

    private mutating func hear(
        _ arrivals: consuming RTCPArrivals,
        from peer: UnsafeMutablePointer<Peer>,
        at now: Instant
    ) {
        guard unsafe peer.pointee.estimator != nil else { return }
        unsafe peer.pointee.reportsArrival = true
        unsafe peer.pointee.estimator?.beginFeedback(
            referenceTime: UInt32(truncatingIfNeeded: arrivals.referenceTime),
            at: now
        )
        while let arrival = arrivals.next() {
            unsafe peer.pointee.estimator?.acknowledge(arrival.number, offset: arrival.tick)
        }
        unsafe peer.pointee.estimator?.endFeedback(at: now)
        if let estimate = unsafe peer.pointee.estimator?.estimate {
            unsafe peer.pointee.resends.setBitrate(estimate, at: now)
        }
    }

    /// A viewer can't go on without a whole picture.
    private mutating func wantPicture(
        _ ssrc: SSRC,
        _ peer: UnsafeMutablePointer<Peer>,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard let slot = unsafe downlink(of: peer, ssrc) else { return }
        let downlink = unsafe downlinks[slot]
        let current = unsafe downlink.pointee.current
        let index = unsafe current == Downlink.none ? downlink.pointee.aim : current
        let track = unsafe downlink.pointee.uplink
        requestKeyFrame(track, layer: Int(index), at: now, into: &out)
    }

    /// The peer's downlink with that number. A peer watches few, so this is a walk.
    private func downlink(of peer: UnsafeMutablePointer<Peer>, _ ssrc: SSRC) -> UInt32? {
        for slot in unsafe peer.pointee.downlinks
        where unsafe downlinks[slot].pointee.shape.ssrc == ssrc {
            return slot
        }
        return nil
    }

    // MARK: - Losses

    private mutating func hear(
        _ nack: consuming RTCPNack,
        from peer: UnsafeMutablePointer<Peer>,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard let slot = unsafe downlink(of: peer, nack.media), let path = unsafe peer.pointee.path
        else { return }
        let downlink = unsafe downlinks[slot]
        var left = Self.lossesPerReport
        while left > 0, let number = nack.next() {
            unsafe repeatPacket(number, downlink, peer, path, at: now, into: &out)
            left -= 1
        }
    }

    private static var lossesPerReport: Int { 512 }

    /// Sends a packet again: of the viewer's retransmission stream if there is one, else bit for bit
    /// under its old number.
    private mutating func repeatPacket(
        _ number: SequenceNumber,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard
            case .found(let sent) = unsafe downlink.pointee.sent.find(
                number,
                roundTrip: peer.pointee.roundTrip,
                at: now
            ),
            case .packet(let source, let low, let timestampShift, let picture, let base) = sent
                .content
        else {
            counts.resendsRefused &+= 1
            return
        }
        let uplink = unsafe uplinks[downlink.pointee.uplink]
        guard let layer = unsafe uplink.pointee.layer(of: source),
            let record = unsafe layer.pointee.history.record(
                layer.pointee.history.extended(low: low)
            ),
            unsafe peer.pointee.resends.take(Int(record.count), at: now)
        else {
            counts.resendsRefused &+= 1
            return
        }
        let payload = unsafe layer.pointee.history.packet(record) + Int(record.payloadOffset)
        let isSent: Bool
        if let stream = unsafe downlink.pointee.shape.retransmission {
            unsafe isSent = wrap(
                payload,
                record,
                original: number,
                timestamp: record.timestamp &+ timestampShift,
                picture,
                base,
                stream,
                downlink,
                peer,
                path,
                at: now,
                into: &out
            )
        } else {
            unsafe isSent = send(
                payload,
                count: Int(record.payloadCount),
                record,
                number: sent.sequence,
                timestamp: record.timestamp &+ timestampShift,
                // As it was sent: this or nothing.
                transportNumber: downlink.pointee.header.countsArrival
                    ? sent.transportNumber : nil,
                pictureShift: picture,
                baseLayerShift: base,
                downlink,
                peer,
                path,
                into: &out
            )
        }
        guard isSent else { return }
        unsafe downlink.pointee.sent.resent(sent, at: now)
        counts.resent &+= 1
    }

    /// The packet as one of the retransmission stream (RFC 4588 section 4), under a fresh number.
    private mutating func wrap(
        _ payload: UnsafeRawPointer,
        _ record: PacketRecord,
        original: SequenceNumber,
        timestamp: UInt32,
        _ picture: UInt16,
        _ base: UInt8,
        _ stream: DownlinkShape.Retransmission,
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) -> Bool {
        guard let packet = unsafe out.room else { return false }
        let count = Int(record.payloadCount)
        let transportNumber = unsafe announce(count + 2, downlink, peer, at: now)
        let number = unsafe downlink.pointee.retransmissionSequence
        unsafe downlink.pointee.retransmissionSequence &+= 1
        unsafe downlink.pointee.repairHeader.write(
            into: packet,
            isMarked: record.marks.contains(.marker),
            sequence: UInt16(truncatingIfNeeded: number),
            timestamp: timestamp,
            transportNumber: transportNumber ?? 0,
            level: 127
        )
        let headerCount = unsafe downlink.pointee.repairHeader.count
        let body = unsafe packet + headerCount
        unsafe body.storeBytes(of: original.rawValue.bigEndian, as: UInt16.self)
        unsafe (body + 2).copyMemory(from: payload, byteCount: count)
        if picture != 0 || base != 0 {
            unsafe Self.renumber(body + 2, count: count, picture, base)
        }
        guard
            let size = unsafe peer.pointee.sender?.protect(
                packet,
                headerCount: headerCount,
                payload: UnsafeRawPointer(body),
                payloadCount: count + 2,
                ssrc: stream.ssrc,
                index: number
            )
        else { return false }
        out.commit(count: size, to: path)
        counts.packetsOut &+= 1
        counts.bytesOut &+= UInt64(size)
        return true
    }

    // MARK: - Probes

    /// Fills a probe of the viewer's path with packets of nothing but padding, on the retransmission
    /// stream of a track, where nobody misses one (RFC 4588 section 6.3 lets it be empty).
    mutating func pad(
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard var due = unsafe peer.pointee.estimator?.paddingDue(at: now), due > 0 else { return }
        for slot in unsafe peer.pointee.downlinks {
            let downlink = unsafe downlinks[slot]
            guard let stream = unsafe downlink.pointee.shape.retransmission,
                unsafe downlink.pointee.hasSent
            else { continue }
            while due > 0, let packet = unsafe out.room {
                let count = Self.paddingSize
                let transportNumber = unsafe announce(count, downlink, peer, at: now)
                let number = unsafe downlink.pointee.retransmissionSequence
                unsafe downlink.pointee.retransmissionSequence &+= 1
                unsafe downlink.pointee.repairHeader.write(
                    into: packet,
                    isMarked: false,
                    sequence: UInt16(truncatingIfNeeded: number),
                    timestamp: downlink.pointee.lastTimestamp,
                    transportNumber: transportNumber ?? 0,
                    level: 127
                )
                let headerCount = unsafe downlink.pointee.repairHeader.count
                unsafe packet.storeBytes(of: packet.load(as: UInt8.self) | 0x20, as: UInt8.self)
                let body = unsafe packet + headerCount
                unsafe body.initializeMemory(as: UInt8.self, repeating: 0, count: count)
                unsafe body.storeBytes(of: UInt8(count), toByteOffset: count - 1, as: UInt8.self)
                guard
                    let size = unsafe peer.pointee.sender?.protect(
                        packet,
                        headerCount: headerCount,
                        payload: UnsafeRawPointer(body),
                        payloadCount: count,
                        ssrc: stream.ssrc,
                        index: number
                    )
                else { return }
                out.commit(count: size, to: path)
                counts.paddingOut &+= 1
                due -= size + Self.overhead
            }
            return
        }
    }

    /// The most padding that a packet can have.
    private static var paddingSize: Int { 255 }
}

extension ReceptionReport {
    fileprivate init(_ block: RTCPReportBlock) {
        self.init(
            fractionLost: block.fractionLost,
            cumulativeLost: block.cumulativeLost,
            highestSequence: block.highestSequence,
            jitter: block.jitter,
            lastReport: block.lastReport,
            delay: block.delay
        )
    }
}
