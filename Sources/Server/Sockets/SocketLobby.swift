package import Basics
internal import Synchronization

/// How many sockets are open whose owner is not known yet, in all and from each address.
///
/// Such a socket costs us memory and its owner nothing, so there are few of them, and not for long.
package final class SocketLobby: Sendable {
    private struct State {
        var limit: Int
        var limitPerAddress: Int
        var count = 0
        var counts: [IPAddress: Int] = [:]
    }

    private let state: Mutex<State>

    package init(limit: Int, limitPerAddress: Int) {
        state = Mutex(State(limit: limit, limitPerAddress: limitPerAddress))
    }

    package func apply(limit: Int, limitPerAddress: Int) {
        state.withLock { state in
            state.limit = limit
            state.limitPerAddress = limitPerAddress
        }
    }

    /// Whether a socket would be let in now, before it is one.
    package func hasRoom(for address: IPAddress) -> Bool {
        state.withLock { state in
            state.count < state.limit
                && state.counts[address.neighbourhood, default: 0] < state.limitPerAddress
        }
    }

    /// Lets a socket wait here. False if there are too many.
    package func enter(_ address: IPAddress) -> Bool {
        state.withLock { state in
            let already = state.counts[address.neighbourhood, default: 0]
            guard state.count < state.limit, already < state.limitPerAddress else { return false }
            state.counts[address.neighbourhood] = already + 1
            state.count += 1
            return true
        }
    }

    package func leave(_ address: IPAddress) {
        state.withLock { state in
            guard let already = state.counts[address.neighbourhood] else {
                preconditionFailure("a socket left the lobby that never came in")
            }
            state.counts[address.neighbourhood] = already == 1 ? nil : already - 1
            state.count -= 1
        }
    }

    package var count: Int { state.withLock { $0.count } }
}
