import Basics
import Media

/// A line that was read is written so that it reads the same again. As overrides, the same bytes are
/// bounded lists or an error.
let fuzzICECandidate: FuzzTarget = { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(ICECandidateFault) {
        let candidate = try ICECandidate(text)
        precondition((1...256).contains(candidate.component))
        precondition((1...0x7FFF_FFFF).contains(candidate.priority))
        let written = candidate.description
        precondition(!written.contains("\r") && !written.contains("\n"), "a line is one line")
        do throws(ICECandidateFault) {
            let again = try ICECandidate(written)
            precondition(again == candidate, "\(written) is another candidate")
        } catch {
            preconditionFailure("\(written) can't be read: \(error)")
        }
    } catch {
        precondition(error.word <= 1_024)
    }

    do throws(OverrideFault) {
        switch try HostOverride(text) {
        case .none: break
        case .name(let name): precondition((1...253).contains(name.utf8.count))
        case .addresses(let addresses): precondition((1...32).contains(addresses.count))
        case .pairs(let pairs):
            precondition(pairs.allSatisfy { $0.external.family == $0.local.family })
        }
    } catch {
        precondition(error.word.count <= 80)
    }
    do throws(OverrideFault) {
        if case .byAddress(let ports) = try PortOverride(text) {
            precondition((1...32).contains(ports.count) && ports.allSatisfy { $0.port > 0 })
            precondition(Set(ports.map(\.ip)).count == ports.count)
        }
    } catch {
        precondition(error.word.count <= 80)
    }
}

/// An agent that hears a check. The first byte says what kind: any bytes, which it meets with silence;
/// or a check that a peer made, changed where the following bytes say. It answers that only if nothing
/// was changed, never at greater length than it was asked, and what it answers can be read.
let fuzzICELite: FuzzTarget = { bytes in
    guard let choice = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    var agent = ICELite(iceRoom, remoteUfrag: "peer", at: iceStart)
    guard choice & 1 == 1 else {
        precondition(hear(rest, with: &agent).isEmpty, "an answer to a stranger")
        precondition(agent.pathCount == 0)
        return
    }
    let original = check(of: choice)
    var changed = original
    for pair in stride(from: 0, to: rest.count - 1, by: 2) {
        changed[Int(rest[pair]) % changed.count] &+= rest[pair + 1]
    }
    let answer = hear(changed, with: &agent)
    precondition(answer.count <= changed.count, "an answer is no longer than its question")
    precondition(answer.isEmpty == (changed != original), "an answer to what the peer has said")
    precondition(agent.pathCount <= 1)
    guard !answer.isEmpty else {
        precondition(agent.selected == nil && agent.lastHeard == iceStart)
        return
    }
    do throws(STUNFault) {
        let message = try STUNMessage(answer.span)
        precondition(message.isVouched(by: STUNKey(password: iceRoom.password)))
        precondition(message.hasValidFingerprint)
        precondition(message.kind == .success || message.error != nil)
    } catch {
        preconditionFailure("an answer can be read: \(error)")
    }
}

private let iceStart = Instant(nanoseconds: 0)

private let iceRoom: ICECredentials = {
    var random = SeededRandom(seed: 1)
    guard let credentials = ICECredentials(using: &random) else {
        preconditionFailure("credentials can be made")
    }
    return credentials
}()

private func check(of choice: UInt8) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 512)
    let room = buffer.mutableSpan
    let transaction = STUNTransactionID(high: 1, low: 2)
    var writer = STUNWriter(.request, .binding, transaction, into: room)
    writer.append(.username, "\(iceRoom.ufrag):peer")
    writer.append(choice & 2 == 0 ? .iceControlling : .iceControlled, UInt64(7))
    writer.append(.priority, UInt32(1))
    if choice & 4 == 0 { writer.append(.useCandidate) }
    if choice & 8 != 0 { writer.append(STUNAttributeType(rawValue: 0x7F00)) }
    writer.appendIntegrity(STUNKey(password: iceRoom.password))
    writer.appendFingerprint()
    guard let count = writer.finish() else { preconditionFailure("a check fits") }
    return Array(buffer[..<count])
}

private func hear(_ bytes: [UInt8], with agent: inout ICELite) -> [UInt8] {
    let remote = SocketAddress(ip: IPAddress(v6: 1, 2), port: 3)
    let path = DatagramPath(remote: remote, local: 0, stream: 0)
    var buffer = [UInt8](repeating: 0, count: 128)
    do throws(STUNFault) {
        let message = try STUNMessage(bytes.span)
        var room = buffer.mutableSpan
        let verdict = agent.receive(message, from: path, at: iceStart + .seconds(1), into: &room)
        return Array(buffer[..<verdict.answerSize])
    } catch {
        return []
    }
}
