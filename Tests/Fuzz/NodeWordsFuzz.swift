import Cluster
import Server
import Wire

/// What a node tells of itself for operators: read without a trap, and the same when it is written again.
let fuzzNodeStatus: FuzzTarget = { bytes in echo(NodeStatus.self, bytes) }

/// What nodes say to each other and to each other's calls, and of clients that go from one to the other.
let fuzzNodeWords: FuzzTarget = { bytes in
    guard let kind = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    switch kind % 6 {
    case 0: echo(CallLetter.self, rest)
    case 1: echo(HandedLine.self, rest)
    case 2: echo(Whereabouts.self, rest)
    case 3: echo(NodeLetter.self, rest)
    case 4: echo(CallErrand.self, rest)
    default: echo(Verdict.self, rest)
    }
}

/// What a guard is told by its node, and tells other nodes.
let fuzzGuardWords: FuzzTarget = { bytes in
    guard let kind = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    switch kind % 2 {
    case 0: echo(DeathCertificate.self, rest)
    default: echo(GuardOrder.self, rest)
    }
}

private func echo<Value: Packable>(_ type: Value.Type, _ bytes: [UInt8]) {
    // Most random bytes are no value, and may be refused: but not what a value packs itself into.
    guard let value = try? Value(packed: bytes) else { return }
    let packed = value.packed
    guard let again = try? Value(packed: packed) else { fatalError("its own bytes are refused") }
    precondition(again.packed == packed, "it comes back changed")
}

/// What holds sets is the same in any order.
private func echo<Value: Packable & Equatable>(_ type: Value.Type, _ bytes: [UInt8]) {
    // Most random bytes are no value, and may be refused: but not what a value packs itself into.
    guard let value = try? Value(packed: bytes) else { return }
    guard let again = try? Value(packed: value.packed) else {
        fatalError("its own bytes are refused")
    }
    // No number equals itself that is none.
    precondition(again == value || again.packed == value.packed, "it comes back changed")
}
