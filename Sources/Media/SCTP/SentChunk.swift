internal import Basics

/// A message that waits for its first, or next, TSN.
struct OutgoingMessage {
    /// Tells the fragments of one message from those of the next.
    var serial: UInt32 = 0
    var stream: UInt16
    var payloadProtocol: UInt32
    var isOrdered: Bool
    var maxTransmissions = UInt32.max
    var expiry: Instant?
    /// The peer is to acknowledge it at once (RFC 7053).
    var asksForReceipt = false
    var bytes: [UInt8]
    /// How many of the bytes have a TSN.
    var begun = 0
    /// The stream's number for it, which its first fragment draws.
    var number: UInt16 = 0
}

/// A DATA chunk that has its TSN and that the peer has not acknowledged with all before it.
///
///                           reported missing thrice, or
///            sent           T3 ran out                       sent again
///     (new) ──────▶ flying ────────────────────────▶ lost ──────────────▶ flying
///                     │ ▲                             │
///      in a gap block ▼ │ no longer                   │ sent as often, or late, as allowed
///                   held                              ▼
///                     ╰──────────────────────────▶ abandoned
///                          with its whole message
struct SentChunk {
    enum State: UInt8 {
        case flying
        case lost
        /// The peer has it, but not all before it.
        case held
        /// No longer sent; FORWARD-TSN tells the peer to do without.
        case abandoned
    }

    var bytes: ArraySlice<UInt8>
    var serial: UInt32
    var stream: UInt16
    var number: UInt16
    var payloadProtocol: UInt32
    var flags: UInt8
    var state = State.flying
    /// In how many SACKs a later chunk was newly acknowledged, and this one was not.
    var missingReports: UInt8 = 0
    /// Once only; after that the timer must do it (section 7.2.4).
    var wasFastRetransmitted = false
    var transmissions: UInt32 = 1
    var maxTransmissions: UInt32
    var expiry: Instant?
    var sent: Instant

    var isUnordered: Bool { flags & SCTPFlag.unordered != 0 }
    var endsMessage: Bool { flags & SCTPFlag.end != 0 }

    /// As it counts against the congestion window: with its head, so that a storm of tiny messages is
    /// a storm.
    var size: Int { SCTPWriter.dataHeadSize + bytes.count.roundedUpToFour }

    func mayBeSentAgain(at now: Instant) -> Bool {
        guard transmissions < maxTransmissions else { return false }
        guard let expiry else { return true }
        return now < expiry
    }
}
