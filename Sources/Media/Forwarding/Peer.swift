internal import Basics
internal import Crypto

/// One participant's connection, with everything that is kept about it.
///
///     expected ── check passed ──▶ reached ── handshake done, certificate right ──▶ connected ──▶ gone
///
/// A datagram passes through at most three of its values: whether its path has passed a check
/// (``ICELite``), what the bytes decrypt to (`DTLSMachine` or ``SRTPReceiver``), and what they mean.
/// Nothing is passed upward, and nothing but the handshake is sent, before the peer is connected.
@safe package struct Peer: ~Copyable {
    let id: PeerID
    let call: UInt64
    let born: Instant
    let context: DTLSContext

    var ice: ICELite
    var remote: RemoteSide?
    var dtls: DTLSMachine?
    var sender: SRTPSender?
    var receiver: SRTPReceiver?
    var channels: DataChannels?
    /// The planner wants to know when all messages so far have arrived.
    var awaitsReceipt = false
    var isConnected = false

    /// Where datagrams for the peer go.
    var path: DatagramPath?
    /// The names by which the board's table leads here.
    var knownNames: [UInt64] = []
    /// The paths under which the board's table leads here.
    var knownPaths: [DatagramPath] = []

    var streams = StreamTable()
    var uplinks: [UInt32] = []
    var downlinks: [UInt32] = []

    /// What the peer is told about the arrival of its packets, once the first bears a number for it.
    var arrivals: TransportFeedbackRecorder?
    /// How much the peer can be sent, once it has a downlink that is counted.
    var estimator: SendSideEstimator?
    /// Whether the peer has told of the arrival of packets: then the estimate is better than its own.
    var reportsArrival = false
    var remoteEstimate = RemoteEstimate()
    /// Whether the peer has said how much it can take (REMB).
    var namesLimit = false
    var choice = LayerChoice(Peer.choiceSettings)
    var resends: ResendBudget
    /// Whether any track of pictures goes to the peer.
    var hasPictures = false
    /// While the path carries this much, and nothing else changes, the viewer keeps all it has; nil if
    /// it lacks something.
    var settledNeed: Int64?
    /// When it is looked at anew all the same.
    var settledUntil = Instant(nanoseconds: 0)
    var nextReport: Instant
    var nextChoice: Instant
    /// What the peer's own reports say of its clock, for all its streams.
    var clock = PublisherClock()
    var roundTrip = Duration.milliseconds(100)
    /// The number in our own reports, when there is no track of ours to name.
    let reporter: SSRC

    var counts = PeerCounts()

    init(
        _ id: PeerID,
        _ shape: PeerShape,
        reporter: SSRC,
        consent: Duration,
        at now: Instant
    ) {
        self.id = id
        self.call = shape.call
        self.context = shape.context
        self.reporter = reporter
        born = now
        ice = ICELite(shape.credentials, consent: consent, at: now)
        // Half of what the path carries: a path that loses three in ten takes nearly that, and a viewer
        // that asks for everything again harms nobody but itself.
        resends = ResendBudget(percent: 50, of: .kilobits(500), at: now)
        nextReport = now + .seconds(1)
        nextChoice = now + .milliseconds(200)
    }
}

extension Peer {
    /// The first track is shown however much it takes, in its coarsest encoding: a publisher that sends
    /// only one leaves no other choice but a black picture.
    fileprivate static var choiceSettings: LayerChoice.Settings {
        var settings = LayerChoice.Settings()
        settings.floorStretch = 1_000
        return settings
    }
}

/// What has come from one peer, what has gone to it, and what was refused.
package struct PeerCounts: Sendable {
    package var packetsIn: UInt64 = 0
    package var bytesIn: UInt64 = 0
    package var packetsOut: UInt64 = 0
    package var bytesOut: UInt64 = 0
    package var forged: UInt64 = 0
    package var replayed: UInt64 = 0
    package var undeclared: UInt64 = 0
    package var malformed: UInt64 = 0
    package var resent: UInt64 = 0
    package var lostUpward: UInt64 = 0

    package init() {}
}
