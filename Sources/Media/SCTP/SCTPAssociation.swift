package import Basics

/// One side of an SCTP association inside DTLS, as data channels use it (RFC 9260, 8261, 8831).
///
/// A value that knows no socket and no clock. After every call: take what ``nextEvent()`` has until it
/// is nil, then what ``nextPacket(into:at:)`` has, then look at ``deadline`` again. After every packet
/// received too, not after a batch of them: three SACKs tell a peer what was lost, one does not.
///
///      connect          INIT ACK               COOKIE ACK
///     idle ──▶ cookieWait ─────▶ cookieEchoed ───────────▶ established ──▶ closing … ──▶ ended
///      │            │                 │                    ▲
///      ╰────────────┴─────────────────┴────────────────────╯
///             COOKIE ECHO with the cookie of our INIT ACK
///
///     established ─▶ shutdownPending ─▶ shutdownSent ─▶ ended      close, all acknowledged
///                 ╰▶ shutdownReceived ─▶ shutdownAckSent ─▶ ended  SHUTDOWN, all acknowledged
///
/// DTLS has made sure who the peer is and that every packet is its own, which spares much of what
/// SCTP does against strangers. There is one path, so no addresses, no AUTH and no heartbeats of our
/// own: ICE watches the path. There is one possible peer, so its INIT may cost state: a single
/// invitation, which its COOKIE ECHO must name. The cookie is a number to recognise, not state
/// that needs a seal. And tags need not be unguessable, only different from one incarnation to the
/// next, so a small generator, seeded once, draws them.
package struct SCTPAssociation: ~Copyable {
    enum Phase: UInt8 {
        case idle
        case cookieWait
        case cookieEchoed
        case established
        case shutdownPending
        case shutdownSent
        case shutdownReceived
        case shutdownAckSent
        case ended

        var isOpen: Bool {
            switch self {
            case .established, .shutdownPending, .shutdownSent, .shutdownReceived,
                .shutdownAckSent:
                true
            case .idle, .cookieWait, .cookieEchoed, .ended: false
            }
        }

        /// Whether DATA may be sent.
        var maySend: Bool {
            self == .established || self == .shutdownPending || self == .shutdownReceived
        }
    }

    /// What INIT ACK told the peer, until COOKIE ECHO comes back.
    struct Invitation {
        var cookie: UInt64
        var localTag: UInt32
        var localFirstTSN: TSN
        var peer: SCTPGreeting
        var made: Instant
    }

    /// A packet of its own, with one chunk and perhaps a tag that is not the peer's.
    enum Letter {
        case initiationAck(SCTPGreeting, tag: UInt32, cookie: UInt64, unrecognized: [UInt8])
        case abort(SCTPCause?, detail: [UInt8], tag: UInt32, isReflected: Bool)
        case error(SCTPCause, detail: [UInt8], tag: UInt32)
        case shutdownComplete(tag: UInt32, isReflected: Bool)
    }

    /// T1 or T2: what was asked in the handshake, or at the end of it all, and not yet answered.
    struct Patience {
        var deadline: Instant
        var tries: Int
    }

    /// Chunks that are due and fit a packet with others.
    struct Due {
        var initiation = false
        var cookieEcho = false
        var cookieAck = false
        var sack = false
        var shutdown = false
        var shutdownAck = false
        var heartbeat: [UInt8]?
        /// Causes for an ERROR, as they lie there.
        var complaints: [UInt8] = []
    }

    let configuration: SCTPConfiguration
    var phase = Phase.idle
    var draws: SeededRandom
    var localTag: UInt32
    var peerTag: UInt32 = 0
    var peer: SCTPGreeting?
    var invitation: Invitation?
    /// The cookie that made this association, should it come twice.
    var acceptedCookie: UInt64?
    /// The peer's, to be echoed.
    var peerCookie: [UInt8] = []

    var incomingStreams: UInt16
    var outgoingStreams: UInt16
    var outbound: SCTPOutbound
    var received: ReceivedTSNs
    var reassembly: SCTPReassembly
    var resets: SCTPStreamResets

    var events = Fifo<SCTPEvent>()
    /// Bytes of messages among the events.
    var unread = 0
    var letters = Fifo<Letter>()
    var due = Due()
    var patience: Patience?
    /// When a SACK that may wait must go.
    var sackDeadline: Instant?
    /// Packets with DATA since the last SACK.
    var unacknowledged = 0
    /// The window of the last SACK, to know when it has opened.
    var announcedWindow: Int
    /// Questions in a row that nobody answered (section 8.1).
    var silences = 0
    var tally = SCTPCounts()

    package init(
        _ configuration: SCTPConfiguration,
        using random: inout some RandomNumberGenerator
    ) {
        self.configuration = configuration
        draws = SeededRandom(seed: random.next())
        localTag = draws.nextTag()
        let firstTSN = TSN(UInt32(truncatingIfNeeded: draws.next()))
        incomingStreams = configuration.streamCount
        outgoingStreams = configuration.streamCount
        outbound = SCTPOutbound(configuration, firstTSN: firstTSN)
        // These three are made anew once the peer has said where it begins.
        received = ReceivedTSNs(before: TSN(0))
        reassembly = SCTPReassembly(maxMessageSize: configuration.maxMessageSize)
        resets = SCTPStreamResets(ownFirstTSN: firstTSN, peerFirstTSN: TSN(0))
        announcedWindow = configuration.receiveBufferSize
    }

    // MARK: What is asked of it

    /// Sends INIT. Not needed if the peer does; both may (section 5.2.1).
    package mutating func connect(at now: Instant) {
        guard phase == .idle else { return }
        phase = .cookieWait
        due.initiation = true
        patience = Patience(deadline: now + configuration.initialRTO, tries: 1)
    }

    /// Takes a message for sending, which may be before the association is there.
    package mutating func send(
        _ message: Span<UInt8>,
        stream: UInt16,
        payloadProtocol: UInt32,
        isOrdered: Bool = true,
        reliability: SCTPReliability = .full,
        asksForReceipt: Bool = false,
        at now: Instant
    ) throws(SCTPRefusal) {
        switch phase {
        case .idle, .cookieWait, .cookieEchoed, .established: break
        case .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent, .ended:
            throw .closed
        }
        guard !message.isEmpty else { throw .empty }
        guard message.count <= configuration.peerMaxMessageSize else { throw .tooLarge }
        guard stream < outgoingStreams, !resets.isResetting(stream) else { throw .noSuchStream }
        let size = message.count + SCTPConfiguration.messageCost
        if outbound.buffered + size > configuration.sendBufferSize {
            outbound.dropExpired(at: now)
        }
        guard outbound.buffered + size <= configuration.sendBufferSize else { throw .full }
        var outgoing = OutgoingMessage(
            stream: stream,
            payloadProtocol: payloadProtocol,
            isOrdered: isOrdered,
            bytes: [UInt8](copying: message)
        )
        outgoing.asksForReceipt = asksForReceipt
        switch reliability {
        case .full: break
        case .retransmits(let count): outgoing.maxTransmissions = max(count, count &+ 1)
        case .lifetime(let duration): outgoing.expiry = now + duration
        }
        outbound.enqueue(outgoing)
    }

    /// Whether the peer has acknowledged everything that was sent.
    package var hasAllArrived: Bool { outbound.isEmpty }

    /// Begins a stream of ours anew once all that was given to it is sent. Nothing can be sent on it
    /// until ``SCTPEvent/ownReset(_:)`` names it. Returns false if there is nothing to reset, or the
    /// peer does not know how.
    package mutating func reset(_ stream: UInt16) -> Bool {
        switch phase {
        case .idle, .cookieWait, .cookieEchoed: break
        case .established, .shutdownPending, .shutdownReceived:
            guard peer?.knowsReconfiguration == true else { return false }
        case .shutdownSent, .shutdownAckSent, .ended: return false
        }
        guard stream < outgoingStreams else { return false }
        resets.want(stream)
        return true
    }

    /// What the peer sends on this stream says that it has heard of our reset, whose answer is still
    /// on its way or lost. Returns whether there was one.
    mutating func presumeReset(_ stream: UInt16) -> Bool {
        guard resets.presume(stream) else { return false }
        outbound.resetNumbers(of: [stream])
        return true
    }

    /// Bytes handed over and not yet acknowledged, with ``SCTPConfiguration/messageCost`` a message.
    package var bufferedBytes: Int { outbound.buffered }

    package var isConnected: Bool { phase.isOpen }

    package var counts: SCTPCounts {
        var counts = tally
        counts.chunksRetransmitted += outbound.retransmissions
        counts.messagesAbandoned += outbound.abandonedMessages
        return counts
    }

    package mutating func nextEvent() -> SCTPEvent? {
        let event = events.popFirst()
        if case .message(let message) = event { unread -= message.bytes.count }
        return event
    }

    // MARK: Time

    /// When to call ``advance(to:)``; nil while there is nothing to wait for.
    package var deadline: Instant? {
        var earliest: Instant?
        for moment in [patience?.deadline, sackDeadline, outbound.deadline, resets.deadline] {
            guard let moment else { continue }
            earliest = min(earliest ?? moment, moment)
        }
        return earliest
    }

    package mutating func advance(to now: Instant) {
        if let moment = sackDeadline, now >= moment {
            sackDeadline = nil
            due.sack = true
        }
        if let moment = patience?.deadline, now >= moment { askAgain(at: now) }
        if let moment = outbound.deadline, now >= moment {
            outbound.timedOut(at: now)
            noteSilence()
        }
        if let moment = resets.deadline, now >= moment, phase != .ended {
            resets.timedOut()
            // One silence, not two, if DATA waits as well.
            if outbound.deadline == nil {
                outbound.backOff()
                noteSilence()
            }
        }
        settle(at: now)
    }

    private mutating func noteSilence() {
        silences += 1
        if silences > configuration.maxRetransmissions { end(.unanswered) }
    }

    private mutating func askAgain(at now: Instant) {
        guard var patience else { return }
        let isGreeting = phase == .cookieWait || phase == .cookieEchoed
        let limit = isGreeting ? configuration.maxInitAttempts : configuration.maxRetransmissions
        guard patience.tries < limit else { return end(.unanswered) }
        switch phase {
        case .cookieWait: due.initiation = true
        case .cookieEchoed: due.cookieEcho = true
        case .shutdownSent: due.shutdown = true
        case .shutdownAckSent: due.shutdownAck = true
        case .idle, .established, .shutdownPending, .shutdownReceived, .ended:
            self.patience = nil
            return
        }
        let first = isGreeting ? configuration.initialRTO : outbound.roundTrip.timeout
        patience.deadline = now + min(first * (1 << min(patience.tries, 16)), configuration.maxRTO)
        patience.tries += 1
        self.patience = patience
    }
}

extension SeededRandom {
    /// Any number but zero, which only INIT bears.
    mutating func nextTag() -> UInt32 {
        UInt32(truncatingIfNeeded: next()) | 1
    }
}
