internal import Basics

/// What is on its way to the peer: messages that wait, and chunks not yet acknowledged.
///
/// Messages leave in the order in which they came, whatever their stream: fragments of one message
/// must have consecutive TSNs (RFC 9260 section 6.9), so without RFC 8260 there is little to
/// schedule.
struct SCTPOutbound {
    private(set) var waiting = Fifo<OutgoingMessage>()
    private(set) var sent = Fifo<SentChunk>()
    /// The TSN before the first of `sent`: all up to it have arrived.
    private(set) var cumulative: TSN
    private(set) var roundTrip: SCTPRoundTrip
    private(set) var congestion: SCTPCongestion
    /// T3-rtx.
    private(set) var deadline: Instant?
    /// Bytes that flow against ``SCTPConfiguration/sendBufferSize``.
    private(set) var buffered = 0
    /// FORWARD-TSN is due.
    var mustForward = false
    /// Whether the peer knows FORWARD-TSN; otherwise everything is sent until it arrives.
    private var canAbandon = true
    private(set) var abandonedMessages: UInt64 = 0
    private(set) var retransmissions: UInt64 = 0

    private var numbers = StreamNumbers()
    private var nextSerial: UInt32 = 0
    /// Sizes of all chunks that fly.
    private var flight = 0
    /// How many are held by the peer, beyond a gap.
    private var heldCount = 0
    /// All before it are not lost.
    private var firstLost = 0
    private var peerWindow = 0
    /// The first packet of a fast retransmission need not fit the window (section 7.2.4).
    private var ignoresWindow = false
    private var lastSent: Instant?
    private let payloadLimit: Int

    init(_ configuration: SCTPConfiguration, firstTSN: TSN) {
        cumulative = firstTSN.advanced(by: -1)
        roundTrip = SCTPRoundTrip(configuration)
        congestion = SCTPCongestion(packet: configuration.packetLimit)
        payloadLimit = configuration.payloadLimit
    }

    /// The peer has introduced itself. What waited for that may go, as far as the peer has a stream
    /// for it.
    mutating func open(window: Int, streams: UInt16, canAbandon: Bool) {
        peerWindow = window
        self.canAbandon = canAbandon
        dropWaiting { $0.stream >= streams }
    }

    var isEmpty: Bool { waiting.isEmpty && sent.isEmpty }
    var nextTSN: TSN { cumulative.advanced(by: sent.count + 1) }
    var lastTSN: TSN { cumulative.advanced(by: sent.count) }

    // MARK: Waiting

    mutating func enqueue(_ message: consuming OutgoingMessage) {
        message.serial = nextSerial
        nextSerial &+= 1
        buffered += message.bytes.count + SCTPConfiguration.messageCost
        waiting.append(message)
    }

    /// Makes room by letting go of what has waited too long.
    mutating func dropExpired(at now: Instant) {
        dropWaiting { message in
            guard let expiry = message.expiry else { return false }
            return now >= expiry
        }
    }

    private mutating func dropWaiting(where isOut: (OutgoingMessage) -> Bool) {
        var freed = 0
        var dropped: UInt64 = 0
        // One of which a part was sent can't be dropped without telling the peer.
        waiting.removeAll { message in
            guard message.begun == 0, isOut(message) else { return false }
            freed += message.bytes.count + SCTPConfiguration.messageCost
            dropped += 1
            return true
        }
        buffered -= freed
        abandonedMessages += dropped
    }

    func isWaiting(on stream: UInt16) -> Bool {
        for index in 0..<waiting.count where waiting[index].stream == stream { return true }
        return false
    }

    mutating func resetNumbers(of streams: [UInt16]) {
        numbers.reset(streams)
    }

    // MARK: Sending

    /// Whether ``next(room:at:)`` of an empty packet would give a chunk.
    var hasSomethingToSend: Bool {
        if nextLost() != nil { return ignoresWindow || flight < congestion.window }
        guard let message = waiting.first else { return false }
        return mayFly(sizeOfNext(message, room: payloadLimit + SCTPWriter.dataHeadSize))
    }

    /// The place in ``sent`` of the next chunk to put into a packet that has room for so much.
    mutating func next(room: Int, at now: Instant) -> Int? {
        while let index = nextLost() {
            guard sent[index].mayBeSentAgain(at: now) || !canAbandon else {
                abandon(messageOf: index)
                continue
            }
            guard sent[index].size <= room, ignoresWindow || flight < congestion.window else {
                return nil
            }
            sent[index].state = .flying
            sent[index].transmissions &+= 1
            sent[index].sent = now
            flight += sent[index].size
            firstLost = index + 1
            retransmissions += 1
            sending(at: now)
            return index
        }
        while let message = waiting.first {
            if let expiry = message.expiry, now >= expiry, canAbandon {
                abandonFirstWaiting(at: now)
                continue
            }
            let count = sizeOfNext(message, room: room)
            guard count > 0, mayFly(count) else { return nil }
            rest(until: now)
            fragment(count: count, at: now)
            sending(at: now)
            return sent.count - 1
        }
        return nil
    }

    /// A packet was filled.
    mutating func packetEnded() {
        ignoresWindow = false
    }

    /// FORWARD-TSN is in a packet. It is lost as easily as DATA, so T3 watches over it too.
    mutating func forwarded(at now: Instant) {
        mustForward = false
        if deadline == nil { deadline = now + roundTrip.timeout }
    }

    /// How many bytes of the message go into the next chunk; zero to wait for the next packet.
    private func sizeOfNext(_ message: OutgoingMessage, room: Int) -> Int {
        let left = message.bytes.count - message.begun
        let fitting = min(room - SCTPWriter.dataHeadSize, payloadLimit)
        if left <= fitting { return left }
        // A message that must be cut anyway may be cut to fill a packet, but not to crumbs.
        return left > payloadLimit && fitting >= payloadLimit / 2 ? fitting & ~3 : 0
    }

    private func mayFly(_ count: Int) -> Bool {
        guard flight > 0 else { return true }  // at least a probe of a closed window
        let size = SCTPWriter.dataHeadSize + count.roundedUpToFour
        return flight < congestion.window && flight + size <= peerWindow
    }

    private mutating func fragment(count: Int, at now: Instant) {
        var message = waiting[0]
        var flags: UInt8 = message.isOrdered ? 0 : SCTPFlag.unordered
        if message.begun == 0 {
            flags |= SCTPFlag.begin
            if message.isOrdered {
                message.number = numbers[message.stream]
                numbers[message.stream] = message.number &+ 1
            }
        }
        let end = message.begun + count
        if end == message.bytes.count {
            flags |= SCTPFlag.end
            if message.asksForReceipt { flags |= SCTPFlag.immediate }
        }
        let chunk = SentChunk(
            bytes: message.bytes[message.begun..<end],
            serial: message.serial,
            stream: message.stream,
            number: message.number,
            payloadProtocol: message.payloadProtocol,
            flags: flags,
            maxTransmissions: message.maxTransmissions,
            expiry: message.expiry,
            sent: now
        )
        flight += chunk.size
        sent.append(chunk)
        message.begun = end
        if end == message.bytes.count { waiting.removeFirst() } else { waiting[0] = message }
    }

    private mutating func sending(at now: Instant) {
        lastSent = now
        if deadline == nil { deadline = now + roundTrip.timeout }
    }

    private mutating func rest(until now: Instant) {
        guard sent.isEmpty, let lastSent, now - lastSent > roundTrip.timeout else { return }
        congestion.rested()
    }

    private func nextLost() -> Int? {
        var index = firstLost
        while index < sent.count {
            if sent[index].state == .lost { return index }
            index += 1
        }
        return nil
    }
}

// MARK: - Giving up

extension SCTPOutbound {
    /// How many chunks at the head FORWARD-TSN lets the peer skip.
    var forwardCount: Int {
        var count = 0
        while count < sent.count, sent[count].state == .abandoned { count += 1 }
        return count
    }

    /// The last TSN to skip, and of each ordered stream the last number (RFC 3758 section 3.2). As
    /// many chunks as their streams fit into `limit` entries.
    func forward(limit: Int) -> (tsn: TSN, streams: [(stream: UInt16, number: UInt16)]) {
        var streams: [(stream: UInt16, number: UInt16)] = []
        var count = 0
        while count < sent.count, sent[count].state == .abandoned {
            let chunk = sent[count]
            if !chunk.isUnordered {
                if let place = streams.firstIndex(where: { $0.stream == chunk.stream }) {
                    streams[place].number = chunk.number
                } else {
                    guard streams.count < limit else { break }
                    streams.append((chunk.stream, chunk.number))
                }
            }
            count += 1
        }
        return (cumulative.advanced(by: count), streams)
    }

    /// A message is given up as a whole, what the peer holds of it included.
    private mutating func abandon(messageOf index: Int) {
        let serial = sent[index].serial
        var place = index
        while place > 0, sent[place - 1].serial == serial { place -= 1 }
        while place < sent.count, sent[place].serial == serial {
            switch sent[place].state {
            case .flying: flight -= sent[place].size
            case .held: heldCount -= 1
            case .lost, .abandoned: break
            }
            sent[place].state = .abandoned
            buffered -= sent[place].bytes.count
            sent[place].bytes = []
            place += 1
        }
        abandonedMessages += 1
        guard let message = waiting.first, message.serial == serial else {
            return noteForward()
        }
        abandonRest(of: message)
        noteForward()
    }

    private mutating func abandonFirstWaiting(at now: Instant) {
        guard let message = waiting.first else { return }
        guard message.begun > 0 else {
            buffered -= message.bytes.count + SCTPConfiguration.messageCost
            abandonedMessages += 1
            waiting.removeFirst()
            return
        }
        if let last = lastOf(message.serial) {
            abandon(messageOf: last)
        } else {
            // All that was sent of it has arrived.
            abandonedMessages += 1
            abandonRest(of: message)
            noteForward()
        }
    }

    private func lastOf(_ serial: UInt32) -> Int? {
        guard !sent.isEmpty, sent[sent.count - 1].serial == serial else { return nil }
        return sent.count - 1
    }

    /// The end of a message that was given up in the middle takes a TSN that is never sent. Without
    /// it, a peer that has all the rest would wait for the end forever, as FORWARD-TSN had nothing
    /// new to tell.
    private mutating func abandonRest(of message: OutgoingMessage) {
        buffered -= message.bytes.count - message.begun
        waiting.removeFirst()
        sent.append(
            SentChunk(
                bytes: [],
                serial: message.serial,
                stream: message.stream,
                number: message.number,
                payloadProtocol: message.payloadProtocol,
                flags: SCTPFlag.end | (message.isOrdered ? 0 : SCTPFlag.unordered),
                state: .abandoned,
                maxTransmissions: 0,
                expiry: nil,
                sent: message.expiry ?? Instant(nanoseconds: 0)
            )
        )
    }

    private mutating func noteForward() {
        if forwardCount > 0 { mustForward = true }
    }
}

// MARK: - Hearing from the peer

extension SCTPOutbound {
    enum Verdict {
        /// Older than what is known.
        case stale
        case taken(isProgress: Bool)
        /// It acknowledges what was never sent.
        case impossible
    }

    /// SHUTDOWN acknowledges too, but without blocks and window (section 3.3.8).
    mutating func acknowledge(_ tsn: TSN, at now: Instant) -> Verdict {
        acknowledge(tsn, window: nil, gaps: Span(), at: now)
    }

    /// A SACK (section 6.2.1). `gaps` are its blocks as they lie: two numbers each, counted from the
    /// cumulative TSN. Blocks are believed as far as they are sorted, which bounds the work by the
    /// chunks under way.
    mutating func acknowledge(
        _ tsn: TSN,
        window: Int?,
        gaps: Span<UInt8>,
        at now: Instant
    ) -> Verdict {
        let arrived = tsn.distance(from: cumulative)
        guard arrived >= 0 else { return .stale }
        guard arrived <= sent.count else { return .impossible }
        var offset = 0
        while offset + 4 <= gaps.count {
            guard Int(gaps.number16(at: offset + 2)) <= sent.count - arrived else {
                return .impossible
            }
            offset += 4
        }

        let flightBefore = flight
        var acknowledged = takeArrived(arrived, at: now)
        cumulative = tsn
        if arrived > 0 { congestion.cumulativeMoved(to: tsn) }
        if window != nil, !gaps.isEmpty || heldCount > 0 {
            acknowledged += takeGaps(gaps, hasMoved: arrived > 0, at: now)
        }
        if arrived > 0 {
            congestion.grow(
                by: acknowledged,
                flightBefore: flightBefore,
                allArrived: sent.isEmpty
            )
        }
        peerWindow = window ?? peerWindow
        if sent.isEmpty {
            deadline = nil
        } else if arrived > 0 {
            deadline = now + roundTrip.timeout
        }
        mustForward = forwardCount > 0
        return .taken(isProgress: acknowledged > 0 || arrived > 0 || window == 0)
    }

    /// Returns the bytes that are acknowledged for the first time.
    private mutating func takeArrived(_ count: Int, at now: Instant) -> Int {
        var acknowledged = 0
        var sample: Duration?
        for index in 0..<count {
            let chunk = sent[index]
            switch chunk.state {
            case .flying:
                flight -= chunk.size
                acknowledged += chunk.size
                if chunk.transmissions == 1 { sample = now - chunk.sent }
            case .lost: acknowledged += chunk.size
            case .held: heldCount -= 1
            case .abandoned: break
            }
            buffered -= chunk.bytes.count
            if chunk.endsMessage { buffered -= SCTPConfiguration.messageCost }
        }
        if let sample { roundTrip.measure(sample) }
        if count > 0 {
            sent.removeFirst(count)
            firstLost = max(0, firstLost - count)
        }
        return acknowledged
    }

    private mutating func takeGaps(_ gaps: Span<UInt8>, hasMoved: Bool, at now: Instant) -> Int {
        var acknowledged = 0
        var highestNew = -1
        var offset = 0
        var index = 0
        while offset + 4 <= gaps.count, index < sent.count {
            let first = Int(gaps.number16(at: offset)) - 1
            let last = Int(gaps.number16(at: offset + 2)) - 1
            guard first >= index, last >= first, last < sent.count else { break }
            while index < first {
                renege(index)
                index += 1
            }
            while index <= last {
                switch sent[index].state {
                case .flying:
                    flight -= sent[index].size
                    acknowledged += hold(index)
                    highestNew = index
                case .lost:
                    acknowledged += hold(index)
                    highestNew = index
                case .held, .abandoned: break
                }
                index += 1
            }
            offset += 4
        }
        while index < sent.count {
            renege(index)
            index += 1
        }
        // Those before the highest newly acknowledged; in fast recovery, after progress, all that the
        // SACK shows missing (section 7.2.4).
        let isRecovering = congestion.recoveryEnd != nil
        countMissing(before: hasMoved && isRecovering ? lastHeld : highestNew, at: now)
        return acknowledged
    }

    private var lastHeld: Int {
        guard heldCount > 0 else { return -1 }
        var index = sent.count - 1
        while index >= 0, sent[index].state != .held { index -= 1 }
        return index
    }

    private mutating func hold(_ index: Int) -> Int {
        sent[index].state = .held
        heldCount += 1
        return sent[index].size
    }

    /// The peer had it, and has thrown it away (section 6.2): it flies again until the timer says.
    private mutating func renege(_ index: Int) {
        guard sent[index].state == .held else { return }
        sent[index].state = .flying
        heldCount -= 1
        flight += sent[index].size
    }

    private mutating func countMissing(before reach: Int, at now: Instant) {
        for index in 0..<max(reach, 0) where sent[index].state == .flying {
            sent[index].missingReports &+= 1
            guard sent[index].missingReports == 3, !sent[index].wasFastRetransmitted else {
                continue
            }
            sent[index].wasFastRetransmitted = true
            if congestion.beginRecovery(until: lastTSN) { ignoresWindow = true }
            lose(index, at: now)
        }
    }

    /// Something else than DATA went unanswered.
    mutating func backOff() {
        roundTrip.backOff()
    }

    /// T3 ran out (section 6.3.3).
    mutating func timedOut(at now: Instant) {
        roundTrip.backOff()
        congestion.timedOut()
        for index in 0..<sent.count where sent[index].state == .flying {
            sent[index].missingReports = 0
            lose(index, at: now)
        }
        mustForward = forwardCount > 0
        deadline = sent.isEmpty ? nil : now + roundTrip.timeout
    }

    private mutating func lose(_ index: Int, at now: Instant) {
        guard sent[index].mayBeSentAgain(at: now) || !canAbandon else {
            return abandon(messageOf: index)
        }
        flight -= sent[index].size
        sent[index].state = .lost
        firstLost = min(firstLost, index)
    }
}
