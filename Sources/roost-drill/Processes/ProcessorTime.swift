internal import Glibc

/// Processor time as the kernel counts it for us, to the nanosecond.
enum ProcessorTime {
    static var ofThread: Duration { read(CLOCK_THREAD_CPUTIME_ID) }
    static var ofProcess: Duration { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: Int32) -> Duration {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
