internal import Basics
internal import Calls

/// Events that were forwarded to connections which are on their way here and have not arrived.
struct EarlyEvents {
    private var kept: [ConnectionID: (events: [ToldEvent], since: Instant)] = [:]

    mutating func keep(_ event: ToldEvent, for connection: ConnectionID, at now: Instant) {
        kept = kept.filter { now - $0.value.since < Self.patience }
        guard kept.count < Self.connectionLimit else { return }
        var entry = kept[connection] ?? ([], now)
        guard entry.events.count < Self.eventLimit else { return }
        entry.events.append(event)
        kept[connection] = entry
    }

    mutating func take(for connection: ConnectionID) -> [ToldEvent] {
        kept.removeValue(forKey: connection)?.events ?? []
    }

    /// A line arrives within a round trip, or not at all.
    private static let patience = Duration.seconds(2)
    private static let connectionLimit = 1_000
    private static let eventLimit = 128
}
