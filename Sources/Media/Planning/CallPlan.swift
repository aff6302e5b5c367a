internal import Basics
package import Crypto

/// One call's media as a plan: who sends what, and who is to get it.
///
/// Told of what participants say and what boards notice, it answers with commands for boards and words
/// for participants. A session's tracks become everybody else's: those who are ready are offered all
/// that has changed for them in one offer, and no second one before they have answered.
///
///     joined ── its offer ──▶ answered ── connected (and channel open) ──▶ ready ──▶ gone
///                                                                        │    ▲
///                                                        an offer of ours ╰────╯ its answer
///
/// What a track is to others is said apart from SDP (``TrackRole``): a sound is a voice unless it
/// belongs to the stream of the screen that its session shares; a picture is the screen or the camera
/// that its session has named, and is held back until one is. Once told, the role stays: clients
/// reuse a sender with another stream's name.
package struct CallPlan: Sendable {
    struct Track: Sendable {
        let uplink: UplinkID
        let owner: SessionID
        /// The board that gets the track's packets.
        let shard: Int
        let mid: String
        var shape: UplinkShape
        var stream: String
        var role: TrackRole?
        /// The name that others see, made when the role is known.
        var name: String = ""
        /// Was of a screen that is shared no more; what else it may be, its sender must say.
        var isConcealed = false
        /// On other boards: how many views are made of the track's mirror there.
        var mirrors: [Int: Int] = [:]
        /// Which encodings are wanted, by board.
        var wanted: [Int: UInt8] = [:]
    }

    let number: UInt64
    /// The call's home, where the plan is.
    let shard: Int
    /// How many sessions are on each shard.
    var people: [Int]
    var sessions: [SessionID: PlannedSession] = [:]
    /// Sessions in the order in which they came.
    package internal(set) var order: [SessionID] = []
    var tracks: [UplinkID: Track] = [:]
    /// Tracks in the order in which they came, in which everybody is offered them.
    var trackOrder: [UplinkID] = []
    var presenter: SessionID?
    /// Whose board name leads to which session.
    var owners: [PeerID: SessionID] = [:]
    /// Sessions for whom something may have changed since they were last offered tracks.
    var stale: Set<SessionID> = []
    /// Tracks that nobody could say of yet what they are.
    var unnamed: Set<UplinkID> = []
    /// What sessions wait for, and past entries of what they no longer do.
    var dues = TimerHeap()
    var numbers: PlanNumbers
    /// How those who come next are met. Who is here keeps the certificate that was named to them, and is
    /// told of other addresses when ICE begins anew.
    package var node: PlanNode {
        didSet {
            for id in order { sessions[id]?.negotiation.candidates = node.candidates }
        }
    }
    var actions: [PlanAction] = []

    /// A call without anybody. Its number must be no other call's on this node.
    package init(number: UInt64, shard: Int, node: PlanNode) {
        self.number = number
        self.shard = shard
        self.node = node
        people = Array(repeating: 0, count: max(node.spread.shards, shard + 1))
        numbers = PlanNumbers(call: number)
    }

    package var isEmpty: Bool { sessions.isEmpty }
    /// What boards have been told of and not told to forget: tracks that come, and those that go.
    package var trackCount: Int { tracks.count }
    package var mirrorCount: Int { tracks.values.reduce(0) { $0 + $1.mirrors.count } }
    package var viewCount: Int { sessions.values.reduce(0) { $0 + $1.downlinks.count } }

    /// The same by what they hold: tracks that come, and those that go, are added.
    package func countTracks(_ incoming: inout [Codec: Int], _ outgoing: inout [Codec: Int]) {
        for track in tracks.values {
            if let codec = codec(of: track) { incoming[codec, default: 0] += 1 }
        }
        for session in sessions.values {
            for shape in session.downlinks.values { outgoing[shape.codec, default: 0] += 1 }
        }
    }
}

/// What all calls of a node share: how it is reached and who it is.
package struct PlanNode: Sendable {
    /// `a=candidate` lines, without the `a=`.
    package var candidates: [String]
    package var context: DTLSContext
    var fingerprint: SessionDescription.Fingerprint
    package var sessionLimit = 1_000
    /// What clients say over their channels only to hear the answer, each second. The plan gives it at once,
    /// twice a second and session; what is more goes where all else goes.
    package var answers: [ChannelWord: ChannelWord]
    package let spread: CallSpread

    package init(
        candidates: [String],
        context: DTLSContext,
        answers: [ChannelWord: ChannelWord] = [:],
        spread: CallSpread = CallSpread()
    ) {
        self.candidates = candidates
        self.spread = spread
        self.context = context
        self.answers = answers
        let own = context.certificate.fingerprint.description.split(separator: " ")
        fingerprint = SessionDescription.Fingerprint(
            function: String(own.first ?? ""),
            value: String(own.last ?? "")
        )
    }
}

/// Names for boards, never given twice on a node.
struct PlanNumbers: Sendable {
    private var next: UInt64

    init(call: UInt64) {
        next = call << 32
    }

    mutating func take() -> UInt64 {
        next &+= 1
        return next
    }
}
