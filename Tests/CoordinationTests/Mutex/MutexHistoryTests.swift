import Basics
import Coordination
import Rehearsal
import Testing

@Suite struct `A history of a mutex` {
    private func grab(_ fence: UInt64, _ called: Int64, _ returned: Int64) -> MutexHistory.Operation
    {
        operation(.grab, fence, called, returned)
    }

    private func release(_ fence: UInt64, _ called: Int64) -> MutexHistory.Operation {
        operation(.release, fence, called, .max)
    }

    private func operation(
        _ kind: MutexHistory.Operation.Kind,
        _ fence: UInt64,
        _ called: Int64,
        _ returned: Int64
    ) -> MutexHistory.Operation {
        MutexHistory.Operation(
            kind,
            Token(generation: Generation(1), count: fence),
            from: Instant(nanoseconds: called),
            to: Instant(nanoseconds: returned)
        )
    }

    private func isLinearizable(_ operations: MutexHistory.Operation...) -> Bool {
        MutexHistory(operations).isLinearizable
    }

    @Test func `is one of a mutex if its holds follow each other`() {
        #expect(isLinearizable())
        #expect(isLinearizable(grab(1, 0, 1), release(1, 2), grab(2, 0, 4), release(2, 5)))
        #expect(isLinearizable(grab(2, 0, 4), grab(1, 0, 1), release(1, 2)), "one still holds")
    }

    @Test func `is none if two hold at once`() {
        #expect(!isLinearizable(grab(1, 0, 1), grab(2, 0, 4), release(1, 5), release(2, 6)))
        #expect(!isLinearizable(grab(1, 0, 1), grab(2, 2, 3)))
    }

    @Test func `is none if a later holder has a lower or the same fence`() {
        #expect(!isLinearizable(grab(2, 0, 1), release(2, 2), grab(1, 3, 4)))
        #expect(!isLinearizable(grab(1, 0, 1), release(1, 2), grab(1, 3, 4)))
        #expect(isLinearizable(grab(1, 0, 9), release(1, 9), grab(2, 3, 9)), "their order is open")
    }

    @Test func `may have holders who were passed over, after they grabbed`() {
        let lapse = operation(.lapse, 1, 1, .max)
        #expect(isLinearizable(grab(1, 0, 1), lapse, grab(2, 5, 6), release(2, 7)))
        #expect(isLinearizable(grab(1, 0, 1), lapse, release(1, 3)))
        #expect(!isLinearizable(grab(1, 0, 1), operation(.lapse, 1, 7, .max), grab(2, 5, 6)))
    }

    @Test func `is judged as trying all orders would`() {
        var random = SeededRandom(seed: 7)
        var verdicts: Set<Bool> = []
        for _ in 0..<400 {
            var operations: [MutexHistory.Operation] = []
            for fence in UInt64(1)...3 {
                let called = Int64.random(in: 0...6, using: &random)
                let returned = Int64.random(in: called...8, using: &random)
                operations.append(grab(fence, called, returned))
                let left = Int64.random(in: returned...10, using: &random)
                operations.append(operation(.release, fence, left, left + 2))
            }
            let verdict = MutexHistory(operations).isLinearizable
            #expect(verdict == permits(operations))
            verdicts.insert(verdict)
        }
        #expect(verdicts.count == 2, "some are and some are not")
    }

    /// Whether any order at all is one of a mutex and of these times.
    private func permits(
        _ left: [MutexHistory.Operation],
        holder: Token? = nil,
        latest: Token? = nil
    ) -> Bool {
        if left.isEmpty { return true }
        for (index, operation) in left.enumerated()
        where left.allSatisfy({ $0.returned >= operation.called }) {
            var rest = left
            rest.remove(at: index)
            if operation.kind == .grab {
                if let latest, latest >= operation.fence { continue }
                guard holder == nil else { continue }
                if permits(rest, holder: operation.fence, latest: operation.fence) { return true }
            } else {
                guard holder == operation.fence else { continue }
                if permits(rest, holder: nil, latest: latest) { return true }
            }
        }
        return false
    }
}
