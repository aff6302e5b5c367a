package import Basics

// How an association ends (section 9).
extension SCTPAssociation {
    /// Sends what was handed over, then says goodbye. One that is not there yet ends at once.
    package mutating func close(at now: Instant) {
        switch phase {
        case .idle: end(.shutDown)
        case .cookieWait, .cookieEchoed: abort(.userInitiated)
        case .established:
            phase = .shutdownPending
            settle(at: now)
        case .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent, .ended: break
        }
    }

    /// Ends at once, and tells the peer why. The packet that does is still to be taken.
    package mutating func abort(_ cause: SCTPCause = .userInitiated) {
        abort(cause, detail: [])
    }

    mutating func abort(_ cause: SCTPCause, detail: [UInt8]) {
        guard phase != .ended else { return }
        letters.removeAll()
        if peerTag != 0 {
            post(.abort(cause, detail: detail, tag: peerTag, isReflected: false))
        }
        end(.aborted(cause))
    }

    mutating func end(_ ending: SCTPEnding) {
        guard phase != .ended else { return }
        phase = .ended
        tally.chunksRetransmitted += outbound.retransmissions
        tally.messagesAbandoned += outbound.abandonedMessages
        outbound = SCTPOutbound(configuration, firstTSN: TSN(0))
        reassembly = SCTPReassembly(maxMessageSize: configuration.maxMessageSize)
        resets = SCTPStreamResets(ownFirstTSN: TSN(0), peerFirstTSN: TSN(0))
        received = ReceivedTSNs(before: TSN(0))
        due = Due()
        patience = nil
        sackDeadline = nil
        invitation = nil
        acceptedCookie = nil
        peerCookie = []
        events.append(.closed(ending))
    }

    mutating func receiveAbort(_ chunk: borrowing SCTPChunk) {
        let value = chunk.value
        let cause = value.count >= 4 ? SCTPCause(rawValue: value.number16(at: 0)) : nil
        end(.abortedByPeer(cause))
    }

    mutating func receiveShutdown(_ chunk: borrowing SCTPChunk, at now: Instant) {
        guard chunk.value.count >= 4 else { return }
        let tsn = TSN(chunk.value.number32(at: 0))
        switch phase {
        case .established, .shutdownPending, .shutdownReceived:
            if case .impossible = outbound.acknowledge(tsn, at: now) {
                return abort(.protocolViolation)
            }
            phase = .shutdownReceived
        case .shutdownSent:
            awaitShutdownComplete(at: now)
        case .shutdownAckSent:
            due.shutdownAck = true
        case .idle, .cookieWait, .cookieEchoed, .ended: break
        }
    }

    mutating func receiveShutdownAck() {
        guard phase == .shutdownSent || phase == .shutdownAckSent else { return }
        post(.shutdownComplete(tag: peerTag, isReflected: false))
        end(.shutDown)
    }

    mutating func receiveShutdownComplete() {
        guard phase == .shutdownAckSent else { return }
        end(.shutDown)
    }

    private mutating func awaitShutdownComplete(at now: Instant) {
        phase = .shutdownAckSent
        due.shutdown = false
        due.shutdownAck = true
        patience = Patience(deadline: now + outbound.roundTrip.timeout, tries: 1)
    }

    /// What follows from all that has happened: a shutdown that waited for the last SACK, streams
    /// whose last message has left, a reset of the peer's that waited for data.
    mutating func settle(at now: Instant) {
        if let request = resets.due(at: received.cumulative), phase.isOpen {
            perform(request.streams)
            resets.answer(request.number, .performed)
        }
        switch phase {
        case .shutdownPending where outbound.isEmpty:
            phase = .shutdownSent
            due.shutdown = true
            patience = Patience(deadline: now + outbound.roundTrip.timeout, tries: 1)
        case .shutdownReceived where outbound.isEmpty:
            awaitShutdownComplete(at: now)
        case .idle, .cookieWait, .cookieEchoed, .established, .shutdownPending, .shutdownSent,
            .shutdownReceived, .shutdownAckSent, .ended:
            break
        }
    }
}
