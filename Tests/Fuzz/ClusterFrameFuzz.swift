import Calls
import Wire

/// What is read of a link's bytes is the same however they were cut, and comes back as it was when it is
/// written again.
let fuzzClusterFrame: FuzzTarget = { bytes in
    let whole = frames(of: bytes, cutAt: bytes.count)
    let pieces = frames(of: bytes, cutAt: max(Int(bytes.first ?? 1) % 16, 1))
    precondition(whole == pieces, "it depends on how the bytes are cut")
    for frame in whole {
        var reader = ClusterFrameReader()
        reader.append(frame.bytes.span)
        guard let again = try? reader.next() else { fatalError("its own bytes are refused") }
        precondition(again == frame, "it comes back changed")
    }
}

private func frames(of bytes: [UInt8], cutAt size: Int) -> [ClusterFrame] {
    var reader = ClusterFrameReader()
    var frames: [ClusterFrame] = []
    var start = 0
    while start < bytes.count {
        let end = min(start + size, bytes.count)
        reader.append(bytes[start..<end].span)
        start = end
        do {
            while let frame = try reader.next() { frames.append(frame) }
        } catch {
            return frames
        }
    }
    return frames
}

/// What nodes say to each other of calls: read without a trap, and the same when it is written again.
let fuzzCallPacking: FuzzTarget = { bytes in
    guard let kind = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    switch kind % 7 {
    case 0: echo(Word.self, rest)
    case 1: echo(Joiner.self, rest)
    case 2: echo(Reconnect.self, rest)
    case 3: echo(CallPicture.self, rest)
    case 4: echo(HostOrder.self, rest)
    case 5: echo(CallSnapshot.self, rest)
    default: echo(OrderOutcome.self, rest)
    }
}

private func echo<Value: Packable & Equatable>(_ type: Value.Type, _ bytes: [UInt8]) {
    // Most random bytes are no value, and may be refused: but not what a value packs itself into.
    guard let value = try? Value(packed: bytes) else { return }
    guard let again = try? Value(packed: value.packed) else {
        fatalError("its own bytes are refused")
    }
    // No number equals itself that is none.
    precondition(again == value || again.packed == value.packed, "it comes back changed")
}
