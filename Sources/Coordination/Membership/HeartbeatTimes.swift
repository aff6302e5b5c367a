internal import Basics

/// When the last heartbeats were sent. What answers an older one is too late to be worth anything.
struct HeartbeatTimes: Sendable {
    private static let kept: UInt64 = 32

    private(set) var last: UInt64 = 0
    private var times: [Instant] = []

    /// Numbers a heartbeat that is sent now.
    mutating func next(at now: Instant) -> UInt64 {
        last += 1
        if times.count < Self.kept {
            times.append(now)
        } else {
            times[Int((last - 1) % Self.kept)] = now
        }
        return last
    }

    func sent(_ number: UInt64) -> Instant? {
        guard number > 0, number <= last, last - number < Self.kept else { return nil }
        return times[Int((number - 1) % Self.kept)]
    }
}
