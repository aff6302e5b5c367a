package import Synchronization

/// From which level on each room's lines are written; may be changed while the node runs.
///
/// A room looks its threshold up once and keeps it. Asking it later is one relaxed atomic load; a
/// change reaches every room within moments, without anyone having to be told.
package final class LogLevels: Sendable {
    private let rooms: Mutex<Rooms>

    private struct Rooms {
        var standard: LogLevel
        var own: [String: LogLevel]
        var thresholds: [String: Threshold] = [:]
    }

    /// One room's level, shared by all who log for it.
    package final class Threshold: Sendable {
        @usableFromInline let rawLevel: Atomic<UInt8>

        init(_ level: LogLevel) {
            rawLevel = Atomic(level.rawValue)
        }

        @inlinable
        package func admits(_ level: LogLevel) -> Bool {
            level.rawValue >= rawLevel.load(ordering: .relaxed)
        }
    }

    /// Creates levels: the standard one, and those of the rooms that have their own.
    package init(_ standard: LogLevel = .info, rooms own: [String: LogLevel] = [:]) {
        rooms = Mutex(Rooms(standard: standard, own: own))
    }

    /// Replaces all levels, as a reload does.
    package func set(_ standard: LogLevel, rooms own: [String: LogLevel] = [:]) {
        rooms.withLock { rooms in
            rooms.standard = standard
            rooms.own = own
            for (room, threshold) in rooms.thresholds {
                let level = own[room] ?? standard
                threshold.rawLevel.store(level.rawValue, ordering: .relaxed)
            }
        }
    }

    package func threshold(of room: String) -> Threshold {
        rooms.withLock { rooms in
            if let known = rooms.thresholds[room] { return known }
            let threshold = Threshold(rooms.own[room] ?? rooms.standard)
            rooms.thresholds[room] = threshold
            return threshold
        }
    }
}
