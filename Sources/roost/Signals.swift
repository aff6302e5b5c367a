internal import CLinux
internal import Glibc
internal import Synchronization

/// SIGTERM, SIGINT and SIGHUP, as events that can be awaited.
///
/// They are blocked for the whole process and taken one by one by the main thread, which does nothing
/// else. It must be that thread: left to itself, the main thread of a Swift program becomes libdispatch's,
/// which takes all signals off its mask, and then the first SIGTERM kills the process.
enum Signals {
    enum Event: Sendable {
        case end
        case reload
    }

    private static let listener = Mutex<AsyncStream<Event>.Continuation?>(nil)

    static func block() {
        var set = wanted
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that goes away while it is written to is told by the call's result.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The signals as they come, from now on. Until somebody asks for them, they end the process, as they
    /// would any other.
    static func events() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
        listener.withLock { $0 = continuation }
        return stream
    }

    /// Hands signals on for as long as the process lives.
    static func deliver() -> Never {
        var set = wanted
        while true {
            var number: Int32 = 0
            guard unsafe sigwait(&set, &number) == 0 else { continue }
            guard let listener = listener.withLock({ $0 }) else { exit(128 + number) }
            listener.yield(number == SIGHUP ? .reload : .end)
        }
    }

    private static var wanted: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
        return set
    }
}
