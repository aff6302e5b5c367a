internal import Basics

// How an association comes to be (section 5).
extension SCTPAssociation {
    /// INIT, from a peer that begins, begins at the same time, repeats itself, or begins anew.
    mutating func receiveInitiation(_ chunk: borrowing SCTPChunk, at now: Instant) {
        switch SCTPGreeting.read(chunk.value, isAck: false) {
        case .malformed:
            tally.packetsRefused += 1
        case .refused(let tag, let cause):
            post(.abort(cause, detail: [], tag: tag, isReflected: false))
        case .read(let greeting, let attachments):
            switch phase {
            case .ended:
                post(.abort(nil, detail: [], tag: greeting.tag, isReflected: false))
            case .shutdownAckSent:
                due.shutdownAck = true
            case .idle, .cookieWait, .cookieEchoed:
                invite(greeting, attachments, localTag, outbound.nextTSN, at: now)
            case .established, .shutdownPending, .shutdownSent, .shutdownReceived:
                let tag = draws.nextTag()
                let firstTSN = TSN(UInt32(truncatingIfNeeded: draws.next()))
                invite(greeting, attachments, tag, firstTSN, at: now)
            }
        }
    }

    private mutating func invite(
        _ greeting: SCTPGreeting,
        _ attachments: SCTPGreeting.Attachments,
        _ tag: UInt32,
        _ firstTSN: TSN,
        at now: Instant
    ) {
        // An INIT that was sent twice is answered the same twice: either answer may arrive.
        if invitation?.peer != greeting {
            invitation = Invitation(
                cookie: draws.next(),
                localTag: tag,
                localFirstTSN: firstTSN,
                peer: greeting,
                made: now
            )
        }
        guard let invitation else { return }
        post(
            .initiationAck(
                ownGreeting(
                    invitation.localTag,
                    invitation.localFirstTSN,
                    inAnswerTo: invitation.peer
                ),
                tag: greeting.tag,
                cookie: invitation.cookie,
                unrecognized: attachments.unrecognized
            )
        )
    }

    /// Whoever says nothing of checksums is told nothing of them: there are peers that drop a whole INIT ACK for
    /// a parameter they don't know (pion before 2023), against RFC 9260 section 3.2.1.
    func ownGreeting(
        _ tag: UInt32,
        _ firstTSN: TSN,
        inAnswerTo peer: SCTPGreeting? = nil
    ) -> SCTPGreeting {
        SCTPGreeting(
            tag: tag,
            window: UInt32(clamping: configuration.receiveBufferSize),
            outgoingStreams: configuration.streamCount,
            incomingStreams: configuration.streamCount,
            firstTSN: firstTSN,
            acceptsZeroChecksum: configuration.acceptsZeroChecksum
                && peer?.acceptsZeroChecksum != false
        )
    }

    mutating func receiveInitiationAck(_ chunk: borrowing SCTPChunk, at now: Instant) {
        guard phase == .cookieWait else { return }
        switch SCTPGreeting.read(chunk.value, isAck: true) {
        case .malformed:
            tally.packetsRefused += 1
        case .refused(let tag, let cause):
            peerTag = tag
            abort(cause)
        case .read(let greeting, let attachments):
            guard attachments.cookie.count + 16 <= configuration.packetLimit else {
                peerTag = greeting.tag
                return abort(.outOfResource)
            }
            adopt(greeting, resets.wanted)
            complain(quoting: attachments.unrecognized)
            peerCookie = attachments.cookie
            phase = .cookieEchoed
            due.cookieEcho = true
            patience = Patience(deadline: now + configuration.initialRTO, tries: 1)
        }
    }

    /// COOKIE ECHO (section 5.2.4). Returns whether the packet belongs to this association from now on.
    mutating func receiveCookieEcho(
        _ chunk: borrowing SCTPChunk,
        tag: UInt32,
        at now: Instant
    ) -> Bool {
        guard chunk.value.count == 8, phase != .ended else { return false }
        let cookie = chunk.value.number64(at: 0)
        // Ours, and accepted before: our COOKIE ACK was lost (case D).
        if cookie == acceptedCookie, phase.isOpen, tag == localTag {
            due.cookieAck = true
            return true
        }
        guard let invitation, cookie == invitation.cookie, tag == invitation.localTag else {
            return false
        }
        let age = now - invitation.made
        guard age <= configuration.cookieLife else {
            self.invitation = nil
            let late = UInt32(clamping: (age - configuration.cookieLife).components.seconds)
            let detail = (0..<4).map { UInt8(truncatingIfNeeded: late >> (24 - 8 * UInt32($0))) }
            post(.error(.staleCookie, detail: detail, tag: invitation.peer.tag))
            return false
        }
        if phase == .shutdownAckSent {
            // A restart amid a shutdown has to wait until that is through.
            due.shutdownAck = true
            complain(.cookieWhileShuttingDown, quoting: Span())
            return false
        }
        self.invitation = nil
        acceptedCookie = cookie
        due.cookieAck = true
        if phase.isOpen {
            // Both tags are new, or the peer's alone: it began anew (cases A and B).
            if invitation.localTag == localTag, invitation.peer.tag == peerTag { return true }
            restart(invitation)
        } else {
            adopt(invitation.peer, resets.wanted)
            establish()
        }
        return true
    }

    mutating func receiveCookieAck() {
        guard phase == .cookieEchoed else { return }
        establish()
    }

    private mutating func establish() {
        phase = .established
        patience = nil
        silences = 0
        peerCookie = []
        due.cookieEcho = false
        due.initiation = false
        events.append(.connected)
        if peer?.knowsReconfiguration == false { events.append(.cannotReset) }
    }

    /// Takes over what the peer said of itself, before anything was sent to it.
    private mutating func adopt(_ greeting: SCTPGreeting, _ wanted: [SCTPStreamResets.Wish]) {
        peer = greeting
        peerTag = greeting.tag
        outgoingStreams = min(configuration.streamCount, greeting.incomingStreams)
        incomingStreams = min(configuration.streamCount, greeting.outgoingStreams)
        received = ReceivedTSNs(before: greeting.firstTSN)
        reassembly = SCTPReassembly(maxMessageSize: configuration.maxMessageSize)
        resets = SCTPStreamResets(
            ownFirstTSN: outbound.nextTSN,
            peerFirstTSN: greeting.firstTSN,
            wanted: greeting.knowsReconfiguration ? wanted : []
        )
        outbound.open(
            window: Int(greeting.window),
            streams: outgoingStreams,
            canAbandon: greeting.knowsForwardTSN
        )
    }

    private mutating func restart(_ invitation: Invitation) {
        tally.chunksRetransmitted += outbound.retransmissions
        tally.messagesAbandoned += outbound.abandonedMessages
        localTag = invitation.localTag
        outbound = SCTPOutbound(configuration, firstTSN: invitation.localFirstTSN)
        adopt(invitation.peer, [])
        due = Due()
        due.cookieAck = true
        sackDeadline = nil
        unacknowledged = 0
        silences = 0
        patience = nil
        phase = .established
        events.append(.restarted)
    }

    /// An answer that needs a packet of its own. A peer that provokes more than a few between two
    /// turns to send gets no more.
    mutating func post(_ letter: Letter) {
        if letters.count < 4 { letters.append(letter) }
    }

    /// Puts a cause into the next ERROR, if there is room: a few say enough.
    mutating func complain(_ cause: SCTPCause, quoting bytes: Span<UInt8>) {
        let count = 4 + bytes.count
        guard due.complaints.count + count.roundedUpToFour <= Self.complaintLimit else { return }
        for number in [cause.rawValue, UInt16(count)] {
            due.complaints.append(UInt8(number >> 8))
            due.complaints.append(UInt8(number & 255))
        }
        due.complaints += bytes.copied
        due.complaints += repeatElement(0, count: count.roundedUpToFour - count)
    }

    /// Unrecognized Parameters, which lie in an ERROR as in an INIT ACK.
    private mutating func complain(quoting parameters: [UInt8]) {
        guard due.complaints.count + parameters.count <= Self.complaintLimit else { return }
        due.complaints += parameters
    }

    static var complaintLimit: Int { 256 }
}
