package import Basics

// Tracks of a call that is on several boards. A packet is decrypted by the board of its publisher, which
// hands it to those that have viewers of it; each of them keeps it, and makes its own viewers' packets
// of it, as if it had come from a peer of its own:
//
//     board of the publisher                        board with viewers
//
//     receive ─▶ accept ─▶ ring ─▶ viewers          mirror's ring ─▶ viewers
//                            │                           ▲
//                            ╰──── handOver(at:_:) ──────╯ receiveMirrored(_:_:at:)
//
// What goes the other way (a key frame is wanted, which encodings are) is said by events, and told the
// publisher's board by the planner.
extension Switchboard {
    /// A packet in its track's ring that other boards shall have.
    struct Handover: BitwiseCopyable {
        var sequence: UInt64
        /// A bit each.
        var shards: UInt64
        var uplink: UInt32
        var layer: UInt8
    }

    /// So many packets wait for ``handOver(at:_:)`` at most: more than a turn brings.
    static var handoverLimit: Int { 2_048 }

    // MARK: - The publisher's board

    /// From now on the track's packets are for that board, too; or no longer.
    ///
    /// It begins with the last key frame and what came since, if all of it is in the ring, so that the
    /// first viewer there need not wait for another.
    mutating func feed(_ id: UplinkID, to shard: Int, _ isOn: Bool, at now: Instant) {
        guard let slot = uplinkSlots[id], 0..<LocalUfrag.shardLimit ~= shard else { return }
        let uplink = unsafe uplinks[slot]
        guard unsafe !uplink.pointee.isMirror else { return }
        let bit = UInt64(1) << UInt64(shard)
        guard isOn else {
            unsafe uplink.pointee.mirrors &= ~bit
            for index in unsafe 0..<uplink.pointee.layerCount {
                unsafe uplink.pointee.layer(index).pointee.shut &= ~bit
            }
            return
        }
        unsafe uplink.pointee.mirrors |= bit
        guard unsafe uplink.pointee.shape.kind == .video, unsafe !uplink.pointee.isMuted else {
            return
        }
        for index in unsafe 0..<uplink.pointee.layerCount {
            let layer = unsafe uplink.pointee.layer(index)
            unsafe layer.pointee.shut &= ~bit
            guard
                let packets = unsafe layer.pointee.history.sinceKeyFrame(limit: Self.replayLimit),
                let newest = unsafe layer.pointee.history.record(packets.upperBound),
                now - newest.arrival < .seconds(5)
            else { continue }
            for sequence in packets {
                unsafe handOver(sequence, slot, uplink, layer, index, to: bit)
            }
        }
    }

    /// Puts a packet down for other boards.
    @inline(__always)
    mutating func handOver(
        _ sequence: UInt64,
        _ slot: UInt32,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ index: Int,
        to shards: UInt64
    ) {
        guard handoverCount < Self.handoverLimit else {
            unsafe drop(uplink, layer, shards)
            return
        }
        unsafe handovers[handoverCount] = Handover(
            sequence: sequence,
            shards: shards,
            uplink: slot,
            layer: UInt8(truncatingIfNeeded: index)
        )
        handoverCount += 1
    }

    /// Gives what is for other boards to `push`: the shard, a header and the packet. It says whether there
    /// was room on the way there.
    ///
    /// Where there was none for a packet of a picture, that board is handed nothing more of the encoding
    /// before a key frame, which the publisher is asked for: the rest would show nothing. What comes then
    /// is a new beginning, so that viewers' numbers go on and nobody asks for what was left out.
    package mutating func handOver(
        at now: Instant,
        _ push: (Int, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) {
        guard handoverCount > 0 else { return }
        for place in 0..<handoverCount {
            let handover = unsafe handovers[place]
            guard handover.shards != 0 else { continue }
            let uplink = unsafe uplinks[handover.uplink]
            let layer = unsafe uplink.pointee.layer(Int(handover.layer))
            guard let record = unsafe layer.pointee.history.record(handover.sequence),
                let codec = unsafe layer.pointee.codec, let ssrc = unsafe layer.pointee.ssrc
            else {
                // Later ones have taken its place in the ring.
                unsafe drop(uplink, layer, handover.shards)
                continue
            }
            let captured = unsafe layer.pointee.clock.instant(of: record.timestamp)
            let packet = unsafe MirroredPacket(
                uplink: uplink.pointee.id,
                layer: handover.layer,
                codec: codec,
                source: layer.pointee.source,
                ssrc: ssrc,
                record: record,
                captured: captured ?? record.arrival,
                size: layer.pointee.size
            )
            let body = unsafe UnsafeRawBufferPointer(
                start: layer.pointee.history.packet(record),
                count: Int(record.count)
            )
            unsafe hand(packet, body, handover.shards, uplink, layer, push)
        }
        handoverCount = 0
    }

    @inline(__always)
    private mutating func hand(
        _ packet: MirroredPacket,
        _ body: UnsafeRawBufferPointer,
        _ shards: UInt64,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ push: (Int, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) {
        var packet = packet
        var left = shards
        while left != 0 {
            let shard = left.trailingZeroBitCount
            let bit = UInt64(1) << UInt64(shard)
            left &= ~bit
            let isShut = unsafe layer.pointee.shut & bit != 0
            if isShut, !packet.record.startsKeyFrame {
                counts.mirroredDropped &+= 1
                continue
            }
            packet.isResumed = isShut
            let isThere = unsafe withUnsafeBytes(of: packet) { unsafe push(shard, $0, body) }
            guard isThere else {
                unsafe drop(uplink, layer, bit)
                continue
            }
            counts.mirrored &+= 1
            unsafe layer.pointee.shut &= ~bit
        }
    }

    /// A packet has found no room on its way to those boards.
    private mutating func drop(
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        _ shards: UInt64
    ) {
        counts.mirroredDropped &+= UInt64(shards.nonzeroBitCount)
        guard unsafe uplink.pointee.shape.kind == .video else { return }
        unsafe layer.pointee.shut |= shards
        // The publisher is asked when it is served.
        unsafe layer.pointee.missing.wantsKeyFrame = true
        unsafe schedule.hasten(uplink.pointee.peer, layer.pointee.lastArrival)
    }

    /// The track is gone.
    mutating func forgetHandovers(of slot: UInt32) {
        for place in 0..<handoverCount where unsafe handovers[place].uplink == slot {
            unsafe handovers[place].shards = 0
        }
    }

    // MARK: - A board with viewers

    mutating func addMirror(_ id: UplinkID, _ shape: UplinkShape, call: UInt64, at now: Instant) {
        if uplinkSlots[id] == nil {
            let uplink = Uplink(
                id: id,
                peer: Uplink.nobody,
                call: call,
                shape: shape,
                historyPackets: rules.historyPackets,
                using: &random
            )
            guard let slot = uplinks.insert(uplink) else { return }
            uplinkSlots[id] = slot
            mirrors.insert(id.rawValue, slot)
            takePart(slot)
            // The last key frame may be on its way.
            for index in unsafe 0..<uplinks[slot].pointee.layerCount {
                let layer = unsafe uplinks[slot].pointee.layer(index)
                unsafe layer.pointee.keyFrames.expect(until: now + Self.replayWait)
            }
        }
        events.append(.mirrored(id))
    }

    /// So long a new mirror's viewers wait for what the publisher's board has in its ring.
    private static var replayWait: Duration { .milliseconds(20) }

    /// Takes a packet that another board has handed over.
    package mutating func receiveMirrored(
        _ header: UnsafeRawPointer,
        _ packet: UnsafeRawBufferPointer,
        at now: Instant
    ) {
        let mirrored = unsafe header.load(as: MirroredPacket.self)
        // What was on its way as the mirror ended.
        guard
            let slot = mirrors.find(
                mirrored.uplink.rawValue,
                where: { unsafe uplinks[$0].pointee.id == mirrored.uplink }
            )
        else { return }
        let uplink = unsafe uplinks[slot]
        guard unsafe Int(mirrored.layer) < uplink.pointee.layerCount,
            packet.count == Int(mirrored.record.count), let bytes = packet.baseAddress
        else { return }
        counts.mirroredIn &+= 1
        let layer = unsafe uplink.pointee.layer(Int(mirrored.layer))
        unsafe follow(mirrored, uplink, layer)
        guard unsafe !uplink.pointee.isMuted else { return }
        guard let room = unsafe layer.pointee.history.reserve(packet.count) else { return }
        unsafe room.copyMemory(from: bytes, byteCount: packet.count)
        let record = mirrored.record
        guard unsafe layer.pointee.history.commit(record) == .stored else { return }
        guard unsafe uplink.pointee.shape.kind == .video else {
            if record.payloadCount > 0 {
                unsafe gatherSound(record, slot, uplink, layer, at: now)
            }
            return
        }
        unsafe uplink.pointee.rates.count(
            bytes: packet.count &+ Self.overhead,
            spatial: Int(mirrored.layer),
            temporal: Int(record.temporalLayer),
            at: record.arrival
        )
        let fresh = UplinkLayer.Fresh(sequence: record.sequence)
        let isLast = record.marks.contains(.marker)
        unsafe gather(fresh, endsFrame: isLast, slot, layer, at: record.arrival)
    }

    /// Makes the mirror's encoding what the original is.
    @inline(__always)
    private mutating func follow(
        _ mirrored: MirroredPacket,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>
    ) {
        let record = mirrored.record
        if unsafe layer.pointee.original != mirrored.source || mirrored.isResumed {
            if unsafe layer.pointee.original != nil {
                unsafe layer.pointee.beginAnew()
                unsafe uplink.pointee.unheard = 0
            }
            unsafe layer.pointee.original = mirrored.source
            unsafe layer.pointee.ssrc = mirrored.ssrc
        }
        unsafe layer.pointee.codec = mirrored.codec
        unsafe layer.pointee.clock.follow(timestamp: record.timestamp, captured: mirrored.captured)
        unsafe layer.pointee.lastArrival = max(layer.pointee.lastArrival, record.arrival)
        if record.startsKeyFrame { unsafe layer.pointee.keyFrames.keyFrameCame() }
        if unsafe record.temporalLayer > layer.pointee.highestTemporal {
            unsafe layer.pointee.highestTemporal = min(record.temporalLayer, 3)
        }
        guard let size = mirrored.size, unsafe size != layer.pointee.size else { return }
        unsafe layer.pointee.size = size
        unsafe uplink.pointee.sortLayers()
    }

    /// A whole picture of a mirror is wanted: the publisher's board is to be told, at once or soon.
    mutating func wantKeyFrame(_ slot: UInt32, layer index: Int, at now: Instant) {
        let uplink = unsafe uplinks[slot]
        let layer = unsafe uplink.pointee.layer(index)
        if unsafe layer.pointee.keyFrames.request(at: now) {
            unsafe events.append(.keyFrameWanted(uplink.pointee.id, layer: index))
        }
        if let due = unsafe layer.pointee.keyFrames.deadline { mirrorSchedule.hasten(slot, due) }
    }

    /// Says what mirrors have to say by now.
    mutating func serveMirrors(at now: Instant) {
        guard let due = mirrorSchedule.deadline, due <= now else { return }
        var from: UInt32 = 0
        while let slot = mirrorSchedule.nextDue(from: from, at: now) {
            from = slot + 1
            let uplink = unsafe uplinks[slot]
            for index in unsafe 0..<uplink.pointee.layerCount {
                let layer = unsafe uplink.pointee.layer(index)
                if unsafe layer.pointee.keyFrames.advance(to: now) {
                    unsafe events.append(.keyFrameWanted(uplink.pointee.id, layer: index))
                }
                if let due = unsafe layer.pointee.keyFrames.deadline {
                    mirrorSchedule.hasten(slot, due)
                }
            }
            if unsafe uplink.pointee.wanted.advance(to: now) {
                unsafe events.append(
                    .wanted(uplink.pointee.id, layers: uplink.pointee.wanted.layers.rawValue)
                )
            }
            if let due = unsafe uplink.pointee.wanted.deadline { mirrorSchedule.hasten(slot, due) }
        }
    }
}
