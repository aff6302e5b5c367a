import Basics
import Cluster
import Coordination
import IO
import Wire

/// What members tell each other: read without a trap, and the same when it is written again.
let fuzzPeerMessage: FuzzTarget = { bytes in
    guard let message = try? PeerMessage(packed: bytes) else { return }
    guard let again = try? PeerMessage(packed: message.packed) else {
        fatalError("its own bytes are refused")
    }
    precondition(again == message, "it comes back changed")
}

/// What Redis says to a member, which others may have written: read without a trap, whatever was asked.
let fuzzRegistryAnswer: FuzzTarget = { bytes in
    var reader = RedisReader(limit: 64 << 10)
    guard (try? reader.receive(bytes.span)) != nil, let value = try? reader.next(),
        let run = RedisRun("ab"), let name = NodeName("crow"), let channel = Channel("owls")
    else { return }
    let member = MemberID(name: name, nonce: 1)
    let place = HostedPlace(channel: channel, token: Token(generation: Generation(1), count: 1))
    for order in [
        RegistryOrder.raise, .leave(member, .first), .readCards,
        .place(channel, member, .first, above: nil), .reassert(member, .first, [place]),
        .list(member, from: 0),
    ] {
        let request = RegistryRequest(generation: Generation(1), run: run, order: order)
        if case .table(let table, _)? = RegistryAnswer(value, to: request) {
            precondition(table.rows.count <= MemberTable.limit, "more rows than there may be")
        }
    }
}
