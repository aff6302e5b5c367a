internal import Basics

/// Makes one endless stream for one viewer of whatever layers and sources it is shown in turn.
///
/// The viewer sees one SSRC for life: sequence numbers without gaps but for what was lost on the way
/// here, timestamps that follow the moments of capture and never run back, VP8 picture numbers and
/// TL0PICIDX that count only what is sent.
///
///                show: first packet of a source
///     closed ──────────────────────────────────────▶ open ──▶ forward: its number less an offset
///        ▲                                          │ ▲  └──▶ skip: the offset grows
///        └──────────── close: paused ───────────────┘ └ show: another source
///
/// Within a source, a packet's number is its own less an offset that grows with every packet skipped.
/// A packet that is late gets the number that was left for it: the last sixteen places where the
/// offset changed are remembered, and 512 packets back. Beyond either, and from before the viewer
/// was shown this source, its place is closed. A packet not to be sent whose number was left leaves a
/// hole; ``skip(_:)`` returns that number, so that an empty packet may fill it.
///
/// Each received packet comes here once, to be forwarded or skipped: two different answers would put
/// two packets under one number. Show a source from the first packet of a key frame on; if later ones
/// of that frame came first, they come here after it, from the history. Nothing here allocates; a
/// rewriter is some 250 bytes.
package struct StreamRewriter: Sendable {
    /// So many packets back a late one is still looked for.
    package static let reach: UInt64 = 512
    private static let longestRun: UInt16 = 1_024

    /// A place in the source where the offset changed: `swallowed` packets from `start` on have no
    /// number, and after them `inserted` numbers are nobody's.
    private struct Change: BitwiseCopyable {
        var start: UInt16 = 0
        var swallowed: UInt16 = 0
        var inserted: UInt16 = 0
        var pictures: UInt16 = 0
    }

    private let clock: TimestampClock
    private let leastStep: Int64
    private let begin: Beginning

    private var isOpen = false
    private var hasBegun = false
    private var source: UInt16 = 0
    /// Of the source: the highest packet seen, and the first whose place is not closed.
    private var highest: UInt64 = 0
    private var floor: UInt64 = 0
    /// What is taken from a number after `highest`; wraps.
    private var offset: UInt64 = 0
    private var changes = InlineArray<16, Change>(repeating: Change())
    private var changeCount: UInt8 = 0
    private var newestChange: UInt8 = 0

    private var timestampShift: UInt32 = 0
    private var lastTimestamp: UInt32 = 0
    private var lastCaptured: Int64 = 0
    private var lastArrival: Int64 = 0

    private var pictureShift: UInt16 = 0
    private var lastPicture: UInt16
    private var lastBaseLayer: UInt8
    private var baseLayerShift: UInt8 = 0
    /// Of the source: the picture of `highest`, and whether it was skipped.
    private var current: SourcePacket.Picture = .none
    private var skipsCurrent = false
    private var skippedTimestamp: UInt32 = 0

    /// Where a stream's counts begin; by chance, as RFC 3550 section 5.1 wants it.
    package struct Beginning: Hashable, Sendable {
        /// Below 32,768, so that the first losses can't be mistaken for a wrap.
        package var sequence: UInt16
        package var timestamp: UInt32
        package var picture: UInt16
        package var baseLayer: UInt8

        package init(sequence: UInt16, timestamp: UInt32, picture: UInt16, baseLayer: UInt8) {
            self.sequence = sequence & 0x7FFF
            self.timestamp = timestamp
            self.picture = picture & 0x7FFF
            self.baseLayer = baseLayer
        }

        package init(using random: inout some RandomNumberGenerator) {
            let bits = random.next()
            let more = random.next()
            self.init(
                sequence: UInt16(truncatingIfNeeded: bits),
                timestamp: UInt32(truncatingIfNeeded: bits >> 16),
                picture: UInt16(truncatingIfNeeded: bits >> 48),
                baseLayer: UInt8(truncatingIfNeeded: more)
            )
        }
    }

    package init(kind: MediaKind, clockRate: Int, begin: Beginning) {
        clock = TimestampClock(rate: clockRate)
        // A frame: 20 ms of sound, a thirtieth of a second of pictures.
        leastStep = Int64(clockRate) / (kind == .audio ? 50 : 30)
        self.begin = begin
        lastPicture = begin.picture
        lastBaseLayer = begin.baseLayer
    }

    // MARK: Packets

    /// The packet is to be sent, as the first of a source, or of the same one after a pause. What was
    /// shown until now is closed.
    package mutating func show(_ packet: SourcePacket) -> RewrittenPacket {
        open(packet)
        return numbered(packet, offset: offset, pictureShift: pictureShift)
    }

    /// The packet is to be sent. Nil if its place is closed: it came too late, or its source is not
    /// shown; then it is to be dropped.
    package mutating func forward(_ packet: SourcePacket) -> RewrittenPacket? {
        guard isOpen, packet.source == source else { return nil }
        guard packet.sequence > highest else { return forwardLate(packet) }
        if skipsCurrent, packet.picture != .none, packet.picture == current {
            // The rest of a picture whose beginning nobody was sent.
            _ = skip(packet)
            return nil
        }
        if packet.sequence &- highest > Self.reach { leap(to: packet.sequence) }
        highest = packet.sequence
        current = packet.picture
        skipsCurrent = false
        forgetOldest()
        note(packet, pictureShift: pictureShift)
        return numbered(packet, offset: offset, pictureShift: pictureShift)
    }

    /// The packet is not to be sent. Returns the number that was left for it if it is late; an empty
    /// packet of that number tells the viewer not to wait.
    package mutating func skip(_ packet: SourcePacket) -> UInt64? {
        guard isOpen, packet.source == source else { return nil }
        guard packet.sequence > highest else {
            guard let place = place(of: packet.sequence) else { return nil }
            return packet.sequence &- place.offset
        }
        if packet.sequence &- highest > Self.reach { leap(to: packet.sequence) }
        // What is missing between two packets skipped of one frame is of that frame, too.
        let isSameFrame = skipsCurrent && skippedTimestamp == packet.timestamp
        let count = isSameFrame ? packet.sequence &- highest : 1
        let isNewPicture = packet.picture != .none && packet.picture != current
        swallow(UInt16(truncatingIfNeeded: count), before: packet.sequence &+ 1, isNewPicture)
        highest = packet.sequence
        forgetOldest()
        if isNewPicture { current = packet.picture }
        // The rest of a picture that was begun is no picture of its own.
        skipsCurrent = skipsCurrent || isNewPicture || packet.picture == .none
        skippedTimestamp = packet.timestamp
        return nil
    }

    /// A number of our own, for a packet of padding after all that was sent, or nil before anything
    /// was. It bears the last timestamp.
    package mutating func insert() -> (sequence: UInt64, timestamp: UInt32)? {
        guard hasBegun else { return nil }
        let index = changeEnding(at: highest &+ 1)
        guard changes[index].inserted < .max else { return nil }
        changes[index].inserted &+= 1
        offset &-= 1
        return (highest &- offset, lastTimestamp)
    }

    /// Nothing is sent for a while: what comes next continues the count, whatever was left out.
    package mutating func close() {
        isOpen = false
    }

    // MARK: Questions

    /// The highest number given out, or nil before the first.
    package var newest: UInt64? { hasBegun ? highest &- offset : nil }

    /// The source now shown, if any.
    package var shown: UInt16? { isOpen ? source : nil }

    /// The viewer's timestamp for a timestamp of the source shown, for sender reports.
    package func timestamp(of sourceTimestamp: UInt32) -> UInt32 {
        sourceTimestamp &+ timestampShift
    }

    // MARK: Numbers

    private func numbered(
        _ packet: SourcePacket,
        offset: UInt64,
        pictureShift: UInt16
    ) -> RewrittenPacket {
        RewrittenPacket(
            sequence: packet.sequence &- offset,
            timestamp: packet.timestamp &+ timestampShift,
            timestampShift: timestampShift,
            pictureShift: pictureShift,
            baseLayerShift: baseLayerShift
        )
    }

    private mutating func forwardLate(_ packet: SourcePacket) -> RewrittenPacket? {
        guard let place = place(of: packet.sequence) else { return nil }
        let shift = (pictureShift &+ place.pictures) & 0x7FFF
        // All after it may have been skipped.
        note(packet, pictureShift: shift)
        return numbered(packet, offset: place.offset, pictureShift: shift)
    }

    /// What the offset was at a packet that is not the highest, and how many pictures were skipped
    /// since. Nil if it is closed or was skipped.
    private func place(of sequence: UInt64) -> (offset: UInt64, pictures: UInt16)? {
        guard sequence >= floor, highest &- sequence < Self.reach else { return nil }
        let low = UInt16(truncatingIfNeeded: sequence)
        var offset = offset
        var pictures: UInt16 = 0
        var index = newestChange
        for _ in 0..<changeCount {
            let change = changes[Int(index)]
            let behind = Int16(bitPattern: low &- change.start)
            if behind >= 0 {
                if UInt16(bitPattern: behind) >= change.swallowed { break }
                return nil
            }
            offset = offset &- UInt64(change.swallowed) &+ UInt64(change.inserted)
            pictures &+= change.pictures
            index = (index &- 1) & 15
        }
        return (offset, pictures)
    }

    /// Takes `count` packets before `end` out of the count.
    private mutating func swallow(_ count: UInt16, before end: UInt64, _ isNewPicture: Bool) {
        let index = changeEnding(at: end &- UInt64(count))
        changes[index].swallowed &+= count
        if isNewPicture {
            changes[index].pictures &+= 1
            pictureShift = (pictureShift &- 1) & 0x7FFF
        }
        offset &+= UInt64(count)
        if changes[index].swallowed >= Self.longestRun {
            // What lies before this is out of reach, so its beginning may be forgotten.
            let half = Self.longestRun / 2
            changes[index].start &+= half
            changes[index].swallowed &-= half
            floor = max(floor, end &- UInt64(changes[index].swallowed))
        }
    }

    /// The newest change if it ends here, else a new one.
    private mutating func changeEnding(at end: UInt64) -> Int {
        let low = UInt16(truncatingIfNeeded: end)
        if changeCount > 0 {
            let newest = changes[Int(newestChange)]
            if newest.start &+ newest.swallowed == low { return Int(newestChange) }
        }
        newestChange = (newestChange &+ 1) & 15
        if changeCount == 16 {
            let oldest = changes[Int(newestChange)]
            let behind = UInt64(low &- (oldest.start &+ oldest.swallowed))
            floor = max(floor, end &- behind)
        } else {
            changeCount &+= 1
        }
        changes[Int(newestChange)] = Change(start: low)
        return Int(newestChange)
    }

    /// Sixteen bits say where a change is only while it is near, so that old ones go in time: one a
    /// packet, while a packet advances by 512 at most, keeps them all within 11,000.
    private mutating func forgetOldest() {
        guard changeCount > 0 else { return }
        let oldest = changes[Int((newestChange &- changeCount &+ 1) & 15)]
        let behind = UInt16(truncatingIfNeeded: highest) &- (oldest.start &+ oldest.swallowed)
        if behind > 2_048, behind < 0x8000 { changeCount &-= 1 }
    }

    /// So many are missing that nobody will repair them: one hole tells of them all.
    private mutating func leap(to sequence: UInt64) {
        offset = sequence &- (highest &- offset &+ 2)
        highest = sequence &- 1
        floor = sequence
        changeCount = 0
    }

    // MARK: Sources

    private mutating func open(_ packet: SourcePacket) {
        let number = hasBegun ? highest &- offset &+ 1 : UInt64(begin.sequence)
        offset = packet.sequence &- number
        highest = packet.sequence
        floor = packet.sequence
        changeCount = 0
        alignTimestamp(packet)
        switch packet.picture {
        case .none: break
        case .short(let picture):
            pictureShift = (lastPicture &+ 1 &- UInt16(picture)) & 0x7FFF
        case .long(let picture):
            pictureShift = (lastPicture &+ 1 &- picture) & 0x7FFF
        }
        if let index = packet.baseLayerIndex { baseLayerShift = lastBaseLayer &+ 1 &- index }
        source = packet.source
        current = packet.picture
        skipsCurrent = false
        isOpen = true
        hasBegun = true
        note(packet, pictureShift: pictureShift)
    }

    /// Keeps what a next source continues from.
    private mutating func note(_ packet: SourcePacket, pictureShift: UInt16) {
        let timestamp = packet.timestamp &+ timestampShift
        if Int32(bitPattern: timestamp &- lastTimestamp) >= 0 {
            lastTimestamp = timestamp
            lastCaptured = packet.captured.nanoseconds
        }
        lastArrival = max(lastArrival, packet.arrival.nanoseconds)
        switch packet.picture {
        case .none: break
        case .short(let picture):
            let sent = (UInt16(picture) &+ pictureShift &- lastPicture) & 0x7F
            if sent < 0x40 { lastPicture = (lastPicture &+ sent) & 0x7FFF }
        case .long(let picture):
            let sent = (picture &+ pictureShift &- lastPicture) & 0x7FFF
            if sent < 0x4000 { lastPicture = (lastPicture &+ sent) & 0x7FFF }
        }
        if let index = packet.baseLayerIndex {
            let sent = index &+ baseLayerShift &- lastBaseLayer
            if sent < 0x80 { lastBaseLayer &+= sent }
        }
    }

    /// The new source's first timestamp is as long after the last one sent as its capture is after
    /// that one's; a frame at least, and no more than passed here and a second.
    private mutating func alignTimestamp(_ packet: SourcePacket) {
        guard hasBegun else {
            timestampShift = begin.timestamp &- packet.timestamp
            lastTimestamp = begin.timestamp
            lastCaptured = packet.captured.nanoseconds
            lastArrival = packet.arrival.nanoseconds
            return
        }
        let passed = clock.ticks(max(0, packet.arrival.nanoseconds &- lastArrival))
        // Beyond a quarter of the way round, a viewer can't tell forward from back.
        let most = max(leastStep, min(passed, 1 << 30) &+ clock.rate)
        var step: Int64
        if packet.source == source {
            step = Int64(
                Int32(bitPattern: packet.timestamp &+ timestampShift &- lastTimestamp)
            )
        } else {
            step = clock.ticks(packet.captured.nanoseconds &- lastCaptured)
        }
        step = min(max(step, leastStep), most)
        timestampShift =
            lastTimestamp &+ UInt32(truncatingIfNeeded: step) &- packet.timestamp
    }
}
