import Basics
import Callers
import Crypto
import Testing

/// Two callers and a network between them, in virtual time. The network may lose media, never handshakes:
/// OpenSSL counts by its own clock when those are late.
struct Duet: ~Copyable {
    private struct Parcel {
        var due: Instant
        var toFirst: Bool
        var bytes: [UInt8]
    }

    static let context: DTLSContext = {
        var random = SystemRandomNumberGenerator()
        do {
            let certificate = try DTLSCertificate(
                notBefore: 0,
                notAfter: 4_000_000_000,
                using: &random
            )
            return try DTLSContext(certificate)
        } catch {
            preconditionFailure("a certificate can be made: \(error)")
        }
    }()

    var first: Caller
    var second: Caller
    var now = Instant(nanoseconds: 5_000_000_000)
    var lossPercent = 0
    /// Whether anything arrives at all.
    var isCut = false
    var events: (first: [CallerEvent], second: [CallerEvent]) = ([], [])
    var heard: (first: [HeardPacket], second: [HeardPacket]) = ([], [])
    private var parcels: [Parcel] = []
    private var out = OutgoingBatch(capacity: 1 << 18)
    private var random = SeededRandom(seed: 7)

    init(
        _ first: CallerHabits = CallerHabits(),
        _ second: CallerHabits = CallerHabits()
    ) {
        self.first = Self.caller(first, 1)
        self.second = Self.caller(second, 2)
    }

    private static func caller(_ habits: CallerHabits, _ number: UInt64) -> Caller {
        guard var caller = Caller(habits, context, seed: number) else {
            preconditionFailure("credentials can be drawn from seed \(number)")
        }
        caller.stands(at: [address(number)])
        return caller
    }

    private static func address(_ number: UInt64) -> SocketAddress {
        SocketAddress(ip: IPAddress(v4: 0xC000_0200 | UInt32(number)), port: 4_000)
    }

    /// The first offers, the second answers.
    mutating func agree() throws {
        let offer = first.offer()
        let answer = try second.take(offer: offer, at: now)
        try first.take(answer: answer, at: now)
        collect()
    }

    mutating func run(for duration: Duration) {
        let end = now + duration
        while now < end {
            now = min(now + .milliseconds(1), end)
            if let due = first.deadline, due <= now { first.advance(to: now, into: &out) }
            post(fromFirst: true)
            if let due = second.deadline, due <= now { second.advance(to: now, into: &out) }
            post(fromFirst: false)
            deliver()
            collect()
        }
    }

    private mutating func deliver() {
        let due = parcels.filter { $0.due <= now }
        parcels.removeAll { $0.due <= now }
        for parcel in due {
            var bytes = parcel.bytes
            let path = DatagramPath(remote: Self.address(parcel.toFirst ? 2 : 1), local: 0)
            unsafe bytes.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                if parcel.toFirst {
                    let packet = unsafe first.receive(
                        start,
                        count: bytes.count,
                        from: path,
                        at: now,
                        into: &out
                    )
                    if let packet { heard.first.append(packet) }
                } else {
                    let packet = unsafe second.receive(
                        start,
                        count: bytes.count,
                        from: path,
                        at: now,
                        into: &out
                    )
                    if let packet { heard.second.append(packet) }
                }
            }
            post(fromFirst: parcel.toFirst)
        }
    }

    mutating func say(_ text: String) -> Bool {
        let isSaid = first.say(Array(text.utf8).span, at: now, into: &out)
        post(fromFirst: true)
        return isSaid
    }

    mutating func hangUp() {
        first.close(into: &out)
        post(fromFirst: true)
    }

    private mutating func post(fromFirst: Bool) {
        var posted: [Parcel] = []
        unsafe out.forEachPacket { bytes, _ in
            let copy = unsafe Array(bytes)
            if isCut { return }
            if copy[0] >= 128, Int.random(in: 0..<100, using: &random) < lossPercent { return }
            posted.append(
                Parcel(due: now + .milliseconds(5), toFirst: !fromFirst, bytes: copy)
            )
        }
        parcels += posted
        out.removeAll()
    }

    private mutating func collect() {
        while let event = first.nextEvent() { events.first.append(event) }
        while let event = second.nextEvent() { events.second.append(event) }
    }
}
