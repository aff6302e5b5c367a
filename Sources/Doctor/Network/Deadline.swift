internal import Basics
internal import CLinux
internal import Glibc

/// The moment at which waiting ends.
struct Deadline: Sendable {
    private let end: Instant

    static func after(_ patience: Duration) -> Deadline {
        Deadline(end: now() + patience)
    }

    /// This or that moment, whichever comes first.
    func orAfter(_ patience: Duration) -> Deadline {
        Deadline(end: min(end, Deadline.after(patience).end))
    }

    var hasPassed: Bool { Deadline.now() >= end }

    /// For `poll`: what is left, rounded up so that nobody wakes too early to see it has passed.
    var milliseconds: Int32 {
        let left = max(0, end.nanoseconds - Deadline.now().nanoseconds)
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }

    static func now() -> Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
