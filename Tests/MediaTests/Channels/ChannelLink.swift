import Basics
import Media

/// Two ends with data channels, weather between them, and time that is turned by hand.
struct ChannelLink: ~Copyable {
    var left: DataChannels
    var right: DataChannels
    var now = Instant(nanoseconds: 1_000_000_000)
    private(set) var leftEvents: [DataChannels.Event] = []
    private(set) var rightEvents: [DataChannels.Event] = []
    private var weather: Weather
    private var underWay: [SimulatedLink.Parcel] = []
    private var random: SeededRandom

    /// The left side is DTLS's client; both begin.
    init(
        seed: UInt64 = 1,
        weather: Weather = .calm,
        right: DataChannels.Configuration = DataChannels.Configuration()
    ) {
        random = SeededRandom(seed: seed)
        self.weather = weather
        left = DataChannels(DataChannels.Configuration(), isDTLSClient: true, using: &random)
        self.right = DataChannels(right, isDTLSClient: false, using: &random)
        left.connect(at: now)
        self.right.connect(at: now)
    }

    mutating func forget() {
        leftEvents = []
        rightEvents = []
    }

    mutating func run(for duration: Duration) {
        let end = now + duration
        drain()
        while let next = nextMoment, next <= end {
            now = max(next, now)
            let arrived = underWay.filter { $0.arrival <= now }
            underWay.removeAll { $0.arrival <= now }
            for parcel in arrived {
                if parcel.isFromLeft {
                    right.receive(parcel.bytes.span, at: now)
                } else {
                    left.receive(parcel.bytes.span, at: now)
                }
                drain()
            }
            if let deadline = left.deadline, deadline <= now { left.advance(to: now) }
            if let deadline = right.deadline, deadline <= now { right.advance(to: now) }
            drain()
        }
        now = end
    }

    private var nextMoment: Instant? {
        var moments = underWay.map(\.arrival)
        if let deadline = left.deadline { moments.append(deadline) }
        if let deadline = right.deadline { moments.append(deadline) }
        return moments.min()
    }

    private mutating func drain() {
        while let event = left.nextEvent() { leftEvents.append(event) }
        while let event = right.nextEvent() { rightEvents.append(event) }
        var buffer = [UInt8](repeating: 0, count: 1_200)
        while let count = left.nextPacket(into: buffer.mutableSpan, at: now) {
            post(Array(buffer[..<count]), isFromLeft: true)
        }
        while let count = right.nextPacket(into: buffer.mutableSpan, at: now) {
            post(Array(buffer[..<count]), isFromLeft: false)
        }
    }

    private mutating func post(_ bytes: [UInt8], isFromLeft: Bool) {
        guard Int.random(in: 0..<100, using: &random) >= weather.lossPercent else { return }
        let delay = Int64.random(in: weather.delay, using: &random)
        let arrival = now + .milliseconds(delay)
        underWay.append(.init(arrival: arrival, isFromLeft: isFromLeft, bytes: bytes))
    }

    // Why the left side, or the right, does not do something, if it does not.

    mutating func refusal(of bytes: [UInt8] = [1], on id: UInt16) -> DataChannels.Refusal? {
        do throws(DataChannels.Refusal) {
            try left.send(bytes.span, isText: false, on: id, at: now)
            return nil
        } catch {
            return error
        }
    }

    mutating func refusalToOpen(_ label: String) -> DataChannels.Refusal? {
        do throws(DataChannels.Refusal) {
            _ = try left.open(ChannelOpening(label: label), at: now)
            return nil
        } catch {
            return error
        }
    }

    mutating func rightRefusalToOpen(_ label: String) -> DataChannels.Refusal? {
        do throws(DataChannels.Refusal) {
            _ = try right.open(ChannelOpening(label: label), at: now)
            return nil
        } catch {
            return error
        }
    }
}

/// A peer that sends any message on any stream, through an association of ours.
struct ChannelPeer: ~Copyable {
    var channels: DataChannels
    private(set) var events: [DataChannels.Event] = []
    /// Which streams the channels have begun anew.
    private(set) var resets: [[UInt16]] = []
    private var association: SCTPAssociation
    private var now = Instant(nanoseconds: 1_000_000_000)

    init() {
        var random = SeededRandom(seed: 3)
        var configuration = DataChannels.Configuration()
        configuration.association.streamCount = 100
        channels = DataChannels(configuration, isDTLSClient: false, using: &random)
        association = SCTPAssociation(SCTPConfiguration(), using: &random)
        association.connect(at: now)
        exchange()
    }

    mutating func say(_ bytes: [UInt8], stream: UInt16, protocol kind: UInt32) {
        do throws(SCTPRefusal) {
            try association.send(bytes.span, stream: stream, payloadProtocol: kind, at: now)
        } catch {
            preconditionFailure("a peer of ours may say this: \(error)")
        }
        exchange()
    }

    private mutating func exchange() {
        var buffer = [UInt8](repeating: 0, count: 1_200)
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            while let count = association.nextPacket(into: buffer.mutableSpan, at: now) {
                channels.receive(buffer.span.extracting(0..<count), at: now)
                isQuiet = false
            }
            while let event = channels.nextEvent() { events.append(event) }
            while let count = channels.nextPacket(into: buffer.mutableSpan, at: now) {
                association.receive(buffer.span.extracting(0..<count), at: now)
                isQuiet = false
            }
            while let event = association.nextEvent() {
                if case .peerReset(let streams) = event { resets.append(streams) }
            }
            now = now + .milliseconds(300)
            association.advance(to: now)
            channels.advance(to: now)
        }
    }
}
