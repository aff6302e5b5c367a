/// Lets whole frames through to a viewer, or none.
///
/// A picture with a packet missing shows nothing, and neither do those made from it. So when one packet
/// finds no room, the rest of its frame is not sent either, nor what depends on it:
///
///                 no room for a packet of the lowest layer
///        open ─────────────────────────────────────────────▶ shut: until a key frame starts
///         │ ▲                                                        │  (``wantsKeyFrame``)
///         │ └────────────────────────────────────────────────────────┘
///         ▼ no room for a packet of a higher layer
///     narrow: that layer and those above wait for a frame that may be begun with
///
/// Packets that are late are judged as their frame was. A gate starts shut: a new viewer needs a key
/// frame.
package struct FrameGate: Sendable {
    package enum Answer: Hashable, Sendable {
        case send
        /// Send; the gate was shut until now. Packets of this frame that came before this one were
        /// refused: they are in the history.
        case begin
        case drop
    }

    package struct Frame: Hashable, BitwiseCopyable, Sendable {
        package var timestamp: UInt32
        package var startsKeyFrame: Bool
        package var temporalLayer: UInt8
        /// A viewer of lower layers may begin with this layer here.
        package var isSwitchUp: Bool

        package init(
            timestamp: UInt32,
            startsKeyFrame: Bool,
            temporalLayer: UInt8 = 0,
            isSwitchUp: Bool = false
        ) {
            self.timestamp = timestamp
            self.startsKeyFrame = startsKeyFrame
            self.temporalLayer = temporalLayer
            self.isSwitchUp = isSwitchUp
        }

        package init(_ record: PacketRecord) {
            self.init(
                timestamp: record.timestamp,
                startsKeyFrame: record.startsKeyFrame,
                temporalLayer: record.temporalLayer,
                isSwitchUp: record.marks.contains(.switchUp)
            )
        }
    }

    /// Frames from one moment on and before another, of one layer and those above.
    private struct Refusal: BitwiseCopyable, Sendable {
        var from: UInt32
        /// Nil while it lasts.
        var until: UInt32?
        var layer: UInt8
        /// A frame of which a packet was dropped: it can't be begun with.
        var barred: UInt32

        func holds(_ frame: Frame) -> Bool {
            guard frame.temporalLayer >= layer else { return false }
            guard Int32(bitPattern: frame.timestamp &- from) >= 0 else { return false }
            guard let until else { return true }
            return Int32(bitPattern: frame.timestamp &- until) < 0
        }
    }

    /// After so many ticks (ten seconds of a picture's clock) no packet is so late any more, and what
    /// was refused is forgotten before timestamps come round again.
    private static let memory: Int32 = 900_000

    private var isFresh = true
    private var shut: Refusal?
    private var narrow: Refusal?

    /// Packets refused.
    package private(set) var dropped: UInt64 = 0
    /// How often the gate was shut for want of room.
    package private(set) var timesShut: UInt64 = 0

    package init() {}

    /// Nothing will be sent until a key frame starts.
    package var wantsKeyFrame: Bool {
        guard let shut else { return isFresh }
        return shut.until == nil
    }

    /// Judges a packet. `hasRoom` says whether the viewer's queue and budget would take it.
    package mutating func admit(_ frame: Frame, hasRoom: Bool) -> Answer {
        if isFresh {
            guard frame.startsKeyFrame, hasRoom else { return drop() }
            isFresh = false
            return .begin
        }
        if let until = shut?.until, Int32(bitPattern: frame.timestamp &- until) > Self.memory {
            shut = nil
        }
        if let held = shut, held.holds(frame) {
            guard held.until == nil, frame.startsKeyFrame, hasRoom else { return drop() }
            shut?.until = frame.timestamp
            narrow = nil
            return .begin
        }
        if let held = narrow, held.holds(frame) {
            guard frame.isSwitchUp, frame.temporalLayer == held.layer,
                frame.timestamp != held.barred
            else { return drop() }
            guard hasRoom else {
                narrow?.barred = frame.timestamp
                return drop()
            }
            // The layers above may need what was dropped of them: they wait for their own turn.
            narrow?.layer &+= 1
        }
        guard hasRoom else {
            refuse(frame)
            return drop()
        }
        if frame.startsKeyFrame { narrow = nil }
        return .send
    }

    /// Packets were dropped elsewhere, or another source will be shown: only a key frame helps.
    package mutating func close() {
        isFresh = true
        shut = nil
        narrow = nil
    }

    private mutating func refuse(_ frame: Frame) {
        if frame.temporalLayer == 0 {
            timesShut &+= 1
            shut = Refusal(from: frame.timestamp, until: nil, layer: 0, barred: frame.timestamp)
        } else {
            narrow = Refusal(
                from: frame.timestamp,
                until: nil,
                layer: frame.temporalLayer,
                barred: frame.timestamp
            )
        }
    }

    private mutating func drop() -> Answer {
        dropped &+= 1
        return .drop
    }
}
