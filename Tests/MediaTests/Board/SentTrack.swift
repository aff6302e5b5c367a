import Basics
import Media

/// A track that a ``TestPeer`` sends.
struct SentTrack {
    let kind: MediaKind
    let codec: Codec
    var mid = ""
    var stream: String
    var layers: [SentLayer]
    /// Whether packets are made.
    var isOn = true
    /// Of sound, the byte of RFC 6464.
    var level: UInt8 = 0x80 | 30
    var hasLevel = true
    /// Numbers are not told in SDP; packets name their encoding by `rid`.
    var isSimulcast: Bool { layers.count > 1 }
    var nextFrame = Instant(nanoseconds: 0)
    /// Between two frames.
    var pace: Duration
    var isStopped = false

    static let opus = PayloadType(111)
    static let vp8 = PayloadType(96)
    static let vp8Repair = PayloadType(97)
    static let av1 = PayloadType(45)
    static let av1Repair = PayloadType(46)

    var payloadType: PayloadType {
        switch codec {
        case .av1: Self.av1
        case .vp8: Self.vp8
        default: Self.opus
        }
    }

    var repairType: PayloadType { codec == .av1 ? Self.av1Repair : Self.vp8Repair }
}

/// One encoding of it.
struct SentLayer {
    let rid: String?
    let ssrc: SSRC
    let repair: SSRC
    var width: UInt16
    var height: UInt16
    var packetsPerFrame = 2
    var isOn = true

    var sequence: UInt64
    var repairSequence: UInt64
    var timestamp: UInt32
    var picture: UInt16
    var baseLayer: UInt8
    var frame: UInt32 = 0
    var wantsKey = true
    var packetCount: UInt32 = 0
    var octetCount: UInt32 = 0
    let store = PacketStore()
    /// When pictures were asked for.
    var asked: [Instant] = []

    init(
        _ rid: String?,
        _ width: UInt16,
        _ height: UInt16,
        using random: inout SeededRandom
    ) {
        self.rid = rid
        self.width = width
        self.height = height
        ssrc = SSRC(UInt32.random(in: 1 ..< .max, using: &random))
        repair = SSRC(UInt32.random(in: 1 ..< .max, using: &random))
        sequence = UInt64.random(in: 0..<0x7FFF, using: &random)
        repairSequence = UInt64.random(in: 0..<0x7FFF, using: &random)
        timestamp = UInt32.random(in: 0 ... .max, using: &random)
        picture = UInt16.random(in: 0..<0x8000, using: &random)
        baseLayer = UInt8.random(in: 0 ... .max, using: &random)
    }
}

/// The last packets of a stream, as they were encrypted and in clear. By reference, since copies of
/// what surrounds it are made with every packet.
final class PacketStore {
    var wire: [UInt64: [UInt8]] = [:]
    var clear: [UInt64: [UInt8]] = [:]

    func keep(_ sequence: UInt64, wire: [UInt8], clear: [UInt8]) {
        self.wire[sequence] = wire
        self.clear[sequence] = clear
        guard sequence >= 600 else { return }
        self.wire[sequence - 600] = nil
        self.clear[sequence - 600] = nil
    }
}

/// A stream that a ``TestPeer`` gets.
struct ViewedStream {
    let ssrc: SSRC
    let repair: SSRC?
    let mid: String
    let kind: MediaKind
    let stream: String
    let track: String
    /// No longer named by the newest description.
    var isEnded = false

    struct Packet {
        var sequence: UInt64
        var timestamp: UInt32
        var isMarked: Bool
        var head: VP8Head?
        var content: PacketContent?
        var arrival: Instant
        var isRepaired = false
        var level: UInt8?
        /// Of sound: the number for reports of arrival.
        var transportNumber: UInt16?
    }

    var numbers = PacketIndex()
    var repairNumbers = PacketIndex()
    var packets: [UInt64: Packet] = [:]
    /// As they came.
    var order: [UInt64] = []
    var asked: [UInt64: (count: Int, last: Instant)] = [:]
    var hasKeyFrame = false
    var askedForKeyFrame = Instant(nanoseconds: 0)
    /// Authentic packets of nothing.
    var padding = 0
    /// Of reports: the moment, and what stands for it.
    var reports: [(ntp: UInt64, timestamp: UInt32)] = []
    var cname: String?

    var ordered: [Packet] { packets.keys.sorted().compactMap { packets[$0] } }

    /// Numbers between the first and the last that never came.
    var holes: [UInt64] {
        guard let first = packets.keys.min(), let last = packets.keys.max() else { return [] }
        return (first...last).filter { packets[$0] == nil }
    }
}
