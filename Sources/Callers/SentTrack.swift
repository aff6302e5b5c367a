internal import Basics
package import Media

/// What a caller is to send, and at which pace.
package enum TrackPlan: Hashable, Sendable {
    /// So many packets a second of so many bytes of payload.
    case voice(packetsPerSecond: Int, bytes: Int)
    /// So many pictures a second, whose packets are as large as fit 1,200 bytes of UDP.
    case pictures(perSecond: Int, layers: [PictureLayer])

    package var kind: MediaKind {
        switch self {
        case .voice: .audio
        case .pictures: .video
        }
    }
}

/// One encoding of a camera or screen.
package struct PictureLayer: Hashable, Sendable {
    /// Its name, if there are several.
    package var rid: String?
    /// Bits a second.
    package var bitrate: Int
    package var width: UInt16
    package var height: UInt16

    package init(rid: String? = nil, bitrate: Int, width: UInt16, height: UInt16) {
        self.rid = rid
        self.bitrate = bitrate
        self.width = width
        self.height = height
    }
}

/// A track that a caller sends.
package final class SentTrack {
    package let plan: TrackPlan
    package let stream: String
    let mid: String
    let layers: [SentLayer]
    let interval: Duration
    var nextFrame = Instant(nanoseconds: 0)
    /// Whether the other side has agreed to it.
    var isAgreed = false
    /// Whether packets are made. Its numbers go on where they stopped.
    package var isOn = true
    package internal(set) var isEnded = false
    var repairType: PayloadType?
    var repairedRID: UInt8 = 0
    /// When the last frame was due, and began: how late this thread is.
    package internal(set) var latest = Duration.zero

    var kind: MediaKind { plan.kind }
    var isRunning: Bool { isAgreed && isOn && !isEnded }

    init(
        _ plan: TrackPlan,
        stream: String,
        mid: String,
        using random: inout SeededRandom
    ) {
        self.plan = plan
        self.stream = stream
        self.mid = mid
        switch plan {
        case .voice(let packetsPerSecond, let bytes):
            interval = .nanoseconds(1_000_000_000 / Int64(max(packetsPerSecond, 1)))
            layers = [
                SentLayer(
                    PictureLayer(bitrate: 0, width: 0, height: 0),
                    payload: max(bytes, 1 + PacketMark.size),
                    keeps: false,
                    using: &random
                )
            ]
        case .pictures(let perSecond, let wanted):
            interval = .nanoseconds(1_000_000_000 / Int64(max(perSecond, 1)))
            layers = wanted.map {
                SentLayer($0, payload: 0, keeps: true, using: &random)
            }
        }
    }

    /// Picture that anybody begins with: of all encodings.
    package func wantPicture() {
        for layer in layers { layer.wantsKey = true }
    }

    static let opus = PayloadType(111)
    static let vp8 = PayloadType(96)
    static let vp8Repair = PayloadType(97)
}

/// One encoding of it.
final class SentLayer {
    let layer: PictureLayer
    let ssrc: SSRC
    let repair: SSRC
    /// Bytes of payload in a packet; of pictures, once their header is known.
    var payload: Int
    /// All headers are this one, but for a few numbers.
    var header: [UInt8] = []
    var numberOffset = 0
    var ridOffset = 0

    var sequence: UInt64
    var repairSequence: UInt64
    var timestamp: UInt32
    var picture: UInt16
    var baseLayer: UInt8
    var number: UInt32 = 0
    var wantsKey = true
    /// Bytes that may be sent and were not.
    var credit = 0
    var packetCount: UInt32 = 0
    var octetCount: UInt32 = 0
    let history: SentHistory?

    init(
        _ layer: PictureLayer,
        payload: Int,
        keeps: Bool,
        using random: inout SeededRandom
    ) {
        self.layer = layer
        self.payload = payload
        ssrc = SSRC(UInt32.random(in: 1 ..< .max, using: &random))
        repair = SSRC(UInt32.random(in: 1 ..< .max, using: &random))
        // In the lower half, so that nobody mistakes how often the number has wrapped.
        sequence = UInt64.random(in: 0..<0x7FFF, using: &random)
        repairSequence = UInt64.random(in: 0..<0x7FFF, using: &random)
        timestamp = UInt32.random(in: 0 ... .max, using: &random)
        picture = UInt16.random(in: 0..<0x8000, using: &random)
        baseLayer = UInt8.random(in: 0 ... .max, using: &random)
        history = keeps ? SentHistory() : nil
    }
}

/// The last packets of a stream as they were before encryption, to be sent again.
@safe final class SentHistory {
    private let base: UnsafeMutableRawPointer
    private var sequences = [UInt64](repeating: .max, count: SentHistory.count)
    private var sizes = [Int](repeating: 0, count: SentHistory.count)

    static let count = 256
    static let cell = 1_216

    init() {
        unsafe base = .allocate(byteCount: Self.count * Self.cell, alignment: 64)
    }

    deinit {
        unsafe base.deallocate()
    }

    func keep(_ sequence: UInt64, _ packet: UnsafeRawPointer, _ count: Int) {
        guard count <= Self.cell else { return }
        let place = Int(sequence % UInt64(Self.count))
        sequences[place] = sequence
        sizes[place] = count
        unsafe (base + place * Self.cell).copyMemory(from: packet, byteCount: count)
    }

    /// Copies it to where it is sent from, and says its size.
    func copy(_ sequence: UInt64, to packet: UnsafeMutableRawPointer) -> Int? {
        let place = Int(sequence % UInt64(Self.count))
        guard sequences[place] == sequence else { return nil }
        unsafe packet.copyMemory(from: base + place * Self.cell, byteCount: sizes[place])
        return sizes[place]
    }
}
