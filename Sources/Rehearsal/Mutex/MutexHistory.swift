package import Basics
package import Coordination

/// What was done with one mutex, and whether it can have been one: whether the grabs and releases can be put
/// into an order in which each took effect at one moment between its call and its return, one holder at
/// a time, with growing fences.
///
/// The search is Wing's and Gong's, with the sets of operations already seen not to lead anywhere remembered
/// (Lowe). The state need not be remembered with them, for it follows from the set: the last grab in it. A set
/// is kept as how many from the first are all in it, and which others are; so hours of a history in which
/// little happens at a time are judged in seconds.
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
        var search = Search(operations)
        return search.finds()
    }

    /// One search for an order.
    private struct Search {
        private let operations: [Operation]
        private var isDone: [Bool]
        /// All before it are done.
        private var first = 0
        /// How many are not done that must be.
        private var left: Int
        private var state = State()
        private var path: [(index: Int, before: State, first: Int)] = []
        private var hopeless: Set<Done> = []

        /// The operations that are done: all before the first, and these.
        private struct Done: Hashable {
            var first: Int
            var others: [Int]
        }

        init(_ operations: [Operation]) {
            self.operations = operations
            isDone = Array(repeating: false, count: operations.count)
            // A lapse need not have happened.
            left = operations.count { $0.kind != .lapse }
        }

        mutating func finds() -> Bool {
            var next = 0
            while left > 0 {
                if let index = candidate(from: next) {
                    take(index)
                    next = 0
                    guard hopeless.contains(done) else { continue }
                } else {
                    hopeless.insert(done)
                }
                guard let index = takeBack() else { return false }
                next = index + 1
            }
            return true
        }

        private mutating func take(_ index: Int) {
            path.append((index, state, first))
            isDone[index] = true
            state.apply(operations[index])
            if operations[index].kind != .lapse { left -= 1 }
            while first < isDone.count, isDone[first] { first += 1 }
        }

        private mutating func takeBack() -> Int? {
            guard let (index, before, first) = path.popLast() else { return nil }
            isDone[index] = false
            if operations[index].kind != .lapse { left += 1 }
            state = before
            self.first = first
            return index
        }

        /// Nothing beyond what has been called when the earliest that is not done returned can be in the set.
        private var done: Done {
            var others: [Int] = []
            var earliestReturn = Instant(nanoseconds: .max)
            for index in first..<operations.count {
                guard operations[index].called <= earliestReturn else { break }
                if isDone[index] {
                    others.append(index)
                } else if operations[index].kind != .lapse {
                    earliestReturn = min(earliestReturn, operations[index].returned)
                }
            }
            return Done(first: first, others: others)
        }

        /// The first operation from there on that may come next: nothing that is not done has returned
        /// before it was called.
        private func candidate(from start: Int) -> Int? {
            var earliestReturn = Instant(nanoseconds: .max)
            var end = first
            while end < operations.count, operations[end].called <= earliestReturn {
                if !isDone[end], operations[end].kind != .lapse {
                    earliestReturn = min(earliestReturn, operations[end].returned)
                }
                end += 1
            }
            return (max(start, first)..<max(start, end)).first { index in
                !isDone[index] && operations[index].called <= earliestReturn
                    && state.admits(operations[index])
            }
        }
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
