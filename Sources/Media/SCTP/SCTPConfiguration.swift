/// What both sides agreed on in SDP, and the limits of one association.
package struct SCTPConfiguration: Sendable {
    /// `a=sctp-port`, ours and the peer's (RFC 8841 section 5).
    package var localPort: UInt16 = 5000
    package var remotePort: UInt16 = 5000
    /// What a packet may have at most, so that it fits a DTLS record in one datagram.
    package var maxPacketSize = 1_150
    /// Our `a=max-message-size`: a message that grows beyond it ends the association.
    package var maxMessageSize = 65_536
    /// The peer's `a=max-message-size`; at most ``sendBufferSize`` can be sent anyway.
    package var peerMaxMessageSize = 65_536
    /// Bytes not yet acknowledged, with ``messageCost`` for each message.
    package var sendBufferSize = 262_144
    /// Bytes arrived and not yet taken, with ``messageCost`` for each piece.
    package var receiveBufferSize = 262_144
    /// Streams each way, as far as the peer wants as many. Their state exists only once used.
    package var streamCount: UInt16 = 1_024
    /// Says in INIT that DTLS protects what arrives, so no checksum is needed (RFC 9653).
    package var acceptsZeroChecksum = true

    package var initialRTO = Duration.milliseconds(500)
    package var minRTO = Duration.milliseconds(200)
    package var maxRTO = Duration.seconds(5)
    /// How long a lone DATA chunk waits for its SACK.
    package var ackDelay = Duration.milliseconds(200)
    /// How often in a row a packet goes unanswered before the association is given up
    /// (Max.Init.Retransmits and Association.Max.Retrans of section 16).
    package var maxInitAttempts = 8
    package var maxRetransmissions = 10
    /// How long a cookie may be on its way (Valid.Cookie.Life).
    package var cookieLife = Duration.seconds(60)

    package init() {}

    /// What a queued message or a stored piece costs beyond its bytes.
    package static var messageCost: Int { 64 }

    /// Packets are counted in fours, so the last odd bytes can't be used.
    var packetLimit: Int { max(maxPacketSize, 512) & ~3 }
    /// What fits into the only DATA chunk of a packet.
    var payloadLimit: Int { packetLimit - SCTPPacket.headerSize - SCTPWriter.dataHeadSize }
}
