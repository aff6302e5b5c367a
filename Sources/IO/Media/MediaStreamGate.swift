internal import Basics
internal import Synchronization

/// How many TCP connections may be open that have not proved anything, on the node and from each
/// neighbourhood. Those that have are counted by whoever gave them the password.
final class MediaStreamGate: Sendable {
    private struct State {
        var gate: ConnectionGate
        var refused: UInt64 = 0
    }

    private let state: Mutex<State>

    init(limit: Int, limitPerAddress: Int) {
        state = Mutex(State(gate: ConnectionGate(limit: limit, limitPerAddress: limitPerAddress)))
    }

    func admits(_ address: IPAddress) -> Bool {
        state.withLock { state in
            guard state.gate.enter(address, isTrusted: false) == nil else {
                state.refused &+= 1
                return false
            }
            return true
        }
    }

    func leave(_ address: IPAddress) {
        state.withLock { $0.gate.leave(address, isTrusted: false) }
    }

    var unproved: Int { state.withLock { $0.gate.count } }
    var refused: UInt64 { state.withLock { $0.refused } }
}
