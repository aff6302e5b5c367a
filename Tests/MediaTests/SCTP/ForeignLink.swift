import Basics
import Glibc
import Media

/// An association of ours and one of libusrsctp's, with weather between them.
struct ForeignLink: ~Copyable {
    var own: SCTPAssociation
    let foreign: ForeignAssociation
    var events: [SCTPEvent] = []
    var now = Instant(nanoseconds: 1_000_000_000)
    var weather: Weather
    private var underWay: [SimulatedLink.Parcel] = []
    private var quietSteps = 0
    private var random: SeededRandom

    init?(
        seed: UInt64,
        weather: Weather,
        isForeignListening: Bool,
        _ configuration: SCTPConfiguration = SCTPConfiguration()
    ) {
        guard let foreign = ForeignAssociation(isListening: isForeignListening) else { return nil }
        self.foreign = foreign
        self.weather = weather
        random = SeededRandom(seed: seed)
        own = SCTPAssociation(configuration, using: &random)
    }

    deinit { foreign.close() }

    /// In steps of five milliseconds, as the library counts in ticks. It looks at the wall clock too, to
    /// see whether a chunk that seems lost has been out long enough, so silence must take a while.
    mutating func run(for duration: Duration, until isDone: (borrowing ForeignLink) -> Bool) {
        let end = now + duration
        while now < end, !isDone(self) {
            exchange()
            quietSteps += 1
            if quietSteps.isMultiple(of: 20) { usleep(300) }
            now = now + .milliseconds(5)
            ForeignAssociation.advance(milliseconds: 5)
            if let deadline = own.deadline, deadline <= now { own.advance(to: now) }
        }
        exchange()
    }

    private mutating func exchange() {
        let arrived = underWay.filter { $0.arrival <= now }
        underWay.removeAll { $0.arrival <= now }
        for parcel in arrived {
            if parcel.isFromLeft {
                foreign.receive(parcel.bytes)
            } else {
                own.receive(parcel.bytes.span, at: now)
            }
        }
        while let event = own.nextEvent() { events.append(event) }
        var buffer = [UInt8](repeating: 0, count: 1_200)
        while let count = own.nextPacket(into: buffer.mutableSpan, at: now) {
            post(Array(buffer[..<count]), isOwn: true)
        }
        for packet in foreign.takePackets() { post(packet, isOwn: false) }
    }

    private mutating func post(_ bytes: [UInt8], isOwn: Bool) {
        quietSteps = 0
        let isDoubled = Int.random(in: 0..<100, using: &random) < weather.duplicatePercent
        for _ in 0..<(isDoubled ? 2 : 1)
        where Int.random(in: 0..<100, using: &random) >= weather.lossPercent {
            let delay = Int64.random(in: weather.delay, using: &random)
            underWay.append(
                SimulatedLink.Parcel(
                    arrival: now + .milliseconds(delay),
                    isFromLeft: isOwn,
                    bytes: bytes
                )
            )
        }
    }
}
