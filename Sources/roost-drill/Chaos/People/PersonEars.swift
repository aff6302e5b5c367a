package import Basics

/// Which sessions somebody hears, and since when not. A value that is told of each packet of sound.
///
/// It comes by whichever link: while a call moves, some of it from the node before and some from the next.
package struct PersonEars: Sendable {
    package enum News: Hashable, Sendable {
        case first
        /// More than one packet was missing since then.
        case again(since: Instant)
    }

    private var last: [String: Instant] = [:]

    package init() {}

    package mutating func hear(_ session: String, at now: Instant) -> News? {
        guard let before = last[session] else {
            guard last.count < Self.most else { return nil }
            last[session] = now
            return .first
        }
        last[session] = now
        return now - before > Self.shortest ? .again(since: before) : nil
    }

    /// Whom they have heard of late.
    package func heard(at now: Instant) -> [String] {
        last.filter { now - $0.value <= Self.late }.keys.sorted()
    }

    /// Voices come each 20 ms.
    package static let shortest = Duration.milliseconds(40)
    private static let late = Duration.milliseconds(500)
    private static let most = 1_000
}
