internal import Basics
internal import Crypto
internal import Media

// Media that comes. All is counted by its numbers; one packet of some is opened, and its contents
// compared with its number.
extension Caller {
    mutating func receiveMedia(
        _ start: UnsafeMutableRawPointer,
        _ count: Int,
        at now: Instant
    ) -> HeardPacket? {
        counts.mediaIn &+= 1
        counts.bytesIn &+= UInt64(count)
        guard receiver != nil, let header = unsafe RTPHeader(start, count: count) else {
            counts.strange &+= 1
            return nil
        }
        if heardIDs.transportCC != 0,
            let extensions = unsafe RTPExtensions(start, header, heardIDs),
            let number = unsafe extensions.transportNumber(in: start)
        {
            if arrivals == nil { arrivals = TransportFeedbackRecorder() }
            arrivals?.received(number, at: now)
        }
        guard let place = place(of: header.ssrc) else {
            counts.strange &+= 1
            return nil
        }
        let track = heard[place]
        guard header.ssrc == track.ssrc else {
            return unsafe receiveRepair(start, count, header, place, at: now)
        }
        guard let index = track.numbers.index(of: header.sequence) else {
            counts.duplicates &+= 1
            return nil
        }
        var packet = HeardPacket(
            track: place,
            kind: track.kind,
            sequence: index,
            size: count,
            isRepair: false
        )
        let isSample = track.received % UInt64(max(habits.opensEvery, 1)) == 0
        if isSample || track.kind == .video && !track.hasPicture {
            guard let size = unsafe open(start, count, header, index) else {
                counts.spoilt &+= 1
                return nil
            }
            packet.mark = unsafe look(start, size, header, track, index)
        }
        note(track, index, header, at: now)
        return packet
    }

    private mutating func receiveRepair(
        _ start: UnsafeMutableRawPointer,
        _ count: Int,
        _ header: RTPHeader,
        _ place: Int,
        at now: Instant
    ) -> HeardPacket? {
        let track = heard[place]
        guard let own = track.repairNumbers.index(of: header.sequence) else {
            counts.duplicates &+= 1
            return nil
        }
        guard let size = unsafe open(start, count, header, own) else {
            counts.spoilt &+= 1
            return nil
        }
        track.repairNumbers.mark(own)
        // Nothing but padding measures the line.
        guard
            let (number, rest) = unsafe RTXPacket.unwrap(
                start,
                count: size,
                headerCount: header.headerCount,
                ssrc: track.ssrc,
                payloadType: SentTrack.vp8
            )
        else { return nil }
        guard let index = track.numbers.index(of: number) else {
            counts.duplicates &+= 1
            return nil
        }
        counts.repaired &+= 1
        let mark = unsafe look(start, rest, header, track, index)
        note(track, index, header, at: now)
        return HeardPacket(
            track: place,
            kind: track.kind,
            sequence: index,
            size: count,
            isRepair: true,
            mark: mark
        )
    }

    private mutating func place(of ssrc: SSRC) -> Int? {
        if lastPlace < heard.count, heard[lastPlace].ssrc == ssrc { return lastPlace }
        guard let place = places[ssrc.rawValue] else { return nil }
        lastPlace = place
        return place
    }

    private mutating func open(
        _ start: UnsafeMutableRawPointer,
        _ count: Int,
        _ header: RTPHeader,
        _ index: UInt64
    ) -> Int? {
        let size = unsafe receiver?.unprotect(
            start,
            count: count,
            headerCount: header.headerCount,
            ssrc: header.ssrc,
            index: index
        )
        if size != nil { counts.opened &+= 1 }
        return size
    }

    /// Reads what its sender wrote into an opened packet.
    private mutating func look(
        _ start: UnsafeMutableRawPointer,
        _ count: Int,
        _ header: RTPHeader,
        _ track: HeardTrack,
        _ index: UInt64
    ) -> PacketMark? {
        let head = track.kind == .audio ? 1 : Self.pictureHead
        guard let size = unsafe header.payloadCount(of: start, count: count) else {
            counts.spoilt &+= 1
            return nil
        }
        // Padding alone fills up a run, or measures the line.
        guard size > 0 else { return nil }
        let payload = unsafe UnsafeRawPointer(start + header.headerCount)
        guard size >= head + PacketMark.size, let mark = unsafe PacketMark(payload + head) else {
            counts.spoilt &+= 1
            return nil
        }
        if track.kind == .video, unsafe Self.startsKeyFrame(payload) {
            track.hasPicture = true
            track.pictureDue = nil
        }
        track.compare(mark, with: index)
        return mark
    }

    private mutating func note(
        _ track: HeardTrack,
        _ index: UInt64,
        _ header: RTPHeader,
        at now: Instant
    ) {
        let isFirst = track.received == 0
        track.note(index, timestamp: header.timestamp, at: now)
        guard track.kind == .video, habits.asksForLosses else { return }
        track.losses.received(index, at: now)
        if let due = track.losses.deadline { lossDue = min(lossDue ?? due, due) }
        if isFirst, !track.hasPicture {
            track.pictureDue = now + Self.patience
            pictureDue = min(pictureDue ?? now + Self.patience, now + Self.patience)
        }
    }

    /// How long a decoder waits for a picture that it can begin with.
    private static var patience: Duration { .milliseconds(200) }
}
