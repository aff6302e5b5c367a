internal import CLinux
internal import Glibc

/// Whether the clock is right and kept right: tokens expire by it, and recordings are named by it.
package struct ClockCheck: Check {
    /// What clocks and kernel say; tests say it for them.
    package struct Reading: Sendable {
        /// Seconds since 1970.
        package var wall: Int64
        /// By how much the wall clock ran ahead of the monotonic one while we looked.
        package var drift: Duration
        /// What the kernel says about being kept in time by somebody; nil if it doesn't say.
        package var isSynchronised: Bool?

        package init(wall: Int64, drift: Duration, isSynchronised: Bool?) {
            self.wall = wall
            self.drift = drift
            self.isSynchronised = isSynchronised
        }
    }

    private let read: @Sendable () -> Reading

    package init(read: @escaping @Sendable () -> Reading = { ClockCheck.readClocks() }) {
        self.read = read
    }

    package var name: String { "clock" }

    package func look() -> Outcome {
        let reading = read()
        let remedy = "sudo apt-get install systemd-timesyncd && sudo timedatectl set-ntp true"
        guard reading.wall > 1_760_000_000 else {
            return .fail("is years behind: every certificate and token is refused", remedy: remedy)
        }
        guard reading.drift.magnitude < .milliseconds(5) else {
            return .warn("was moved by \(reading.drift) while we looked", remedy: remedy)
        }
        return switch reading.isSynchronised {
        case true?: .ok("kept in time")
        case false?: .warn("kept in time by nobody, as far as the kernel knows", remedy: remedy)
        case nil: .ok("runs evenly; the kernel doesn't say who keeps it")
        }
    }

    package static func readClocks() -> Reading {
        let (wallBefore, steadyBefore) = (now(CLOCK_REALTIME), now(CLOCK_MONOTONIC))
        usleep(50_000)
        let (wallAfter, steadyAfter) = (now(CLOCK_REALTIME), now(CLOCK_MONOTONIC))
        let drift = (wallAfter - wallBefore) - (steadyAfter - steadyBefore)
        let isUnsynchronised = roost_clock_is_unsynchronised()
        return Reading(
            wall: wallAfter.components.seconds,
            drift: drift,
            isSynchronised: isUnsynchronised < 0 ? nil : isUnsynchronised == 0
        )
    }

    private static func now(_ clock: clockid_t) -> Duration {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
