internal import Basics
internal import Glibc
internal import IO

/// The clock on the wall of one machine of a drill, as its processes see it: a library that is loaded before
/// all others adds a shift to it, which they read anew from a page that they share with the tool.
///
/// Only what asks the C library is shifted, which is all of Roost and Redis; the machine's own clock and
/// everybody's monotonic clocks are left alone. Time namespaces can't do that: they have no clock on the wall.
final class ClockShift {
    private let path: String
    private let library: String

    init(_ name: String) throws {
        path = try Workbench.path("\(name).shift")
        library = try Workbench.neighbour("libClockShift.so")
        guard unsafe access(library, R_OK) == 0 else {
            throw DrillFault("\(library) is missing; build the product ClockShift as well")
        }
        try set(.zero)
    }

    /// For the environment of processes.
    var variables: [String] { ["LD_PRELOAD=\(library)", "DRILL_CLOCK_SHIFT=\(path)"] }

    /// Void unless a process that has this clock then sees it so.
    func setAndShow(_ forward: Duration) throws {
        try set(forward)
        let difference = .seconds(try seen() - Loop.readWallClock().seconds) - forward
        guard Duration.seconds(-3)...Duration.seconds(3) ~= difference else {
            throw DrillVoid("a clock that was set \(forward) forward is \(difference) off")
        }
    }

    /// Eight bytes, written in place, so that whoever has the page sees the old or the new.
    private func set(_ forward: Duration) throws {
        var nanoseconds = Int64(forward / .nanoseconds(1))
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFault.last("write \(path)") }
        defer { close(descriptor) }
        guard unsafe pwrite(descriptor, &nanoseconds, 8, 0) == 8 else {
            throw SystemFault.last("write \(path)")
        }
    }

    /// The time on the wall as a process with this shift sees it, in seconds since 1970.
    private func seen() throws -> Int64 {
        let child = try Child("/bin/date", ["+%s"], name: "date", variables: variables)
        guard child.wait() == 0,
            let seconds = Int64(try child.said().split(separator: "\n").first ?? "")
        else { throw DrillVoid("/bin/date does not say the time") }
        return seconds
    }
}
