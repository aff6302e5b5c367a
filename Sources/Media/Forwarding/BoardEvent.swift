package import Basics

/// What a ``Switchboard`` has to tell the planner of calls. Never one a packet.
package enum BoardEvent: Hashable, Sendable {
    /// Handshake done and certificate right: media may flow.
    case connected(PeerID, over: DatagramPath)
    /// Another path is in use than before.
    case moved(PeerID, to: DatagramPath)
    case gone(PeerID, PeerEnd)
    case channelOpened(PeerID, channel: UInt16, label: String)
    case channelMessage(PeerID, channel: UInt16, isText: Bool, [UInt8])
    /// Everything that was sent on channels has arrived, as was asked for.
    case channelDelivered(PeerID)
    case channelClosed(PeerID, channel: UInt16)
    /// The first packet of an encoding has come.
    case started(UplinkID, layer: Int, Codec)
    case voice(UplinkID, isOn: Bool)
    /// Which of the track's encodings anybody wants, as bits.
    case wanted(UplinkID, layers: UInt8)
    /// The mirror that was asked for is there, and its packets may come.
    case mirrored(UplinkID)
    /// Viewers of a mirror can't go on without a whole picture.
    case keyFrameWanted(UplinkID, layer: Int)
}

extension BoardEvent {
    /// The number of the call that the planner gave all its names from.
    package var call: UInt64 {
        switch self {
        case .connected(let peer, _), .moved(let peer, _), .gone(let peer, _),
            .channelOpened(let peer, _, _), .channelMessage(let peer, _, _, _),
            .channelDelivered(let peer),
            .channelClosed(let peer, _):
            peer.rawValue >> 32
        case .started(let uplink, _, _), .voice(let uplink, _), .wanted(let uplink, _),
            .mirrored(let uplink), .keyFrameWanted(let uplink, _):
            uplink.rawValue >> 32
        }
    }
}

/// Why a peer is gone.
package enum PeerEnd: String, Hashable, Sendable {
    case closed = "the peer closed the connection"
    case silent = "the peer has not been heard of for too long"
    case neverCame = "the peer never passed a connectivity check"
    case refused = "the peer's certificate is not the one its description names"
    case failed = "the handshake failed"
    case removed = "the planner took the peer away"
}
