internal import Basics

/// What was read of a load at one moment.
package struct LoadMoment: Sendable {
    /// Since the run began.
    package var time: Duration
    package var tally: LoadTally
    /// Of the tool's threads, since they began, in seconds.
    package var toolSeconds: Double
    /// The busiest of them.
    package var busiestSeconds: Double
    /// Of the server's process; nil if it is not known.
    package var serverSeconds: Double?
    package var serverBytes: Double?
    package var toolBytes: Double
    /// Of everybody on the machine.
    package var machineSeconds: Double

    package init(time: Duration, tally: LoadTally) {
        self.time = time
        self.tally = tally
        (toolSeconds, busiestSeconds, toolBytes, machineSeconds) = (0, 0, 0, 0)
    }
}
