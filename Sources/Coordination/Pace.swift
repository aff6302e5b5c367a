/// How fast a cluster's members speak, and how long they wait: the same at every member.
package struct Pace: Hashable, Sendable {
    /// How often a member sends each other a heartbeat.
    package var heartbeat: Duration
    /// For how long a member that answers one promises not to vote against the sender.
    package var promise: Duration
    /// How often a member renews its lease with Redis.
    package var renewal: Duration
    /// How long a lease is.
    package var lease: Duration
    /// What is taken off every deadline of one's own and put on every wait for another's: clocks
    /// drift, and threads are scheduled late.
    package var guardTime: Duration
    /// For how long a majority of the Sentinels naming the master counts. Shorter than a lease, or a
    /// node that is left with the old master would outlive its eviction by the new one.
    package var confirmation: Duration
    /// How long Redis may take to answer.
    package var requestTimeout: Duration
    /// How long nobody places new calls once Redis may have forgotten some: the time in which those
    /// who host them say so again.
    package var settle: Duration
    /// Whether a member that was alone in the cluster goes on with its calls when Redis is gone too.
    /// Nobody can then tell whether another has started meanwhile and hosts the same.
    package var continuesAlone: Bool

    package init(
        heartbeat: Duration,
        promise: Duration,
        renewal: Duration,
        lease: Duration,
        guardTime: Duration,
        confirmation: Duration,
        requestTimeout: Duration = .milliseconds(300),
        settle: Duration = .milliseconds(800),
        continuesAlone: Bool = true
    ) {
        precondition(guardTime * 3 < promise, "promises must outlast the guard time by far")
        precondition(requestTimeout < lease - guardTime, "an answer must come within the lease")
        precondition(confirmation < lease, "an old master must not outlive an eviction")
        self.heartbeat = heartbeat
        self.promise = promise
        self.renewal = renewal
        self.lease = lease
        self.guardTime = guardTime
        self.confirmation = confirmation
        self.requestTimeout = requestTimeout
        self.settle = settle
        self.continuesAlone = continuesAlone
    }

    /// Machines in one building.
    package static let lan = Pace(
        heartbeat: .milliseconds(100),
        promise: .milliseconds(550),
        renewal: .milliseconds(120),
        lease: .milliseconds(700),
        guardTime: .milliseconds(80),
        confirmation: .milliseconds(600)
    )

    /// Machines further apart, or shared with others: a laptop, a build server.
    package static let wan = Pace(
        heartbeat: .milliseconds(200),
        promise: .milliseconds(1_200),
        renewal: .milliseconds(250),
        lease: .milliseconds(1_500),
        guardTime: .milliseconds(150),
        confirmation: .milliseconds(1_000)
    )

    /// For how long a member's record must stand still before others may believe it gone.
    package var stall: Duration { lease + guardTime }
}
