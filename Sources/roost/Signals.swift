internal import CLinux
internal import Glibc
internal import Synchronization

/// SIGTERM, SIGINT and SIGHUP, as events that can be awaited.
///
/// They are blocked for the whole process and taken one by one by a thread that does nothing else.
enum Signals {
    enum Event: Sendable {
        case end
        case reload
    }

    static func block() {
        var set = wanted
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that goes away while it is written to is told by the call's result.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The signals as they come, from the first call on.
    static func events() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(Box(continuation))
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let box = unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                var set = Signals.wanted
                while true {
                    var number: Int32 = 0
                    guard unsafe sigwait(&set, &number) == 0 else { continue }
                    box.continuation.yield(number == SIGHUP ? .reload : .end)
                }
            },
            box.toOpaque()
        )
        precondition(status == 0, "a process that can't start its first thread can't start at all")
        return stream
    }

    private final class Box: Sendable {
        let continuation: AsyncStream<Event>.Continuation

        init(_ continuation: AsyncStream<Event>.Continuation) {
            self.continuation = continuation
        }
    }

    private static var wanted: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
        return set
    }
}
