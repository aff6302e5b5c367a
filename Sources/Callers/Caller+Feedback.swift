internal import Basics
internal import Crypto
internal import Media

// What it reports and asks, and is asked (RFC 3550, RFC 4585).
extension Caller {
    /// Under this number it speaks of what it hears.
    private static var reporter: SSRC { SSRC(1) }

    private mutating func report(
        into out: inout OutgoingBatch,
        _ body: (_ writer: inout RTCPWriter) -> Void
    ) {
        guard let path, let room = unsafe out.room else {
            counts.dropped &+= 1
            return
        }
        let space = unsafe MutableSpan<UInt8>(
            _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
            count: 1_400
        )
        var writer = RTCPWriter(into: space)
        body(&writer)
        _ = unsafe send(room, writer.count, over: path, into: &out)
    }

    /// Encrypts what was written into the batch's room, and lets it go. Whether there was anything that can.
    private mutating func send(
        _ room: UnsafeMutableRawPointer,
        _ count: Int,
        over path: DatagramPath,
        into out: inout OutgoingBatch
    ) -> Bool {
        guard count > 0,
            let size = unsafe sender?.protectRTCP(
                room,
                count: count,
                capacity: OutgoingBatch.packetLimit
            )
        else { return false }
        out.commit(count: size, to: path, mayJoin: false)
        counts.reportsOut &+= 1
        counts.bytesOut &+= UInt64(size)
        return true
    }

    /// Its own clock, which is as good as any.
    private func ntp(at now: Instant) -> NTPTime {
        let (seconds, rest) = now.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return NTPTime(WallTime(seconds: seconds, nanoseconds: Int32(rest)))
    }

    mutating func sendReports(at now: Instant, into out: inout OutgoingBatch) {
        var parts: [RTCPSenderPart] = []
        for track in sent where !track.isEnded {
            for layer in track.layers where layer.packetCount > 0 {
                parts.append(
                    RTCPSenderPart(
                        ssrc: layer.ssrc,
                        ntp: ntp(at: now),
                        timestamp: layer.timestamp,
                        packetCount: layer.packetCount,
                        byteCount: layer.octetCount
                    )
                )
            }
        }
        var blocks: [RTCPReportBlock] = []
        for track in heard where !track.isEnded && blocks.count < Self.mostBlocks {
            // Of one that has fallen silent there is nothing to report.
            guard let last = track.last, now - last < .seconds(5),
                let report = track.statistics.takeReport(at: now)
            else { continue }
            blocks.append(
                RTCPReportBlock(
                    ssrc: track.ssrc,
                    fractionLost: report.fractionLost,
                    cumulativeLost: report.cumulativeLost,
                    highestSequence: report.highestSequence,
                    jitter: report.jitter,
                    lastReport: report.lastReport,
                    delay: report.delay
                )
            )
        }
        guard !parts.isEmpty || !blocks.isEmpty else { return }
        report(into: &out) { writer in
            let none: [RTCPReportBlock] = []
            for part in parts { _ = writer.appendSenderReport(part, none.span) }
            if !blocks.isEmpty { _ = writer.appendReceiverReport(Self.reporter, blocks.span) }
        }
    }

    mutating func reportArrivals(at now: Instant, into out: inout OutgoingBatch) {
        guard let path else { return }
        while let report = arrivals?.take(at: now) {
            guard let room = unsafe out.room else {
                counts.dropped &+= 1
                return
            }
            let head = RTCPArrivalsHead(
                sender: Self.reporter,
                media: heard.first?.ssrc ?? Self.reporter,
                base: report.base,
                referenceTime: report.referenceTime,
                feedbackCount: report.number
            )
            let space = unsafe MutableSpan<UInt8>(
                _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
                count: 1_400
            )
            var writer = RTCPWriter(into: space)
            _ = writer.appendArrivals(head, count: report.count) { index in
                arrivals?.arrival(of: index, in: report)
            }
            let isOut = unsafe send(room, writer.count, over: path, into: &out)
            if isOut { counts.arrivalReportsOut &+= 1 }
        }
    }

    mutating func askForLosses(at now: Instant, into out: inout OutgoingBatch) {
        lossDue = nil
        for track in heard where track.kind == .video && !track.isEnded {
            guard let due = track.losses.deadline else { continue }
            if due <= now { askForLosses(of: track, at: now, into: &out) }
            if let next = track.losses.deadline { lossDue = min(lossDue ?? next, next) }
            if track.losses.wantsKeyFrame {
                track.losses.wantsKeyFrame = false
                track.hasPicture = false
                track.pictureDue = now
                pictureDue = now
            }
        }
    }

    private mutating func askForLosses(
        of track: HeardTrack,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        var numbers = [UInt16](repeating: 0, count: Self.mostAsked)
        let count = unsafe numbers.withUnsafeMutableBufferPointer {
            unsafe track.losses.take(into: $0, roundTrip: Self.roundTrip, at: now)
        }
        guard count > 0 else { return }
        counts.askedAgain &+= UInt64(count)
        let missing = Array(numbers[..<count])
        report(into: &out) { writer in
            _ = writer.appendNack(Self.reporter, track.ssrc, missing: missing.span)
        }
    }

    mutating func askForPictures(at now: Instant, into out: inout OutgoingBatch) {
        pictureDue = nil
        for track in heard where track.kind == .video && !track.isEnded {
            guard let due = track.pictureDue else { continue }
            if due <= now {
                track.pictureDue = now + Self.repetition
                counts.picturesAsked &+= 1
                report(into: &out) { writer in
                    _ = writer.appendPictureLoss(Self.reporter, track.ssrc)
                }
            }
            if let next = track.pictureDue { pictureDue = min(pictureDue ?? next, next) }
        }
    }

    // MARK: - What the other side says

    mutating func receiveReports(
        _ start: UnsafeMutableRawPointer,
        _ count: Int,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        counts.bytesIn &+= UInt64(count)
        counts.reportsIn &+= 1
        guard let size = unsafe receiver?.unprotectRTCP(start, count: count) else {
            counts.spoilt &+= 1
            return
        }
        let plain = unsafe Span<UInt8>(
            _unsafeStart: start.assumingMemoryBound(to: UInt8.self),
            count: size
        )
        guard var packets = RTCPReader(plain) else {
            counts.spoilt &+= 1
            return
        }
        while let packet = packets.next() {
            switch packet {
            case .senderReport(let report):
                guard let place = places[report.info.ssrc.rawValue] else { continue }
                heard[place].statistics.reported(ntp: report.info.ntp.rawValue, at: now)
            case .nack(var nack):
                let ssrc = nack.media
                while let number = nack.next() { repeatPacket(number, of: ssrc, into: &out) }
            case .pictureLoss(_, let ssrc): wantPicture(ssrc)
            case .fullIntraRequest(let request):
                for index in 0..<request.entryCount { wantPicture(request.entry(index).ssrc) }
            case .arrivals: counts.arrivalReportsIn &+= 1
            case .receiverReport, .sourceDescription, .goodbye, .receiverEstimate, .other: break
            case .broken: counts.spoilt &+= 1
            }
        }
    }

    private mutating func wantPicture(_ ssrc: SSRC) {
        for (index, track) in sent.enumerated() {
            for layer in track.layers where layer.ssrc == ssrc {
                layer.wantsKey = true
                events.append(.pictureWanted(track: index))
            }
        }
    }

    private static var mostBlocks: Int { 31 }
    private static var mostAsked: Int { 64 }
    /// What two repetitions of one question lie apart at least.
    private static var roundTrip: Duration { .milliseconds(40) }
    private static var repetition: Duration { .milliseconds(500) }
}
