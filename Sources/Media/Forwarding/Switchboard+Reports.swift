internal import Basics

// What a peer is told about itself and its streams: reports, arrival, losses, and that a whole picture
// is wanted.
extension Switchboard {
    /// Writes whatever is due, each kind in a compound packet of its own.
    mutating func report(
        _ peer: UnsafeMutablePointer<Peer>,
        _ slot: UInt32,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        if unsafe peer.pointee.nextReport <= now {
            unsafe peer.pointee.nextReport = now + .seconds(1)
            unsafe sendReports(peer, over: path, at: now, into: &out)
        }
        if let due = unsafe peer.pointee.arrivals?.deadline, due <= now {
            unsafe sendArrivals(peer, over: path, at: now, into: &out)
        }
        for track in unsafe peer.pointee.uplinks {
            let uplink = unsafe uplinks[track]
            guard unsafe uplink.pointee.shape.kind == .video else { continue }
            for index in unsafe 0..<uplink.pointee.layerCount {
                let layer = unsafe uplink.pointee.layer(index)
                if let due = unsafe layer.pointee.missing.deadline, due <= now {
                    unsafe sendLosses(uplink, layer, peer, over: path, at: now, into: &out)
                }
                if unsafe layer.pointee.missing.wantsKeyFrame {
                    unsafe layer.pointee.missing.wantsKeyFrame = false
                    requestKeyFrame(track, layer: index, at: now, into: &out)
                }
                if let due = unsafe layer.pointee.keyFrames.deadline, due <= now,
                    unsafe layer.pointee.keyFrames.advance(to: now)
                {
                    unsafe askForPicture(layer, peer, over: path, into: &out)
                }
            }
            if unsafe uplink.pointee.wanted.advance(to: now) {
                unsafe events.append(
                    .wanted(uplink.pointee.id, layers: uplink.pointee.wanted.layers.rawValue)
                )
            }
        }
        guard unsafe peer.pointee.hasPictures else { return }
        if let due = unsafe peer.pointee.estimator?.deadline, due <= now {
            unsafe peer.pointee.estimator?.advance(to: now)
            unsafe pad(peer, over: path, at: now, into: &out)
        }
        if unsafe peer.pointee.nextChoice <= now { reviewLayers(slot, at: now, into: &out) }
    }

    // MARK: - Reports (RFC 3550 section 6.4)

    private mutating func sendReports(
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        for slot in unsafe peer.pointee.downlinks {
            let downlink = unsafe downlinks[slot]
            guard unsafe downlink.pointee.hasSent else { continue }
            unsafe sendSenderReport(downlink, peer, over: path, at: now, into: &out)
        }
        unsafe sendReceiverReport(peer, over: path, at: now, into: &out)
    }

    /// Says which moment the stream's timestamps stand for, so that its receiver can play what was
    /// captured together together.
    private mutating func sendSenderReport(
        _ downlink: UnsafeMutablePointer<Downlink>,
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let uplink = unsafe uplinks[downlink.pointee.uplink]
        let current = unsafe max(Int(downlink.pointee.current), 0)
        guard unsafe current < uplink.pointee.layerCount,
            let timestamp = unsafe uplink.pointee.layer(current).pointee.clock.timestamp(at: now)
        else { return }
        let sender = unsafe RTCPSenderPart(
            ssrc: downlink.pointee.shape.ssrc,
            ntp: rules.ntp(at: now),
            timestamp: timestamp &+ downlink.pointee.timestampShift,
            packetCount: downlink.pointee.packetCount,
            byteCount: downlink.pointee.octetCount
        )
        let name = unsafe downlink.pointee.shape.cname
        unsafe write(peer, over: path, into: &out) { writer in
            let none: [RTCPReportBlock] = []
            return writer.appendSenderReport(sender, none.span)
                && writer.appendName(sender.ssrc, name.utf8.span)
        }
    }

    private mutating func sendReceiverReport(
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        var blocks: [RTCPReportBlock] = []
        for slot in unsafe peer.pointee.uplinks {
            let uplink = unsafe uplinks[slot]
            for index in unsafe 0..<uplink.pointee.layerCount {
                let layer = unsafe uplink.pointee.layer(index)
                guard let ssrc = unsafe layer.pointee.ssrc,
                    let report = unsafe layer.pointee.statistics.takeReport(at: now)
                else { continue }
                blocks.append(RTCPReportBlock(ssrc, report))
            }
        }
        guard !blocks.isEmpty else { return }
        let reporter = unsafe peer.pointee.reporter
        unsafe write(peer, over: path, into: &out) { writer in
            writer.appendReceiverReport(reporter, blocks.span)
                && writer.appendName(reporter, Self.ownName.utf8.span)
        }
    }

    /// What our own reports are signed with.
    private static var ownName: String { "roost" }

    // MARK: - Feedback to who sends

    private mutating func sendArrivals(
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let media = unsafe peer.pointee.streams.first ?? SSRC(0)
        let reporter = unsafe peer.pointee.reporter
        for _ in 0..<8 {
            guard let report = unsafe peer.pointee.arrivals?.take(at: now) else { return }
            let head = RTCPArrivalsHead(
                sender: reporter,
                media: media,
                base: report.base,
                referenceTime: report.referenceTime,
                feedbackCount: report.number
            )
            unsafe write(peer, over: path, into: &out) { writer in
                writer.appendArrivals(head, count: report.count) { index in
                    unsafe peer.pointee.arrivals?.arrival(of: index, in: report)
                } > 0
            }
        }
    }

    private mutating func sendLosses(
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let room = unsafe UnsafeMutableBufferPointer(
            start: scratch.assumingMemoryBound(to: UInt16.self),
            count: Self.lossesPerPacket
        )
        let count = unsafe layer.pointee.missing.take(
            into: room,
            roundTrip: peer.pointee.roundTrip,
            at: now
        )
        guard count > 0, unsafe uplink.pointee.shape.repeatsLost,
            let ssrc = unsafe layer.pointee.ssrc
        else { return }
        let reporter = unsafe peer.pointee.reporter
        let numbers = unsafe Span<UInt16>(
            _unsafeElements: UnsafeBufferPointer(start: room.baseAddress, count: count)
        )
        unsafe peer.pointee.counts.lostUpward &+= UInt64(count)
        unsafe write(peer, over: path, into: &out) { writer in
            writer.appendNack(reporter, ssrc, missing: numbers) > 0
        }
    }

    private static var lossesPerPacket: Int { 128 }

    /// A whole picture is wanted of an encoding. The publisher is asked at once, or soon, or was just
    /// asked; of a mirror, the board that has the publisher.
    mutating func requestKeyFrame(
        _ track: UInt32,
        layer index: Int,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let uplink = unsafe uplinks[track]
        guard index >= 0, unsafe index < uplink.pointee.layerCount else { return }
        let layer = unsafe uplink.pointee.layer(index)
        guard unsafe !uplink.pointee.isMirror else {
            wantKeyFrame(track, layer: index, at: now)
            return
        }
        let slot = unsafe uplink.pointee.peer
        let peer = unsafe peers[slot]
        guard let path = unsafe peer.pointee.path, unsafe peer.pointee.isConnected else { return }
        if unsafe layer.pointee.keyFrames.request(at: now) {
            unsafe askForPicture(layer, peer, over: path, into: &out)
        }
        if let due = unsafe layer.pointee.keyFrames.deadline { schedule.hasten(slot, due) }
    }

    private mutating func askForPicture(
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        into out: inout OutgoingBatch
    ) {
        guard let ssrc = unsafe layer.pointee.ssrc else { return }
        counts.keyFramesAsked &+= 1
        let reporter = unsafe peer.pointee.reporter
        unsafe write(peer, over: path, into: &out) { writer in
            writer.appendPictureLoss(reporter, ssrc)
        }
    }

    /// Lets the body write one compound packet, and sends it encrypted.
    private mutating func write(
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        into out: inout OutgoingBatch,
        _ body: (inout RTCPWriter) -> Bool
    ) {
        guard let room = unsafe out.room else { return }
        var writer = unsafe RTCPWriter(
            into: MutableSpan<UInt8>(
                _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
                count: Self.reportSize
            )
        )
        guard body(&writer), writer.count > 0 else { return }
        guard
            let size = unsafe peer.pointee.sender?.protectRTCP(
                room,
                count: writer.count,
                capacity: OutgoingBatch.packetLimit
            )
        else { return }
        out.commit(count: size, to: path, mayJoin: false)
        counts.reports &+= 1
    }

    private static var reportSize: Int { 1_180 }
}

extension RTCPReportBlock {
    fileprivate init(_ ssrc: SSRC, _ report: ReceptionReport) {
        self.init(
            ssrc: ssrc,
            fractionLost: report.fractionLost,
            cumulativeLost: report.cumulativeLost,
            highestSequence: report.highestSequence,
            jitter: report.jitter,
            lastReport: report.lastReport,
            delay: report.delay
        )
    }
}
