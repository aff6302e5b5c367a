internal import Basics
internal import Calls

/// What was told to many within the last second or two, for lines that come from other nodes: what such a
/// line has not been told there and was told here before it came, it is told when it comes, in order.
struct RecentEvents {
    struct Entry: Sendable {
        var hearers: SocketHall.Hearers
        var event: ToldEvent
        var at: Instant
    }

    private var entries: [Entry] = []
    private var first = 0

    mutating func keep(_ hearers: SocketHall.Hearers, _ event: ToldEvent, at now: Instant) {
        entries.append(Entry(hearers: hearers, event: event, at: now))
        while first < entries.count,
            entries.count - first > Self.limit || now - entries[first].at > Self.span
        {
            first += 1
        }
        if first > Self.limit {
            entries.removeFirst(first)
            first = 0
        }
    }

    var all: ArraySlice<Entry> { entries[first...] }

    /// Longer than a line is on its way.
    private static let span = Duration.seconds(2)
    private static let limit = 1_024
}
