internal import Basics
internal import Crypto
internal import Media

// Voice and pictures, at their pace.
extension Caller {
    mutating func sendFrames(
        of track: SentTrack,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        track.latest = now - track.nextFrame
        // What a stalled thread has missed is not made up for: nobody speaks faster because of it.
        if track.latest > track.interval * 10 { track.nextFrame = now }
        while track.nextFrame <= now {
            track.nextFrame = track.nextFrame + track.interval
            for layer in track.layers {
                layer.timestamp &+= Self.ticks(of: track)
                switch track.plan {
                case .voice:
                    _ = sendPacket(
                        track,
                        layer,
                        isFirst: true,
                        isLast: true,
                        false,
                        at: now,
                        into: &out
                    )
                case .pictures(let perSecond, _):
                    sendPicture(track, layer, perSecond: perSecond, at: now, into: &out)
                }
            }
        }
    }

    private static func ticks(of track: SentTrack) -> UInt32 {
        let rate = track.kind == .audio ? 48_000 : 90_000
        return UInt32(Int(track.interval / .nanoseconds(1)) * rate / 1_000_000_000)
    }

    private mutating func sendPicture(
        _ track: SentTrack,
        _ layer: SentLayer,
        perSecond: Int,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let size = layer.header.count + layer.payload + 16
        layer.credit += layer.layer.bitrate / 8 / max(perSecond, 1)
        let packets = max(layer.credit / size, 1)
        layer.credit -= packets * size
        layer.picture = (layer.picture &+ 1) & 0x7FFF
        layer.baseLayer &+= 1
        let isKey = layer.wantsKey
        for place in 0..<packets {
            let isSent = sendPacket(
                track,
                layer,
                isFirst: place == 0,
                isLast: place == packets - 1,
                isKey,
                at: now,
                into: &out
            )
            if isKey, isSent { layer.wantsKey = false }
        }
    }

    private mutating func sendPacket(
        _ track: SentTrack,
        _ layer: SentLayer,
        isFirst: Bool,
        isLast: Bool,
        _ isKey: Bool,
        at now: Instant,
        into out: inout OutgoingBatch
    ) -> Bool {
        guard let path, let packet = unsafe out.room else {
            counts.dropped &+= 1
            return false
        }
        let headerCount = layer.header.count
        unsafe layer.header.withUnsafeBytes { header in
            if let start = header.baseAddress {
                unsafe packet.copyMemory(from: start, byteCount: headerCount)
            }
        }
        if track.kind == .video, isLast {
            unsafe packet.storeBytes(
                of: SentTrack.vp8.rawValue | 0x80,
                toByteOffset: 1,
                as: UInt8.self
            )
        }
        unsafe packet.store(UInt16(truncatingIfNeeded: layer.sequence), at: 2)
        unsafe packet.store(layer.timestamp, at: 4)
        unsafe number(packet, layer)
        let payload = unsafe packet + headerCount
        // Of the filler nobody asks what it is.
        unsafe payload.initializeMemory(as: UInt8.self, repeating: 0x55, count: layer.payload)
        layer.number &+= 1
        let mark = PacketMark(
            source: layer.ssrc.rawValue,
            number: layer.number,
            sentAt: now.nanoseconds
        )
        if track.kind == .audio {
            unsafe payload.storeBytes(of: Self.opusHead, as: UInt8.self)
            unsafe mark.write(to: payload + 1)
        } else {
            unsafe writePictureHead(payload, layer, isFirst: isFirst, isKey: isKey)
            unsafe mark.write(to: payload + Self.pictureHead)
        }
        let count = headerCount + layer.payload
        unsafe layer.history?.keep(layer.sequence, packet, count)
        guard let size = unsafe protect(packet, headerCount, count, layer.ssrc, layer.sequence)
        else { return false }
        out.commit(count: size, to: path, mayJoin: false)
        layer.sequence &+= 1
        layer.packetCount &+= 1
        layer.octetCount &+= UInt32(layer.payload)
        counts.mediaOut &+= 1
        counts.bytesOut &+= UInt64(size)
        return true
    }

    private mutating func number(_ packet: UnsafeMutableRawPointer, _ layer: SentLayer) {
        guard layer.numberOffset > 0 else { return }
        transportNumber &+= 1
        unsafe packet.store(transportNumber, at: layer.numberOffset)
    }

    private mutating func protect(
        _ packet: UnsafeMutableRawPointer,
        _ headerCount: Int,
        _ count: Int,
        _ ssrc: SSRC,
        _ index: UInt64
    ) -> Int? {
        unsafe sender?.protect(
            packet,
            headerCount: headerCount,
            payload: UnsafeRawPointer(packet + headerCount),
            payloadCount: count - headerCount,
            ssrc: ssrc,
            index: index
        )
    }

    /// A descriptor with a long picture number (RFC 7741), and what a frame of VP8 begins with.
    private func writePictureHead(
        _ payload: UnsafeMutableRawPointer,
        _ layer: SentLayer,
        isFirst: Bool,
        isKey: Bool
    ) {
        unsafe payload.store(UInt16(isFirst ? 0x90E0 : 0x80E0), at: 0)
        unsafe payload.store(UInt16(0x8000 | layer.picture), at: 2)
        unsafe payload.store(UInt16(layer.baseLayer) << 8, at: 4)
        // The lowest bit unset says that this is a key frame.
        unsafe payload.store(UInt32(isKey && isFirst ? 0 : 0x0100_0000), at: 6)
        unsafe payload.store(UInt32(0x9D01_2A00), at: 9)
        unsafe payload.store(layer.layer.width.byteSwapped, at: 12)
        unsafe payload.store(layer.layer.height.byteSwapped, at: 14)
    }

    /// Whether a payload of pictures begins a key frame of ours.
    static func startsKeyFrame(_ payload: UnsafeRawPointer) -> Bool {
        let first = unsafe payload.load(as: UInt8.self)
        let tag = unsafe payload.load(fromByteOffset: 6, as: UInt8.self)
        return first & 0x10 != 0 && tag & 1 == 0
    }

    // MARK: - Again

    /// Sends a packet again: on the stream for that, or else bit for bit.
    mutating func repeatPacket(
        _ number: SequenceNumber,
        of ssrc: SSRC,
        into out: inout OutgoingBatch
    ) {
        for track in sent {
            for layer in track.layers where layer.ssrc == ssrc {
                let sequence = number.extended(near: layer.sequence)
                guard let path, let packet = unsafe out.room,
                    let count = unsafe layer.history?.copy(sequence, to: packet)
                else { return }
                var size = count
                var (source, index) = (layer.ssrc, sequence)
                if let type = track.repairType {
                    guard
                        let wrapped = unsafe RTXPacket.wrap(
                            packet,
                            count: count,
                            headerCount: layer.header.count,
                            capacity: OutgoingBatch.packetLimit - 16,
                            ssrc: layer.repair,
                            payloadType: type,
                            sequence: SequenceNumber(
                                UInt16(truncatingIfNeeded: layer.repairSequence)
                            )
                        )
                    else { return }
                    size = wrapped
                    (source, index) = (layer.repair, layer.repairSequence)
                    layer.repairSequence &+= 1
                    unsafe self.number(packet, layer)
                    if layer.ridOffset > 0, track.repairedRID > 0 {
                        let old = unsafe packet.load(
                            fromByteOffset: layer.ridOffset,
                            as: UInt8.self
                        )
                        unsafe packet.storeBytes(
                            of: track.repairedRID << 4 | old & 0xF,
                            toByteOffset: layer.ridOffset,
                            as: UInt8.self
                        )
                    }
                }
                guard
                    let whole = unsafe protect(packet, layer.header.count, size, source, index)
                else { return }
                out.commit(count: whole, to: path, mayJoin: false)
                counts.repeated &+= 1
                counts.mediaOut &+= 1
                counts.bytesOut &+= UInt64(whole)
                return
            }
        }
    }

    /// 20 ms of sound in one frame (RFC 6716 section 3.1).
    private static var opusHead: UInt8 { 0xF8 }
    /// Where the mark lies in a payload of pictures.
    static var pictureHead: Int { 16 }
}
