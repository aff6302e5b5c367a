/// What an association has to tell.
package enum SCTPEvent: Equatable, Sendable {
    /// Messages may come and go.
    case connected
    /// Follows ``SCTPEvent/connected`` if the peer does not know resets: none will happen, whoever asks.
    case cannotReset
    case message(SCTPMessage)
    /// The peer will count these streams from zero again; all of them, if there are none in the list.
    case peerReset([UInt16])
    /// The peer has heard that these of our streams begin anew.
    case ownReset([UInt16])
    /// The peer began anew without saying goodbye. What was on its way is lost, both ways.
    case restarted
    /// Nothing comes after this.
    case closed(SCTPEnding)
}

/// What an association has seen, for whoever counts.
package struct SCTPCounts: Hashable, Sendable {
    package var packetsReceived: UInt64 = 0
    package var packetsSent: UInt64 = 0
    /// Not a packet, or not of this association.
    package var packetsRefused: UInt64 = 0
    package var chunksRetransmitted: UInt64 = 0
    package var chunksDuplicated: UInt64 = 0
    package var chunksRefused: UInt64 = 0
    package var messagesAbandoned: UInt64 = 0
}
