package import Basics

/// Whether a node's process stands still, for its guard, who ends one that has: what it hosted is others' by then, and
/// only its websockets keep those who have them from finding that out.
///
/// A node says a few times a second that it is alive. One that the kernel calls stopped, and that has said nothing for as
/// long as it may host without a word to anybody, hosts nothing any more. One that is merely silent may be short of
/// processor time, and is given much longer. Where the guard was held up itself, as with a whole machine that was
/// paused, nothing counts that came before.
package struct StallWatch: Sendable {
    private let stoppedLimit: Duration
    private var lastHeard: Instant
    private var lastLook: Instant
    private var wasStopped = false

    package init(stoppedLimit: Duration, at now: Instant) {
        self.stoppedLimit = stoppedLimit
        (lastHeard, lastLook) = (now, now)
    }

    package mutating func heard(at now: Instant) { lastHeard = now }

    /// To be asked each ``pause``; whether the process is to be ended.
    package mutating func isStalled(isStopped: Bool, at now: Instant) -> Bool {
        defer {
            lastLook = now
            wasStopped = isStopped
        }
        guard now - lastLook <= Self.pause * 3 else {
            lastHeard = now
            return false
        }
        if isStopped, wasStopped, now - lastHeard >= stoppedLimit { return true }
        return now - lastHeard >= Self.silentLimit
    }

    package static let pause = Duration.milliseconds(50)
    package static let silentLimit = Duration.seconds(10)
}
