import Basics
import Crypto

/// A server's machine that hears a client's bytes. The first byte says where the bytes go: into a new
/// connection; over a client's honest hello; or after a handshake, in the clear. Heard at once or byte
/// by byte, they end the same, and never as plaintext.
let fuzzTLS: FuzzTarget = { bytes in
    guard let choice = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    switch choice % 3 {
    case 0:
        let whole = endOfTLS(after: [rest])
        let parts = endOfTLS(after: rest.map { [$0] })
        precondition(whole == parts, "\(whole) at once, \(parts) byte by byte")
    case 1:
        var hello = tlsRoom.hello
        // Pairs of a place and what is added there.
        for pair in stride(from: 0, to: rest.count - 2, by: 3) {
            let place = (Int(rest[pair]) << 8 | Int(rest[pair + 1])) % hello.count
            hello[place] &+= rest[pair + 2]
        }
        let whole = endOfTLS(after: [hello])
        let parts = endOfTLS(after: [Array(hello[..<100]), Array(hello[100...])])
        precondition(whole == parts, "\(whole) at once, \(parts) in two")
    default:
        endOfEstablishedTLS(after: rest)
    }
}

private func endOfTLS(after pieces: [[UInt8]]) -> String {
    guard var server = try? TLSMachine.server(tlsRoom.server) else {
        preconditionFailure("a connection can be made")
    }
    var buffer = [UInt8](repeating: 0, count: 256)
    var last = TLSMachine.Reading.needsMore
    for piece in pieces {
        guard last == .needsMore else { break }
        var room = buffer.mutableSpan
        last = server.receive(piece.span, into: &room)
        if case .bytes = last { preconditionFailure("plaintext from a stranger") }
    }
    // The alert that was sent, or the server's answer, is bounded.
    var output: [UInt8] = []
    server.takeOutput(into: &output)
    precondition(output.count < 16_384, "an answer of \(output.count) bytes")
    switch last {
    case .failed(let fault): return fault.code
    case .needsMore: return "needs more"
    case .ended(let clean): return "ended \(clean)"
    case .bytes: return "bytes"
    }
}

private func endOfEstablishedTLS(after bytes: [UInt8]) {
    guard var server = try? TLSMachine.server(tlsRoom.server),
        var client = try? TLSMachine.client(tlsRoom.client, serverName: "localhost")
    else { preconditionFailure("a connection can be made") }
    var buffer = [UInt8](repeating: 0, count: 256)
    _ = client.advance()
    for _ in 0..<3 {
        var flight: [UInt8] = []
        client.takeOutput(into: &flight)
        var room = buffer.mutableSpan
        _ = server.receive(flight.span, into: &room)
        flight = []
        server.takeOutput(into: &flight)
        room = buffer.mutableSpan
        _ = client.receive(flight.span, into: &room)
    }
    precondition(server.advance() == .established, "honest machines agree")
    var room = buffer.mutableSpan
    let reading = server.receive(bytes.span, into: &room)
    if case .bytes = reading { preconditionFailure("plaintext that nobody encrypted") }
}

private struct TLSRoom: Sendable {
    let server: TLSContext
    let client: TLSContext
    let hello: [UInt8]
}

private let tlsRoom: TLSRoom = {
    do {
        var random = SeededRandom(seed: 1)
        let identity = try SelfSigned(
            names: ["localhost"],
            notBefore: 946_684_800,
            notAfter: 4_102_444_799,
            using: &random
        )
        let server = try TLSContext.server(
            certificateChainPEM: identity.certificatePEM.span,
            privateKeyPEM: identity.keyPEM.span
        )
        let client = try TLSContext.client(trust: .anybody, applicationProtocols: ["http/1.1"])
        var machine = try TLSMachine.client(client, serverName: "localhost")
        _ = machine.advance()
        var hello: [UInt8] = []
        machine.takeOutput(into: &hello)
        return TLSRoom(server: server, client: client, hello: hello)
    } catch {
        preconditionFailure("a context can be made: \(error)")
    }
}()
