import Basics
import Crypto
import Media

// What the peer sends and gets as RTP.
extension TestPeer {
    // MARK: - Sending

    func sendFrames(of index: Int, at now: Instant) {
        while tracks[index].nextFrame <= now {
            let moment = tracks[index].nextFrame
            tracks[index].nextFrame = moment + tracks[index].pace
            let ticks = tracks[index].codec.clockRate
            let step = tracks[index].pace.components
            let advance =
                step.seconds * Int64(ticks) + step.attoseconds / 1_000_000_000
                * Int64(ticks) / 1_000_000_000
            for layer in tracks[index].layers.indices {
                tracks[index].layers[layer].timestamp &+= UInt32(truncatingIfNeeded: advance)
                guard tracks[index].isOn, !tracks[index].isStopped,
                    tracks[index].layers[layer].isOn
                else { continue }
                sendFrame(index, layer, at: now)
            }
        }
    }

    private func sendFrame(_ index: Int, _ layer: Int, at now: Instant) {
        let track = tracks[index]
        guard track.kind == .video else {
            sendPacket(index, layer, [], marked: false, size: 80, PacketFrame())
            return
        }
        tracks[index].layers[layer].frame += 1
        let isKey = track.layers[layer].wantsKey
        tracks[index].layers[layer].wantsKey = false
        let picture = (track.layers[layer].picture &+ 1) & 0x7FFF
        tracks[index].layers[layer].picture = picture
        tracks[index].layers[layer].baseLayer &+= 1
        let count = track.layers[layer].packetsPerFrame
        for place in 0..<count {
            let frame = PacketFrame(
                place: UInt8(place),
                places: UInt8(count),
                isKey: isKey,
                size: (track.layers[layer].width, track.layers[layer].height)
            )
            let head =
                track.codec == .vp8
                ? VP8Head(
                    picture: picture,
                    baseLayer: tracks[index].layers[layer].baseLayer,
                    startsFrame: place == 0
                ).bytes
                // Z and N of the AV1 aggregation header.
                : [(place > 0 ? 0x80 : 0) | (isKey && place == 0 ? 0x08 : 0)]
            sendPacket(index, layer, head, marked: place == count - 1, size: 200, frame)
        }
    }

    private struct PacketFrame {
        var place: UInt8 = 0
        var places: UInt8 = 1
        var isKey = false
        var size: (UInt16, UInt16) = (0, 0)
    }

    private func sendPacket(
        _ index: Int,
        _ place: Int,
        _ head: [UInt8],
        marked: Bool,
        size: Int,
        _ frame: PacketFrame
    ) {
        let track = tracks[index]
        let layer = track.layers[place]
        var content = PacketContent(ssrc: layer.ssrc.rawValue, sequence: layer.sequence)
        content.frame = layer.frame
        content.place = frame.place
        content.places = frame.places
        content.isKey = frame.isKey
        (content.width, content.height) = frame.size
        let payload = head + content.bytes(count: size)
        let packet =
            header(
                track,
                layer,
                ssrc: layer.ssrc,
                payloadType: track.payloadType,
                sequence: layer.sequence,
                timestamp: layer.timestamp,
                marked: marked,
                isRepair: false
            ) + payload
        let wire = protect(packet, headerCount: packet.count - payload.count, index: layer.sequence)
        layer.store.keep(layer.sequence, wire: wire, clear: packet)
        tracks[index].layers[place].sequence += 1
        tracks[index].layers[place].packetCount &+= 1
        tracks[index].layers[place].octetCount &+= UInt32(payload.count)
        datagrams.append((wire, path))
    }

    func header(
        _ track: SentTrack,
        _ layer: SentLayer,
        ssrc: SSRC,
        payloadType: PayloadType,
        sequence: UInt64,
        timestamp: UInt32,
        marked: Bool,
        isRepair: Bool
    ) -> [UInt8] {
        var extensions: [UInt8] = []
        if track.kind == .audio, track.hasLevel { extensions += [0x10, track.level] }
        if habits.countsArrival {
            transportNumber &+= 1
            extensions += [0x31, UInt8(transportNumber >> 8), UInt8(transportNumber & 0xFF)]
        }
        if let rid = layer.rid {
            let mid = Array(track.mid.utf8)
            extensions += [0x40 | UInt8(mid.count - 1)] + mid
            let name = Array(rid.utf8)
            extensions += [(isRepair ? 0xB0 : 0xA0) | UInt8(name.count - 1)] + name
        }
        while !extensions.count.isMultiple(of: 4) { extensions.append(0) }
        var bytes: [UInt8] = [
            extensions.isEmpty ? 0x80 : 0x90, payloadType.rawValue | (marked ? 0x80 : 0),
        ]
        bytes += [UInt8(sequence >> 8 & 0xFF), UInt8(sequence & 0xFF)]
        for word in [timestamp, ssrc.rawValue] {
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) }
        }
        if !extensions.isEmpty {
            bytes += [0xBE, 0xDE, 0, UInt8(extensions.count / 4)] + extensions
        }
        return bytes
    }

    func protect(_ packet: [UInt8], headerCount: Int, index: UInt64) -> [UInt8] {
        let ssrc = SSRC(packet[8..<12].reduce(0) { $0 << 8 | UInt32($1) })
        var room = packet + [UInt8](repeating: 0, count: 32)
        let size = unsafe room.withUnsafeMutableBytes { bytes -> Int? in
            guard let start = bytes.baseAddress else { return nil }
            return unsafe sender?.protect(
                start,
                headerCount: headerCount,
                payload: UnsafeRawPointer(start + headerCount),
                payloadCount: packet.count - headerCount,
                ssrc: ssrc,
                index: index
            )
        }
        return Array(room.prefix(size ?? 0))
    }

    // MARK: - Receiving

    func receiveMedia(_ bytes: [UInt8], at now: Instant) {
        guard bytes.count >= 12 else {
            strange += 1
            return
        }
        if 192...223 ~= bytes[1] {
            receiveReport(bytes, at: now)
            return
        }
        var packet = bytes
        let header = unsafe packet.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.flatMap { unsafe RTPHeader($0, count: bytes.count) }
        }
        guard let header else {
            strange += 1
            return
        }
        let ssrc = header.ssrc
        if let number = views[ssrc]?.numbers.index(of: header.sequence) {
            guard let count = open(&packet, header, number) else {
                strange += 1
                return
            }
            views[ssrc]?.numbers.mark(number)
            note(packet, count, header, number, ssrc, at: now, isRepaired: false)
        } else if let repaired = repairs[ssrc],
            let number = views[repaired]?.repairNumbers.index(of: header.sequence)
        {
            guard let count = open(&packet, header, number) else {
                strange += 1
                return
            }
            views[repaired]?.repairNumbers.mark(number)
            receiveRepair(packet, count, header, repaired, at: now)
        } else if views[ssrc] == nil, repairs[ssrc] == nil {
            strange += 1
        }
    }

    private func open(_ packet: inout [UInt8], _ header: RTPHeader, _ number: UInt64) -> Int? {
        unsafe packet.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return nil }
            return unsafe receiver?.unprotect(
                start,
                count: bytes.count,
                headerCount: header.headerCount,
                ssrc: header.ssrc,
                index: number
            )
        }
    }

    private func receiveRepair(
        _ bytes: [UInt8],
        _ count: Int,
        _ header: RTPHeader,
        _ ssrc: SSRC,
        at now: Instant
    ) {
        guard !header.hasPadding else {
            views[ssrc]?.padding += 1
            return
        }
        var packet = Array(bytes.prefix(count))
        let number =
            UInt16(packet[header.headerCount]) << 8 | UInt16(packet[header.headerCount + 1])
        packet.removeSubrange(header.headerCount..<header.headerCount + 2)
        guard let index = views[ssrc]?.numbers.index(of: SequenceNumber(number)) else { return }
        views[ssrc]?.numbers.mark(index)
        note(packet, packet.count, header, index, ssrc, at: now, isRepaired: true)
    }

    private func note(
        _ bytes: [UInt8],
        _ count: Int,
        _ header: RTPHeader,
        _ number: UInt64,
        _ ssrc: SSRC,
        at now: Instant,
        isRepaired: Bool
    ) {
        var body = bytes[header.headerCount..<count]
        var packet = ViewedStream.Packet(
            sequence: number,
            timestamp: header.timestamp,
            isMarked: header.marker,
            arrival: now
        )
        packet.isRepaired = isRepaired
        if views[ssrc]?.kind == .video {
            if header.payloadType == SentTrack.av1 || header.payloadType == SentTrack.av1Repair {
                body = body.dropFirst()
            } else if let head = VP8Head(body) {
                packet.head = head
                body = body.dropFirst(VP8Head.count)
            }
        } else {
            var ids = ExtensionIDs()
            (ids.audioLevel, ids.transportCC) = (1, 3)
            unsafe bytes.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress,
                    let extensions = unsafe RTPExtensions(start, header, ids)
                else { return }
                packet.level = unsafe extensions.audioLevel(in: start)?.byte
                packet.transportNumber = unsafe extensions.transportNumber(in: start)
            }
        }
        packet.content = PacketContent(body)
        if packet.content?.isKey == true { views[ssrc]?.hasKeyFrame = true }
        views[ssrc]?.packets[number] = packet
        views[ssrc]?.order.append(number)
        views[ssrc]?.asked[number] = nil
    }
}
