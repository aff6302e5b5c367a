internal import Synchronization

/// A value that one task waits for and anybody delivers. The first delivery counts.
package final class Delivery<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Value, Never>)
        case delivered(Value)
        case taken
    }

    private let state = Mutex(State.empty)

    package init() {}

    package func deliver(_ value: Value) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .empty:
                state = .delivered(value)
                return nil
            case .awaited(let continuation):
                state = .taken
                return continuation
            case .delivered, .taken:
                return nil
            }
        }
        waiting?.resume(returning: value)
    }

    /// Waits for the value. Only one may wait, once.
    package func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                switch state {
                case .empty:
                    state = .awaited(continuation)
                    return nil
                case .delivered(let value):
                    state = .taken
                    return value
                case .awaited, .taken:
                    preconditionFailure("a delivery is awaited once")
                }
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
