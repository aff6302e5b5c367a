import Basics
import Media

// What the peer says and hears as RTCP.
extension TestPeer {
    /// Writes one compound packet and sends it encrypted.
    func report(_ body: (inout RTCPWriter) -> Void) {
        var room = [UInt8](repeating: 0, count: 1_500)
        let size = unsafe room.withUnsafeMutableBytes { bytes -> Int? in
            guard let start = bytes.baseAddress else { return nil }
            var writer = unsafe RTCPWriter(
                into: MutableSpan<UInt8>(
                    _unsafeStart: start.assumingMemoryBound(to: UInt8.self),
                    count: 1_400
                )
            )
            body(&writer)
            let count = writer.count
            guard count > 0 else { return nil }
            return unsafe sender?.protectRTCP(start, count: count, capacity: bytes.count)
        }
        if let size { datagrams.append((Array(room.prefix(size)), path)) }
    }

    /// The same of bytes.
    func report(bytes: [UInt8]) {
        var room = bytes + [UInt8](repeating: 0, count: 64)
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let start = room.baseAddress else { return nil }
            return unsafe sender?.protectRTCP(start, count: bytes.count, capacity: room.count)
        }
        if let size { datagrams.append((Array(room.prefix(size)), path)) }
    }

    private static let reporter = SSRC(1)

    func askForPicture(_ ssrc: SSRC) {
        report { _ = $0.appendPictureLoss(Self.reporter, ssrc) }
    }

    func askForIntra(_ ssrc: SSRC, number: UInt8) {
        report { _ = $0.appendFullIntraRequest(Self.reporter, .init(ssrc: ssrc, number: number)) }
    }

    /// The clock that this peer writes into its reports.
    func ntp(at now: Instant) -> NTPTime {
        let nanoseconds = now.nanoseconds + clockOffset
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return NTPTime(WallTime(seconds: seconds, nanoseconds: Int32(rest)))
    }

    func sendReports(at now: Instant) {
        for track in tracks where !track.isStopped {
            for layer in track.layers where layer.packetCount > 0 {
                // The timestamp of this very moment, which is after the last frame's.
                let since = (now - track.nextFrame) + track.pace
                let ticks =
                    Instant(nanoseconds: 0).advanced(by: since).nanoseconds
                    * Int64(track.codec.clockRate) / 1_000_000_000
                let timestamp = layer.timestamp &+ UInt32(truncatingIfNeeded: ticks)
                report {
                    let part = RTCPSenderPart(
                        ssrc: layer.ssrc,
                        ntp: ntp(at: now),
                        timestamp: timestamp,
                        packetCount: layer.packetCount,
                        byteCount: layer.octetCount
                    )
                    let none: [RTCPReportBlock] = []
                    _ = $0.appendSenderReport(part, none.span)
                }
            }
        }
        let live = viewOrder.compactMap { views[$0] }.filter { !$0.packets.isEmpty && !$0.isEnded }
        let blocks = live.prefix(31).map { view in
            RTCPReportBlock(
                ssrc: view.ssrc,
                fractionLost: 0,
                cumulativeLost: 0,
                highestSequence: UInt32(truncatingIfNeeded: view.numbers.newest),
                jitter: 0,
                lastReport: 0,
                delay: 0
            )
        }
        report { _ = $0.appendReceiverReport(Self.reporter, blocks.span) }
        if let limit = habits.limit { report(bytes: Self.remb(limit)) }
    }

    static func remb(_ limit: Int) -> [UInt8] {
        var mantissa = UInt32(limit)
        var exponent: UInt32 = 0
        while mantissa >= 1 << 18 {
            mantissa >>= 1
            exponent += 1
        }
        let word = exponent << 18 | mantissa
        var bytes: [UInt8] = [0x8F, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0]
        bytes += Array("REMB".utf8) + [0]
        bytes += [UInt8(word >> 16 & 0xFF), UInt8(word >> 8 & 0xFF), UInt8(word & 0xFF)]
        return bytes
    }

    // MARK: - Losses

    /// A decoder that gets pictures and no whole one says so.
    private func askForFirstPicture(_ ssrc: SSRC, at now: Instant) {
        guard views[ssrc]?.kind == .video, views[ssrc]?.hasKeyFrame == false,
            views[ssrc]?.packets.isEmpty == false,
            now - (views[ssrc]?.askedForKeyFrame ?? now) >= .milliseconds(200)
        else { return }
        views[ssrc]?.askedForKeyFrame = now
        askForPicture(ssrc)
    }

    func askForLosses(at now: Instant) {
        for ssrc in viewOrder {
            askForFirstPicture(ssrc, at: now)
            guard views[ssrc]?.kind == .video, views[ssrc]?.isEnded == false,
                let first = views[ssrc]?.order.first, let newest = views[ssrc]?.numbers.newest,
                UInt64(views[ssrc]?.packets.count ?? 0) <= newest - min(first, newest)
            else { continue }
            var wanted: [UInt16] = []
            var number = max(first, newest > 100 ? newest - 100 : 0)
            while number < newest {
                defer { number += 1 }
                guard views[ssrc]?.packets[number] == nil else { continue }
                let asked = views[ssrc]?.asked[number] ?? (0, Instant(nanoseconds: 0))
                guard asked.count < 10, now - asked.last >= .milliseconds(40) else { continue }
                views[ssrc]?.asked[number] = (asked.count + 1, now)
                wanted.append(UInt16(truncatingIfNeeded: number))
            }
            guard !wanted.isEmpty else { continue }
            report { _ = $0.appendNack(Self.reporter, ssrc, missing: wanted.span) }
        }
    }

    // MARK: - What the server reports

    func receiveReport(_ bytes: [UInt8], at now: Instant) {
        var packet = bytes
        let count = unsafe packet.withUnsafeMutableBytes { bytes -> Int? in
            guard let start = bytes.baseAddress else { return nil }
            return unsafe receiver?.unprotectRTCP(start, count: bytes.count)
        }
        guard let count else {
            strange += 1
            return
        }
        let plain = Array(packet.prefix(count))
        guard var packets = RTCPReader(plain.span) else {
            strange += 1
            return
        }
        while let packet = packets.next() {
            switch packet {
            case .senderReport(let report):
                views[report.info.ssrc]?.reports.append(
                    (report.info.ntp.rawValue, report.info.timestamp)
                )
            case .receiverReport: receiverReports += 1
            case .arrivals: arrivalReports += 1
            case .nack(var nack):
                guard habits.repeats else { continue }
                let ssrc = nack.media
                while let number = nack.next() { resend(number, of: ssrc) }
            case .pictureLoss(_, let ssrc):
                for track in tracks.indices {
                    for layer in tracks[track].layers.indices
                    where tracks[track].layers[layer].ssrc == ssrc {
                        tracks[track].layers[layer].wantsKey = true
                        tracks[track].layers[layer].asked.append(now)
                    }
                }
            case .sourceDescription, .goodbye, .fullIntraRequest, .receiverEstimate, .other,
                .broken:
                break
            }
        }
    }

    /// Repeats a packet bit for bit, or on the stream for it.
    private func resend(_ number: SequenceNumber, of ssrc: SSRC) {
        for index in tracks.indices {
            for place in tracks[index].layers.indices
            where tracks[index].layers[place].ssrc == ssrc {
                let track = tracks[index]
                let layer = track.layers[place]
                let sequence = number.extended(near: layer.sequence)
                guard let wire = layer.store.wire[sequence], let clear = layer.store.clear[sequence]
                else {
                    continue
                }
                guard habits.repairs else {
                    datagrams.append((wire, path))
                    continue
                }
                let old = unsafe clear.withUnsafeBytes { bytes in
                    unsafe bytes.baseAddress.flatMap { unsafe RTPHeader($0, count: bytes.count) }
                }
                guard let old else { continue }
                let head = header(
                    track,
                    layer,
                    ssrc: layer.repair,
                    payloadType: track.repairType,
                    sequence: layer.repairSequence,
                    timestamp: old.timestamp,
                    marked: old.marker,
                    isRepair: true
                )
                let body =
                    [UInt8(number.rawValue >> 8), UInt8(number.rawValue & 0xFF)]
                    + clear[old.headerCount...]
                datagrams.append(
                    (
                        protect(
                            head + body,
                            headerCount: head.count,
                            index: layer.repairSequence
                        ), path
                    )
                )
                tracks[index].layers[place].repairSequence += 1
            }
        }
    }
}
