package import Crypto

/// What the planner of calls asks of a ``Switchboard``. A value, so that it can cross to the thread
/// that owns the board, and be compared in tests.
package enum BoardCommand: Sendable {
    /// A participant is coming: these credentials are expected, and this certificate will be shown.
    case addPeer(PeerID, PeerShape)
    /// The participant has said who they are.
    case meet(PeerID, RemoteSide)
    /// Both sides will use new credentials; the old ones count until a check under the new succeeds.
    case restart(PeerID, ICECredentials)
    case removePeer(PeerID)
    case addUplink(UplinkID, from: PeerID, UplinkShape)
    case changeUplink(UplinkID, UplinkShape)
    /// A track that a peer of another board sends is to be had here, too; that board has it by the same
    /// name. Once it is there, ``BoardEvent/mirrored(_:)`` says so.
    case addMirror(UplinkID, UplinkShape, call: UInt64)
    /// Of a track that comes here, or is a mirror.
    case removeUplink(UplinkID)
    /// The track's packets are for the board of that shard, too, or no longer.
    case feed(UplinkID, shard: Int, Bool)
    /// A viewer of another board can't go on without a whole picture.
    case askKeyFrame(UplinkID, layer: Int)
    /// Nothing of the track is passed on while it is muted, whatever its sender does.
    case mute(UplinkID, Bool)
    case addDownlink(DownlinkID, to: PeerID, of: UplinkID, DownlinkShape)
    case removeDownlink(DownlinkID)
    case show(DownlinkID, Showing)
    /// A message on a data channel.
    case send(PeerID, channel: UInt16, isText: Bool, [UInt8], asksForReceipt: Bool = false)
}

/// How large a viewer shows a track.
package enum Showing: Hashable, Sendable {
    /// Nobody looks: nothing is sent.
    case nothing
    /// At most so many pixels in all are worth sending.
    case upTo(pixels: Int)
    case everything
}

/// What a board must know to expect a peer.
package struct PeerShape: Sendable {
    package var credentials: ICECredentials
    package var context: DTLSContext
    /// Peers of one call: sound is chosen among them, and they are told of each other's.
    package var call: UInt64

    package init(credentials: ICECredentials, context: DTLSContext, call: UInt64) {
        self.credentials = credentials
        self.context = context
        self.call = call
    }
}

/// What the other side said of itself in SDP.
package struct RemoteSide: Sendable {
    package var ufrag: String
    package var fingerprints: [CertificateFingerprint]
    /// Who begins the handshake. We do only where the peer insists on being asked.
    package var isOurTurn: Bool
    package var channels: Channels?

    package struct Channels: Hashable, Sendable {
        package var port: UInt16
        package var messageLimit: Int

        package init(port: UInt16, messageLimit: Int) {
            self.port = port
            self.messageLimit = messageLimit
        }
    }

    package init(
        ufrag: String,
        fingerprints: [CertificateFingerprint],
        isOurTurn: Bool,
        channels: Channels?
    ) {
        self.ufrag = ufrag
        self.fingerprints = fingerprints
        self.isOurTurn = isOurTurn
        self.channels = channels
    }
}
