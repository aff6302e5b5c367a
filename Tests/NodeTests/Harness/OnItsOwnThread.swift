import IO
import Testing

/// Tests of whole processes: the `roost` that was built with these tests, run as its users run it.
///
/// One at a time, since they share a machine whose ports, descriptors and patience are limited.
@Suite(.serialized, .onItsOwnThread) struct `A node` {}

/// Runs tests whose clients block on a thread made for that, so that they take none of those that
/// other tests share. The thread also outlives every child process, which dies with it.
struct OnItsOwnThread: SuiteTrait, TestTrait, TestScoping {
    private static let thread = Result { () throws(SystemFault) in try Loop(name: "node tests") }

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(Self.thread.get(), operation: function)
    }
}

extension Trait where Self == OnItsOwnThread {
    static var onItsOwnThread: Self { OnItsOwnThread() }
}
