import Server
import Wire

/// What a node tells of itself for operators: read without a trap, and the same when it is written again.
let fuzzNodeStatus: FuzzTarget = { bytes in echo(NodeStatus.self, bytes) }

/// What nodes say to each other's calls, and of clients that go from one to the other.
let fuzzNodeWords: FuzzTarget = { bytes in
    guard let kind = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    switch kind % 3 {
    case 0: echo(CallLetter.self, rest)
    case 1: echo(HandedLine.self, rest)
    default: echo(Whereabouts.self, rest)
    }
}

private func echo<Value: Packable>(_ type: Value.Type, _ bytes: [UInt8]) {
    guard let value = try? Value(packed: bytes) else { return }
    let packed = value.packed
    guard let again = try? Value(packed: packed) else { fatalError("its own bytes are refused") }
    precondition(again.packed == packed, "it comes back changed")
}
