import Basics
import Media

/// What the way between two ends does to packets.
struct Weather: Sendable {
    var lossPercent = 0
    var duplicatePercent = 0
    var delay: ClosedRange<Int64> = 10...10

    static let calm = Weather()
    static let rough = Weather(lossPercent: 10, duplicatePercent: 5, delay: 5...60)
    static let storm = Weather(lossPercent: 30, duplicatePercent: 10, delay: 5...200)
}

/// Two associations, a way between them, and time that passes as fast as nothing happens.
struct SimulatedLink: ~Copyable {
    var left: SCTPAssociation
    var right: SCTPAssociation
    var now = Instant(nanoseconds: 1_000_000_000)
    var weather: Weather
    var leftEvents: [SCTPEvent] = []
    var rightEvents: [SCTPEvent] = []
    /// Looks at each packet on its way, and says whether it may pass.
    var gate: (_ isFromLeft: Bool, _ packet: [UInt8]) -> Bool = { _, _ in true }
    private(set) var packetsFromLeft: [[UInt8]] = []
    private(set) var packetsFromRight: [[UInt8]] = []
    private(set) var underWay: [Parcel] = []
    private var random: SeededRandom

    struct Parcel {
        var arrival: Instant
        var isFromLeft: Bool
        var bytes: [UInt8]
    }

    init(
        seed: UInt64 = 1,
        weather: Weather = .calm,
        left: SCTPConfiguration = SCTPConfiguration(),
        right: SCTPConfiguration = SCTPConfiguration()
    ) {
        random = SeededRandom(seed: seed)
        self.weather = weather
        self.left = SCTPAssociation(left, using: &random)
        self.right = SCTPAssociation(right, using: &random)
    }

    /// A link whose ends know each other.
    static func connected(
        seed: UInt64 = 1,
        weather: Weather = .calm,
        left: SCTPConfiguration = SCTPConfiguration(),
        right: SCTPConfiguration = SCTPConfiguration()
    ) -> SimulatedLink {
        var link = SimulatedLink(seed: seed, left: left, right: right)
        link.left.connect(at: link.now)
        link.run(for: .milliseconds(300))
        link.weather = weather
        link.leftEvents = []
        link.rightEvents = []
        return link
    }

    /// Why the left side does not take a message, if it does not.
    mutating func refusal(of bytes: [UInt8], stream: UInt16 = 0) -> SCTPRefusal? {
        do throws(SCTPRefusal) {
            try left.send(bytes.span, stream: stream, payloadProtocol: 53, at: now)
            return nil
        } catch {
            return error
        }
    }

    /// Takes from both ends what they have to tell and to send.
    mutating func drain() {
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

    /// Lets time pass, step by step from one thing that happens to the next.
    mutating func run(for duration: Duration) {
        let end = now + duration
        drain()
        while let next = nextMoment, next <= end {
            step(to: max(next, now))
        }
        now = end
    }

    mutating func step(to moment: Instant) {
        now = moment
        let arrived = underWay.filter { $0.arrival <= moment }
        underWay.removeAll { $0.arrival <= moment }
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

    private var nextMoment: Instant? {
        var moments = underWay.map(\.arrival)
        if let deadline = left.deadline { moments.append(deadline) }
        if let deadline = right.deadline { moments.append(deadline) }
        return moments.min()
    }

    private mutating func post(_ bytes: [UInt8], isFromLeft: Bool) {
        if isFromLeft { packetsFromLeft.append(bytes) } else { packetsFromRight.append(bytes) }
        guard gate(isFromLeft, bytes) else { return }
        let isDoubled = Int.random(in: 0..<100, using: &random) < weather.duplicatePercent
        for _ in 0..<(isDoubled ? 2 : 1)
        where Int.random(in: 0..<100, using: &random) >= weather.lossPercent {
            let delay = Int64.random(in: weather.delay, using: &random)
            let parcel = Parcel(
                arrival: now + .milliseconds(delay),
                isFromLeft: isFromLeft,
                bytes: bytes
            )
            underWay.append(parcel)
        }
    }
}

extension [SCTPEvent] {
    var messages: [SCTPMessage] {
        compactMap { if case .message(let message) = $0 { message } else { nil } }
    }
}
