internal import Basics
internal import Wire

/// What client and server say to each other over the data channel `calls-dc`.
///
/// A message is MessagePack without a wrapper: its type as a small whole number, then its payload if
/// it has one. Whole numbers and floats are read in any of MessagePack's forms, since each library
/// writes them its own way: a type may come as `01` or `cc 01`, a loss of nothing as `00`.
package enum DataChannelMessage: Hashable, Sendable {
    /// A client asks for a ``pong``, each second.
    case ping
    case pong
    case description(MediaDescription)
    /// The part of packets that a client found lost, 0 to 1.
    case loss(Double)
    /// Seconds, as is the next.
    case roundTrip(Double)
    case jitter(Double)
    /// A client asks to be the only one who changes the tracks.
    case lock
    /// It may, or it must ask again.
    case locked(Bool)
    case unlock
    /// What each media section of the next offer carries.
    case mediaMap([MediaNews.MappedTrack])

    /// The most that a message may be: room for a description that would not shrink, and for a map of
    /// two thousand tracks.
    package static let longest = 128 << 10

    package init(_ bytes: [UInt8]) throws(MessageFault) {
        let type: MessagePackValue
        let payload: MessagePackValue
        let isWhole: Bool
        do {
            let limits = MessagePackLimits(depth: 3, elements: 16_384, bytes: Self.longest)
            var parser = MessagePackParser(bytes.span, limits: limits)
            type = try parser.next()
            payload = parser.isAtEnd ? .null : try parser.next()
            isWhole = parser.isAtEnd
        } catch {
            throw MessageFault("the message", "must be MessagePack (\(error))")
        }
        guard isWhole else {
            throw MessageFault("the message", "must be a type and at most one payload")
        }
        self = try Self.message(type, payload)
    }

    private static func message(
        _ type: MessagePackValue,
        _ payload: MessagePackValue
    ) throws(MessageFault) -> DataChannelMessage {
        switch type.integer {
        case 1: return .ping
        case 2: return .pong
        case 3:
            guard let bytes = payload.binary else {
                throw MessageFault("the description", "must be bytes")
            }
            return .description(try MediaDescription(deflated: bytes, part: "the description"))
        case 4:
            // Clients divide by what they have received, not by what was sent.
            return .loss(min(try number(payload, "the loss", in: 0...1e9), 1))
        case 5: return .roundTrip(try number(payload, "the round trip", in: 0...3_600))
        case 6: return .jitter(try number(payload, "the jitter", in: 0...3_600))
        case 7:
            if payload.isNull { return .lock }
            guard let isLocked = payload.boolean else {
                throw MessageFault("the lock", "must be true or false, or nothing in a request")
            }
            return .locked(isLocked)
        case 8: return .unlock
        case 9: return .mediaMap(try tracks(payload))
        default: throw MessageFault("the type", "must be a whole number from 1 to 9")
        }
    }

    /// A figure. Clients of some years ago wrote the text of a number, and of 0 nothing at all.
    private static func number(
        _ value: MessagePackValue,
        _ part: String,
        in range: ClosedRange<Double>
    ) throws(MessageFault) -> Double {
        let text = value.string.flatMap { $0.utf8.count <= 32 ? Double($0) : nil }
        let nothing = value.isNull ? 0.0 : nil
        guard let number = value.number ?? text ?? nothing, range.contains(number) else {
            throw MessageFault(
                part,
                "must be a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    private static func tracks(
        _ value: MessagePackValue
    ) throws(MessageFault) -> [MediaNews.MappedTrack] {
        guard let pairs = value.map else { throw MessageFault("the media map", "must be a map") }
        var mids: Set<String> = []
        var tracks: [MediaNews.MappedTrack] = []
        for pair in pairs {
            guard let mid = pair.key.string, mid.utf8.count <= 64, mids.insert(mid).inserted else {
                throw MessageFault("the media map", "must have each mid once, as short text")
            }
            let members = try MessageMembers(pair.value, part: "the media map's track")
            tracks.append(
                MediaNews.MappedTrack(
                    mid: mid,
                    type: try members.text("type", limit: 64),
                    sender: try members.id("sender_id")
                )
            )
        }
        return tracks
    }

    package var bytes: [UInt8] {
        var writer = MessagePackWriter()
        switch self {
        case .ping: writer.integer(1)
        case .pong: writer.integer(2)
        case .description(let description):
            writer.integer(3)
            writer.binary(description.deflated.span)
        case .loss(let part):
            writer.integer(4)
            writer.number(part)
        case .roundTrip(let seconds):
            writer.integer(5)
            writer.number(seconds)
        case .jitter(let seconds):
            writer.integer(6)
            writer.number(seconds)
        case .lock: writer.integer(7)
        case .locked(let isLocked):
            writer.integer(7)
            writer.boolean(isLocked)
        case .unlock: writer.integer(8)
        case .mediaMap(let tracks):
            writer.integer(9)
            writer.beginMap(tracks.count)
            for track in tracks {
                writer.string(track.mid)
                writer.beginMap(2)
                writer.string("type")
                writer.string(track.type)
                writer.string("sender_id")
                writer.string(track.sender.description)
            }
        }
        return writer.bytes
    }
}
