package import Basics
package import Coordination

/// What was done with one mutex, and whether it can have been one: whether the grabs and releases can be put
/// into an order in which each took effect at one moment between its call and its return, one holder at
/// a time, with growing fences.
///
/// The search is Wing's and Gong's, with the sets of operations already seen not to lead anywhere remembered
/// (Lowe). The state need not be remembered with them, for it follows from the set: the last grab in it.
package struct MutexHistory: Sendable {
    package struct Operation: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case grab
            case release
            /// A holder was passed over; at an unknown moment after its grab, if at all.
            case lapse
        }

        package var kind: Kind
        package var fence: Token
        package var called: Instant
        package var returned: Instant

        package init(_ kind: Kind, _ fence: Token, from called: Instant, to returned: Instant) {
            self.kind = kind
            self.fence = fence
            self.called = called
            self.returned = returned
        }
    }

    /// In the order of their calls.
    private let operations: [Operation]

    package init(_ operations: [Operation]) {
        self.operations = operations.sorted { $0.called < $1.called }
    }

    package var isLinearizable: Bool {
        var done = Set<Int>()
        var hopeless = Set<Set<Int>>()
        var path: [(index: Int, before: State)] = []
        var state = State()
        var next = 0
        while true {
            if mustBeDone.isSubset(of: done) { return true }
            if let index = candidate(from: next, done, state) {
                path.append((index, state))
                done.insert(index)
                state.apply(operations[index])
                next = 0
                guard hopeless.contains(done) else { continue }
            } else {
                hopeless.insert(done)
            }
            guard let (index, before) = path.popLast() else { return false }
            done.remove(index)
            state = before
            next = index + 1
        }
    }

    /// A lapse need not have happened.
    private var mustBeDone: Set<Int> {
        Set(operations.indices.filter { operations[$0].kind != .lapse })
    }

    /// The first operation from there on that may come next: nothing that is not done has returned
    /// before it was called.
    private func candidate(from start: Int, _ done: Set<Int>, _ state: State) -> Int? {
        var earliestReturn = Instant(nanoseconds: .max)
        for index in operations.indices where !done.contains(index) {
            guard operations[index].kind != .lapse else { continue }
            earliestReturn = min(earliestReturn, operations[index].returned)
        }
        for index in operations.indices.dropFirst(start) where !done.contains(index) {
            let operation = operations[index]
            guard operation.called <= earliestReturn else { return nil }
            if state.admits(operation) { return index }
        }
        return nil
    }

    /// A mutex too simple to be wrong.
    private struct State {
        var holder: Token?
        var latest: Token?

        func admits(_ operation: Operation) -> Bool {
            switch operation.kind {
            case .grab: holder == nil && latest.map { $0 < operation.fence } ?? true
            case .release, .lapse: holder == operation.fence
            }
        }

        mutating func apply(_ operation: Operation) {
            switch operation.kind {
            case .grab: (holder, latest) = (operation.fence, operation.fence)
            case .release, .lapse: holder = nil
            }
        }
    }
}
