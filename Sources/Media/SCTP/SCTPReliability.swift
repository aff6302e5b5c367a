/// How hard a message is tried to be brought over (RFC 3758, RFC 7496).
package enum SCTPReliability: Hashable, Sendable {
    /// Until it arrives or the association ends.
    case full
    /// Sent again at most as often as this.
    case retransmits(UInt32)
    /// Not sent, nor sent again, once so much time has passed since it was handed over.
    case lifetime(Duration)
}

/// Why a message was not taken for sending.
package enum SCTPRefusal: String, Error, Hashable, Sendable, CustomStringConvertible {
    case closed = "the association is closing or closed"
    case full = "the send buffer is full; wait until the peer has acknowledged more"
    case tooLarge = "the message is larger than the peer takes; split it"
    case empty = "a message has at least one byte"
    case noSuchStream = "the stream was not agreed on, or is being reset"

    package var description: String { rawValue }
}
