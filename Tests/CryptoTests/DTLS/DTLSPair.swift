import Basics
import Crypto
import Testing

/// A client and a server with a bad network between them, in virtual time.
///
/// Only OpenSSL's timer is real. It is set to its shortest (it takes what is due within 15 ms for due),
/// so that a flight that was lost costs a test a millisecond.
struct DTLSPair: ~Copyable {
    struct Weather: Sendable {
        var lossPercent = 0
        var duplicatePercent = 0
        /// Of a datagram on its way; anything above a few makes them overtake each other.
        var delay: ClosedRange<Int64> = 1...1
    }

    var client: DTLSMachine
    var server: DTLSMachine
    var now = Instant(nanoseconds: 0)
    var weather = Weather()
    var random = SeededRandom(seed: 0)
    var eventsOfClient: [DTLSMachine.Event] = []
    var eventsOfServer: [DTLSMachine.Event] = []
    /// What the server has sent, as the wire saw it.
    var sentByServer: [[UInt8]] = []
    var sentByClient: [[UInt8]] = []
    /// Whether the server's last flight is lost when it is said first: the change of ciphers, and what ends
    /// the handshake under the new ones. (By what they are: on a busy machine others are said twice before.)
    var losesLastFlight = false
    private var lost: Set<UInt8> = []
    private var underway: [(arrival: Instant, toServer: Bool, bytes: [UInt8])] = []

    static let pace = DTLSMachine.Pace(first: .milliseconds(16), most: .milliseconds(16))

    /// For tests that count datagrams: nothing goes out again however slow the machine is.
    static let calmPace = DTLSMachine.Pace(first: .seconds(20), most: .seconds(20))

    init(client: consuming DTLSMachine, server: consuming DTLSMachine) {
        self.client = client
        self.server = server
    }

    /// Both expect each other's certificate.
    static func honest(
        client: DTLSContext = DTLSRoom.client,
        server: DTLSContext = DTLSRoom.server,
        clientExpects: [CertificateFingerprint]? = nil,
        serverExpects: [CertificateFingerprint]? = nil,
        pace: DTLSMachine.Pace = DTLSPair.pace
    ) throws -> DTLSPair {
        let start = Instant(nanoseconds: 0)
        return DTLSPair(
            client: try DTLSMachine(
                .client,
                client,
                expecting: clientExpects ?? [server.certificate.fingerprint],
                pace: pace,
                at: start
            ),
            server: try DTLSMachine(
                .server,
                server,
                expecting: serverExpects ?? [client.certificate.fingerprint],
                pace: pace,
                at: start
            )
        )
    }

    /// Lets things happen until nothing is underway and both are done, or the time is up.
    mutating func run(for time: Duration = .seconds(60)) {
        let end = now + time
        while now < end {
            collect()
            let arrival = underway.map(\.arrival).min()
            let due = [arrival, client.deadline, server.deadline].compactMap { $0 }.min()
            guard let due, due <= end else { return }
            if let arrival, arrival <= due {
                now = max(now, arrival)
                deliver()
            } else {
                waitForOpenSSL()
                now = max(now, due)
                client.advance(to: now)
                server.advance(to: now)
            }
        }
    }

    /// Until both have handed out their keys.
    mutating func connect() {
        run(for: .seconds(20))
    }

    private mutating func deliver() {
        while let index = underway.firstIndex(where: { $0.arrival <= now }) {
            let one = underway.remove(at: index)
            if one.toServer {
                server.receive(one.bytes.span, at: now)
            } else {
                client.receive(one.bytes.span, at: now)
            }
        }
    }

    mutating func collect() {
        var buffer = [UInt8](repeating: 0, count: 1_500)
        var room = buffer.mutableSpan
        while let count = client.nextDatagram(into: &room) {
            let bytes = room.span.extracting(0..<count).list
            sentByClient.append(bytes)
            post(bytes, toServer: true)
        }
        while let count = server.nextDatagram(into: &room) {
            let bytes = room.span.extracting(0..<count).list
            // Its type, and the epoch, which changes with the ciphers (RFC 6347 section 4.1).
            let isOfLast = bytes[0] == 20 || (bytes[0] == 22 && bytes[4] == 1)
            let isLost = losesLastFlight && isOfLast && lost.insert(bytes[0]).inserted
            sentByServer.append(bytes)
            if !isLost { post(bytes, toServer: false) }
        }
        while let event = client.nextEvent() { eventsOfClient.append(event) }
        while let event = server.nextEvent() { eventsOfServer.append(event) }
    }

    private mutating func post(_ bytes: [UInt8], toServer: Bool) {
        if Int.random(in: 0..<100, using: &random) < weather.lossPercent { return }
        let copies = Int.random(in: 0..<100, using: &random) < weather.duplicatePercent ? 2 : 1
        for _ in 0..<copies {
            let delay = Int64.random(in: weather.delay, using: &random)
            underway.append((now + .milliseconds(delay), toServer, bytes))
        }
    }

    private func waitForOpenSSL() {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .microseconds(1_100) {}
    }
}

/// Contexts made once, since a key costs more than most tests.
enum DTLSRoom {
    static let client = context()
    static let server = context()

    static func context(
        _ profiles: [DTLSContext.Profile] = DTLSContext.preferredProfiles
    ) -> DTLSContext {
        do {
            var random = SeededRandom(seed: 1)
            let certificate = try DTLSCertificate(
                notBefore: 946_684_800,
                notAfter: 4_102_444_799,
                using: &random
            )
            return try DTLSContext(certificate, profiles: profiles)
        } catch {
            preconditionFailure("a context can be made: \(error)")
        }
    }
}

extension Span<UInt8> {
    var list: [UInt8] { indices.map { self[$0] } }
}
