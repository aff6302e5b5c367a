package import Basics
package import Crypto
internal import Media

/// One person's end of a call's media: offers and answers, checks, handshake, packets both ways, reports.
///
///     offer()/take(answer:)     take(offer:)        descriptions, whoever begins
///     receive(…)                                    each datagram that came
///     advance(to:) at ``deadline``                  what is due: packets, checks, reports
///     nextEvent()               until it is nil, after each of these
///
///     describing ──▶ seeking ──▶ shaking hands ──▶ connected ──▶ over
///                    checks        DTLS             SRTP, channels
///
/// What it wants to send goes into the batch it is given, on paths whose `local` is zero. It asks for what
/// is lost and repeats what it is asked for, as browsers do; it does not adapt to the line, since what it
/// sends is what is to be carried.
///
/// Not the same as ours in all things: it takes the checking side of ICE, and believes the packets it does
/// not open, of which it counts the numbers alone.
package struct Caller: ~Copyable {
    let habits: CallerHabits
    let context: DTLSContext
    var random: SeededRandom

    // What is described.
    var own: ICECredentials
    var addresses: [SocketAddress] = []
    var lines: [CallerLine] = []
    var version: UInt64 = 0
    var session: UInt64
    var isOffering = false
    var peer: ICECredentials?
    var fingerprints: [CertificateFingerprint] = []
    var role: DTLSMachine.Role?

    // The way.
    var ownKey: STUNKey
    var peerKey: STUNKey?
    var isControlling = true
    var candidates: [SocketAddress] = []
    var path: DatagramPath?
    var nextCheck: Instant?
    var checkInterval = Caller.firstCheckInterval
    var transaction: STUNTransactionID?
    var lastAnswer: Instant?

    // The handshake, and what comes of it.
    var dtls: DTLSMachine?
    var sender: SRTPSender?
    var receiver: SRTPReceiver?
    var channels: DataChannels?
    var channel: UInt16?
    package internal(set) var isConnected = false
    /// How media is encrypted, once it is.
    package internal(set) var profile: SRTPProfile?
    package internal(set) var isOver = false

    // Packets.
    package internal(set) var sent: [SentTrack] = []
    package internal(set) var heard: [HeardTrack] = []
    var places: [UInt32: Int] = [:]
    var lastPlace = 0
    var heardIDs = ExtensionIDs()
    var transportNumber: UInt16 = 0
    var arrivals: TransportFeedbackRecorder?
    var nextReport: Instant?
    var lossDue: Instant?
    var pictureDue: Instant?
    package internal(set) var counts = CallerCounts()

    var events: [CallerEvent] = []

    /// - Parameter seed: For credentials, numbers and all else that is drawn. Whoever knows it knows them.
    package init?(_ habits: CallerHabits, _ context: DTLSContext, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        guard let own = ICECredentials(using: &random) else { return nil }
        self.habits = habits
        self.context = context
        self.own = own
        ownKey = STUNKey(password: own.password)
        session = random.next() >> 2
        self.random = random
    }

    /// Where it can be reached, for the others' checks. To be told before anything is described.
    package mutating func stands(at addresses: [SocketAddress]) {
        self.addresses = addresses
    }

    // MARK: - Time

    /// When ``advance(to:into:)`` wants to be called, if nothing comes before.
    package var deadline: Instant? {
        mutating get {
            guard !isOver else { return nil }
            var due = nextCheck
            func consider(_ other: Instant?) {
                guard let other else { return }
                due = due.map { min($0, other) } ?? other
            }
            consider(dtls?.deadline)
            consider(channels?.deadline)
            guard isConnected else { return due }
            consider(nextReport)
            consider(lossDue)
            consider(pictureDue)
            consider(arrivals?.deadline)
            for track in sent where track.isRunning { consider(track.nextFrame) }
            return due
        }
    }

    package mutating func advance(to now: Instant, into out: inout OutgoingBatch) {
        guard !isOver else { return }
        checkIfDue(at: now, into: &out)
        if let due = dtls?.deadline, due <= now { dtls?.advance(to: now) }
        if let due = channels?.deadline, due <= now { channels?.advance(to: now) }
        turn(at: now, into: &out)
        guard isConnected, !isOver else { return }
        for track in sent where track.isRunning && track.nextFrame <= now {
            sendFrames(of: track, at: now, into: &out)
        }
        if let due = lossDue, due <= now { askForLosses(at: now, into: &out) }
        if let due = pictureDue, due <= now { askForPictures(at: now, into: &out) }
        if let due = arrivals?.deadline, due <= now { reportArrivals(at: now, into: &out) }
        if let due = nextReport, due <= now {
            nextReport = now + Self.reportInterval
            sendReports(at: now, into: &out)
        }
    }

    // MARK: - Datagrams

    /// Takes a datagram, which may be decrypted where it lies, and says which packet of media it was.
    package mutating func receive(
        _ start: UnsafeMutableRawPointer,
        count: Int,
        from path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) -> HeardPacket? {
        guard !isOver, count >= 12 else { return nil }
        let (first, second) = unsafe (
            start.load(as: UInt8.self), start.load(fromByteOffset: 1, as: UInt8.self)
        )
        switch DatagramKind(first, second) {
        case .rtp:
            return unsafe receiveMedia(start, count, at: now)
        case .rtcp:
            unsafe receiveReports(start, count, at: now, into: &out)
        case .stun:
            let bytes = unsafe Span<UInt8>(
                _unsafeStart: start.assumingMemoryBound(to: UInt8.self),
                count: count
            )
            receiveCheck(bytes, from: path, at: now, into: &out)
        case .dtls:
            let bytes = unsafe Span<UInt8>(
                _unsafeStart: start.assumingMemoryBound(to: UInt8.self),
                count: count
            )
            receiveHandshake(bytes, from: path, at: now, into: &out)
        case .unknown:
            counts.strange &+= 1
        }
        return nil
    }

    /// What has happened, one at a time.
    package mutating func nextEvent() -> CallerEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    /// Says goodbye and is over.
    package mutating func close(into out: inout OutgoingBatch) {
        guard !isOver else { return }
        dtls?.close()
        flushHandshake(into: &out)
        isOver = true
    }

    mutating func end(_ why: CallerEnding) {
        guard !isOver else { return }
        isOver = true
        events.append(.over(why))
    }

    static var firstCheckInterval: Duration { .milliseconds(50) }
    static var reportInterval: Duration { .seconds(1) }
}
