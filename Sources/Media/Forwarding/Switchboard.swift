package import Basics
package import Crypto

/// Everything that one media thread forwards: its peers, their tracks, and who sees whose.
///
/// The whole path of a packet is in here, from the bytes of a datagram to the bytes of those that are
/// made of it, and nothing on it waits, locks, allocates or counts references. Whoever owns the board
/// has the sockets and the clock, and does in each turn:
///
/// 1. ``receive(_:count:from:at:into:)`` for each datagram that has come, and what follows at once when
///    ``isFull`` says so;
/// 2. ``perform(_:at:into:)`` for each command of the planner;
/// 3. ``advance(to:into:)`` until it says that nothing is left, sending what is in the batch each time,
///    and nothing else in between;
/// 4. ``handOver(at:_:)``, for other boards, which ``receiveMirrored(_:_:at:)`` it;
/// 5. ``takeEvents()``, for the planner;
/// 6. and again at ``deadline`` at the latest.
///
/// Datagrams are believed step by step, so that a stranger's cost less than they cost the stranger:
/// the first byte says of what kind it is (RFC 7983); a connectivity check must name a peer and be
/// vouched for with its password; everything else must come over a path that has passed such a check;
/// handshake and media are authenticated by their own rules. What fails is counted and dropped
/// without an answer; but for an operator's question whether the port is open (``ReachQuestion``).
@safe package struct Switchboard: ~Copyable {
    var peers: Pool<Peer>
    var uplinks: Pool<Uplink>
    var downlinks: Pool<Downlink>
    /// From the fingerprint of a path to the peer behind it.
    var paths = SlotTable(capacity: 256)
    /// From the first eight bytes of a local ufrag to its peer.
    var ufrags = SlotTable(capacity: 256)
    var schedule = Schedule()
    /// From a track's name to its mirror.
    var mirrors = SlotTable(capacity: 64)
    /// When mirrors have something to say.
    var mirrorSchedule = Schedule()
    /// Packets that are to be handed to other boards.
    let handovers: UnsafeMutablePointer<Handover>
    var handoverCount = 0

    // By the planner's names. Used by commands only, never by packets.
    var peerSlots: [PeerID: UInt32] = [:]
    var uplinkSlots: [UplinkID: UInt32] = [:]
    var downlinkSlots: [DownlinkID: UInt32] = [:]
    var voices: Pool<CallVoices>
    var voiceSlots: [UInt64: UInt32] = [:]

    /// Slots of tracks with packets to pass on.
    let pending: UnsafeMutablePointer<UInt32>
    var pendingCount = 0
    /// An encoding can take no more packets before ``advance(to:into:)``.
    package internal(set) var isFull = false
    /// Where passing on stopped because the batch was full: at this packet, for this viewer, of this
    /// encoding, of the first track in the list.
    var resumeLayer = 0
    var resumeViewer = 0
    var resumePacket = 0
    /// Where serving peers stopped for the same reason.
    var dueFrom: UInt32 = 0

    /// Downlinks of peers that were connected in this turn.
    var unwelcomed: [UInt32] = []
    var reachBudget = TokenBucket(at: Instant(nanoseconds: 0))
    var random: SeededRandom
    let rules: BoardRules
    var events: [BoardEvent] = []
    package var counts = BoardCounts()
    /// TCP connections over which a check has passed since ``takeProvedStreams()``.
    var provedStreams: [UInt32] = []
    var scratch: UnsafeMutableRawPointer

    /// The seed need not be secret, but two boards must not have the same: it decides with which
    /// numbers streams begin.
    package init(rules: BoardRules = BoardRules(), seed: UInt64) {
        self.rules = rules
        peers = Pool(capacity: rules.peerLimit)
        uplinks = Pool(capacity: rules.uplinkLimit)
        downlinks = Pool(capacity: rules.downlinkLimit)
        voices = Pool(capacity: rules.peerLimit)
        unsafe pending = .allocate(capacity: rules.uplinkLimit)
        unsafe scratch = .allocate(byteCount: 4_096, alignment: 64)
        unsafe handovers = .allocate(capacity: Self.handoverLimit)
        random = SeededRandom(seed: seed)
    }

    deinit {
        unsafe pending.deallocate()
        unsafe scratch.deallocate()
        unsafe handovers.deallocate()
    }

    /// When ``advance(to:into:)`` must be called at the latest.
    package var deadline: Instant? {
        var earliest = schedule.deadline
        if let due = mirrorSchedule.deadline { earliest = earliest.map { min($0, due) } ?? due }
        for place in 0..<pendingCount {
            let uplink = unsafe uplinks[pending[place]]
            for index in unsafe 0..<uplink.pointee.layerCount {
                let layer = unsafe uplink.pointee.layer(index)
                guard unsafe layer.pointee.freshCount > 0 else { continue }
                let due = unsafe layer.pointee.freshSince + rules.videoWait
                earliest = earliest.map { min($0, due) } ?? due
            }
        }
        return earliest
    }

    /// What the planner should know, oldest first. Asking empties the list.
    package mutating func takeEvents() -> [BoardEvent] {
        guard !events.isEmpty else { return [] }
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// TCP connections that have proved to be a peer's.
    package mutating func takeProvedStreams() -> [UInt32] {
        guard !provedStreams.isEmpty else { return [] }
        defer { provedStreams.removeAll(keepingCapacity: true) }
        return provedStreams
    }

    package var peerCount: Int { peers.count }

    /// Whether a check of one of our peers has passed over this path.
    package func knows(_ path: DatagramPath) -> Bool { peer(on: path) != nil }

    /// Tracks that come, and those that go.
    package var trackCount: Int { uplinks.count }
    package var viewCount: Int { downlinks.count }
    /// Names that checks may call peers by, and paths that lead to them.
    package var nameCount: Int { ufrags.count }
    package var pathCount: Int { paths.count }
}

/// What a board keeps to.
package struct BoardRules: Sendable {
    package var peerLimit = 10_000
    package var uplinkLimit = 40_000
    package var downlinkLimit = 200_000
    /// How many packets of each encoding of pictures are kept.
    package var historyPackets = 512
    /// How long a picture's packets may wait for the rest of it.
    package var videoWait = Duration.milliseconds(2)
    /// How many voices of a call are passed on; 0 for all.
    package var loudest = 3
    /// How long a peer may be silent, and how long it has to come at all.
    package var consent = Duration.seconds(25)
    package var arrival = Duration.seconds(30)
    package var library = PacketCipher.Library.fastest
    /// The wall time, in nanoseconds since 1970, at which the instants began.
    package var epoch: Int64 = 0

    package init() {}

    /// What our reports say the time is.
    func ntp(at now: Instant) -> NTPTime {
        let nanoseconds = now.nanoseconds &+ epoch
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return NTPTime(WallTime(seconds: seconds, nanoseconds: Int32(rest)))
    }
}
