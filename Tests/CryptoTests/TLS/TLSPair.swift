import Basics
import Crypto
import Testing

/// A client and a server in one memory, with a wire between them that delivers in pieces.
struct TLSPair: ~Copyable {
    var client: TLSMachine
    var server: TLSMachine
    /// The longest piece that the wire delivers at once.
    var piece = Int.max
    var heardByClient: [UInt8] = []
    var heardByServer: [UInt8] = []
    var lastOfClient = TLSMachine.Reading.needsMore
    var lastOfServer = TLSMachine.Reading.needsMore

    init(client: consuming TLSMachine, server: consuming TLSMachine) {
        self.client = client
        self.server = server
    }

    static let names = ["localhost", "127.0.0.1"]

    /// Made once, since a key costs more than most tests.
    private static let identity = Result { () throws(KeyFault) in
        try SelfSigned.ofThisCentury(names)
    }

    /// A pair whose client trusts the server's self-signed certificate.
    static func trusting(
        names: [String] = TLSPair.names,
        asking name: String = "localhost",
        newest: TLSMachine.Version = .tls13,
        protocols: [String] = ["http/1.1"]
    ) throws -> TLSPair {
        let identity = names == Self.names ? try Self.identity.get() : try .ofThisCentury(names)
        let context = try TLSContext.server(
            certificateChainPEM: identity.certificatePEM.span,
            privateKeyPEM: identity.keyPEM.span
        )
        let trust = try TLSContext.client(
            trust: .only(pem: identity.certificatePEM),
            applicationProtocols: protocols,
            newest: newest
        )
        return TLSPair(
            client: try TLSMachine.client(trust, serverName: name),
            server: try TLSMachine.server(context)
        )
    }

    /// Carries bytes both ways until neither has any left to send.
    mutating func settle() {
        _ = client.advance()
        while client.hasOutput || server.hasOutput {
            var flight: [UInt8] = []
            client.takeOutput(into: &flight)
            let toServer = deliver(flight, to: &server, in: piece)
            heardByServer += toServer.heard
            if let last = toServer.last { lastOfServer = last }

            flight = []
            server.takeOutput(into: &flight)
            let toClient = deliver(flight, to: &client, in: piece)
            heardByClient += toClient.heard
            if let last = toClient.last { lastOfClient = last }
        }
    }
}

/// Offers bytes to a machine and reads until it wants more or is over.
func hear(
    _ ciphertext: Span<UInt8>,
    with machine: inout TLSMachine,
    buffer size: Int = 1_000
) -> (heard: [UInt8], last: TLSMachine.Reading) {
    var heard: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: size)
    var room = buffer.mutableSpan
    var reading = machine.receive(ciphertext, into: &room)
    while case .bytes(let count) = reading {
        heard += buffer.prefix(count)
        room = buffer.mutableSpan
        reading = machine.read(into: &room)
    }
    return (heard, reading)
}

private func deliver(
    _ flight: [UInt8],
    to machine: inout TLSMachine,
    in piece: Int
) -> (heard: [UInt8], last: TLSMachine.Reading?) {
    var heard: [UInt8] = []
    var last: TLSMachine.Reading?
    var start = 0
    while start < flight.count {
        let end = start + min(piece, flight.count - start)
        let reading = hear(flight.span.extracting(start..<end), with: &machine)
        heard += reading.heard
        last = reading.last
        start = end
    }
    return (heard, last)
}

extension SelfSigned {
    static func ofThisCentury(_ names: [String]) throws(KeyFault) -> SelfSigned {
        var random = SeededRandom(seed: 1)
        return try SelfSigned(
            names: names,
            notBefore: 946_684_800,
            notAfter: 4_102_444_799,
            using: &random
        )
    }
}
