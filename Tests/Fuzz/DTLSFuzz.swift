import Basics
import Crypto
import Media

/// A machine that hears a stranger's datagrams. The first byte says when: at the beginning of either
/// role; as an honest hello that was changed; after it; or once the session is established. Whatever
/// comes, nothing goes upward that nobody proved, the answer is bounded, and an established session
/// lives on.
let fuzzDTLS: FuzzTarget = { bytes in
    guard let choice = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    switch choice % 8 {
    case 0, 1, 2:
        var machine = dtlsRoom.machine(choice % 8 == 2 ? .client : .server)
        if choice % 8 == 2 { machine.advance(to: dtlsStart) }
        hearDTLS(datagrams(in: rest), with: &machine)
    case 3, 4, 5:
        var hello = dtlsRoom.hello
        for pair in stride(from: 0, to: rest.count - 2, by: 3) {
            let place = (Int(rest[pair]) << 8 | Int(rest[pair + 1])) % hello.count
            hello[place] &+= rest[pair + 2]
        }
        var machine = dtlsRoom.machine(.server)
        hearDTLS([hello], with: &machine)
    case 6:
        var machine = dtlsRoom.machine(.server)
        let hello = dtlsRoom.hello
        machine.receive(hello.span, at: dtlsStart)
        hearDTLS(datagrams(in: rest), with: &machine)
    default:
        surviveDTLS(datagrams(in: rest))
    }
}

private let dtlsStart = Instant(nanoseconds: 0)

/// Pieces behind a byte that says how long each is, in fours.
private func datagrams(in bytes: [UInt8]) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var start = 0
    while start < bytes.count, pieces.count < 32 {
        let end = min(bytes.count, start + 1 + Int(bytes[start]) * 4)
        pieces.append(Array(bytes[start + 1..<end]))
        start = end
    }
    return pieces
}

private func hearDTLS(_ datagrams: [[UInt8]], with machine: inout DTLSMachine) {
    for datagram in datagrams {
        let isDTLS = datagram.count >= 2 && (20...63).contains(datagram[0])
        precondition((DatagramKind(datagram.span) == .dtls) == isDTLS)
        machine.receive(datagram.span, at: dtlsStart)
        precondition(drain(&machine).count <= 16, "an answer of a few datagrams")
    }
    precondition(!machine.isEstablished, "no stranger gets in")
    let isSent = machine.send([1].span)
    precondition(!isSent)
    machine.advance(to: dtlsStart + DTLSMachine.patience)
    while let event = machine.nextEvent() {
        guard case .failed = event else { preconditionFailure("\(event) from a stranger") }
    }
    precondition(machine.deadline == nil, "it ends some time")
}

private func drain(_ machine: inout DTLSMachine) -> [[UInt8]] {
    var buffer = [UInt8](repeating: 0, count: 1_500)
    var datagrams: [[UInt8]] = []
    var room = buffer.mutableSpan
    while let count = machine.nextDatagram(into: &room) {
        datagrams.append((0..<count).map { room[$0] })
    }
    return datagrams
}

private func surviveDTLS(_ datagrams: [[UInt8]]) {
    var client = dtlsRoom.machine(.client)
    var server = dtlsRoom.machine(.server)
    client.advance(to: dtlsStart)
    carry(&client, &server)
    precondition(client.isEstablished && server.isEstablished, "honest machines agree")
    while server.nextEvent() != nil {}
    for datagram in datagrams {
        server.receive(datagram.span, at: dtlsStart)
        precondition(server.nextEvent() == nil, "news from a stranger")
    }
    _ = client.send([1, 2, 3].span)
    carry(&client, &server)
    precondition(server.nextEvent() == .message([1, 2, 3]), "the session lives on")
}

private func carry(_ client: inout DTLSMachine, _ server: inout DTLSMachine) {
    for _ in 0..<4 {
        for datagram in drain(&client) { server.receive(datagram.span, at: dtlsStart) }
        for datagram in drain(&server) { client.receive(datagram.span, at: dtlsStart) }
    }
}

private struct DTLSRoom: Sendable {
    let context: DTLSContext
    var hello: [UInt8] = []

    func machine(_ role: DTLSMachine.Role) -> DTLSMachine {
        do {
            let expected = [context.certificate.fingerprint]
            return try DTLSMachine(role, context, expecting: expected, at: dtlsStart)
        } catch {
            preconditionFailure("a session can be made: \(error)")
        }
    }
}

private let dtlsRoom: DTLSRoom = {
    do {
        var random = SeededRandom(seed: 1)
        let certificate = try DTLSCertificate(
            notBefore: 946_684_800,
            notAfter: 4_102_444_799,
            using: &random
        )
        var room = DTLSRoom(context: try DTLSContext(certificate))
        var client = room.machine(.client)
        client.advance(to: dtlsStart)
        guard let hello = drain(&client).first else { preconditionFailure("a client says hello") }
        room.hello = hello
        return room
    } catch {
        preconditionFailure("a context can be made: \(error)")
    }
}()
