package import Basics

/// What a ``RedisClient`` knows of the server it is connected to.
package struct RedisStanding: Equatable, Sendable {
    /// As the place or the sentinels name it.
    package var host: RedisHost
    /// The server's life: another after each restart. Nil if this user may not ask `INFO`.
    package var runID: String?
    package var isMaster: Bool
    /// The sentinels' config epoch of this master: it grows with each failover, and comes from outside
    /// the data, so a data set that was lost can't take it back. Nil without sentinels.
    package var generation: UInt64?
    /// When the connection was ready.
    package var since: Instant
}

/// What a majority of the sentinels said last about who is master.
package struct MasterConfirmation: Equatable, Sendable {
    package var host: RedisHost
    package var generation: UInt64
    /// When the questions left whose answers make the majority: the latest instant of which it is known
    /// that it is not before any of these answers was given. Leases count from here.
    package var sentAt: Instant
    package var agreeing: Int
    package var sentinels: Int
}
