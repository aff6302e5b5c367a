internal import Basics

/// One encoding of a track that a peer sends: its numbers, its ring, and what is reported about it.
@safe package struct UplinkLayer: ~Copyable {
    /// Nothing until a description or a packet has told.
    var ssrc: SSRC?
    var retransmission: SSRC?
    var codec: Codec?

    /// The numbers of the encoding's own packets, then those of its retransmissions.
    private let indexes: UnsafeMutablePointer<PacketIndex>
    /// Made when the first packet comes.
    var history: PacketHistory
    var missing = NACKGenerator()
    var statistics: ReceptionStatistics
    var clock: ClockMapping
    var keyFrames = KeyFrameRequests()
    /// Changes with each new beginning, and differs from those of the other encodings, so that a
    /// viewer's numbers go on where the old stream ended.
    private(set) var source: UInt16
    /// Of a mirror: the same of the original's encoding, once a packet has told.
    var original: UInt16?
    /// Shards to which a packet found no room, a bit each: they are handed no more before a key frame.
    var shut: UInt64 = 0
    private let clockRate: Int

    /// Packets in the ring that viewers have not been given yet, in the order in which they came.
    private let fresh: UnsafeMutablePointer<Fresh>
    private(set) var freshCount = 0
    /// When the oldest of them came.
    private(set) var freshSince = Instant(nanoseconds: 0)
    /// Whether the last packet of a picture is among them, so that waiting brings nothing more.
    private(set) var isWholeFrame = false

    var pixels: Int { size.map { Int($0.width) * Int($0.height) } ?? 0 }
    var highestTemporal: UInt8 = 0
    var lastRate: Bitrate?
    /// How large its pictures are, as the last key frame said.
    var size: PictureSize?
    /// What AV1's descriptors have said of the stream's layers. One and a half kilobytes, so it is made
    /// for pictures only.
    let structure: UnsafeMutablePointer<AV1TemplateStructure>?
    var lastArrival = Instant(nanoseconds: 0)

    init(kind: MediaKind, index: Int, historyPackets: Int) {
        clockRate = kind == .audio ? 48_000 : 90_000
        source = UInt16(index)
        history = PacketHistory(kind, videoPlaces: historyPackets)
        statistics = ReceptionStatistics(clockRate: clockRate)
        clock = ClockMapping(clockRate: clockRate)
        unsafe fresh = .allocate(capacity: Self.freshLimit)
        if kind == .video {
            let made = UnsafeMutablePointer<AV1TemplateStructure>.allocate(capacity: 1)
            unsafe made.initialize(to: AV1TemplateStructure())
            unsafe structure = made
        } else {
            unsafe structure = nil
        }
        unsafe indexes = .allocate(capacity: 2)
        unsafe indexes.initialize(repeating: PacketIndex(), count: 2)
    }

    deinit {
        unsafe fresh.deallocate()
        unsafe indexes.deallocate()
        unsafe structure?.deallocate()
    }

    @inline(__always)
    func index(isRetransmission: Bool) -> UnsafeMutablePointer<PacketIndex> {
        unsafe indexes + (isRetransmission ? 1 : 0)
    }

    /// A packet that viewers have not been given yet.
    struct Fresh: BitwiseCopyable {
        /// In the ring.
        var sequence: UInt64
        /// Of sound: what its listeners' packets bear, before each adds its own.
        var number: UInt64 = 0
        var timestamp: UInt32 = 0
    }

    /// So many packets are gathered at most: a run that the kernel takes in one call, four times.
    static var freshLimit: Int { 64 }
    /// From so many on waiting for more makes the run no cheaper.
    static var fullRun: Int { 16 }

    mutating func gather(_ packet: Fresh, endsFrame: Bool, at now: Instant) {
        guard freshCount < Self.freshLimit else { return }
        if freshCount == 0 { freshSince = now }
        unsafe fresh[freshCount] = packet
        freshCount += 1
        isWholeFrame = isWholeFrame || endsFrame
    }

    var isGathered: Bool { isWholeFrame || freshCount >= Self.fullRun }
    /// No more find room before these are passed on.
    var isFull: Bool { freshCount >= Self.freshLimit }

    @inline(__always)
    func gathered(_ place: Int) -> Fresh { unsafe fresh[place] }

    mutating func letGo() {
        freshCount = 0
        isWholeFrame = false
    }

    /// Another stream takes this encoding's place: nothing that was known of the old one holds.
    mutating func begin(_ number: SSRC) {
        ssrc = number
        unsafe indexes[0] = PacketIndex()
        guard history.newest != nil else { return }
        beginAnew()
    }

    /// What was kept is gone, and viewers' numbers go on where it ended.
    mutating func beginAnew() {
        history.release()
        missing = NACKGenerator()
        statistics = ReceptionStatistics(clockRate: clockRate)
        clock = ClockMapping(clockRate: clockRate)
        source &+= 4
        letGo()
    }
}
