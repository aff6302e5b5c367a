package import Basics
internal import Synchronization

/// What everything that a call's host sends or writes must pass: it is open until the instant up to which the
/// node may host, and one look at it costs one load.
///
/// It shuts by itself. A node that is cut off, frozen, or woken after a freeze finds it shut before it has
/// heard of anything.
package final class HoldGate: Sendable {
    private let limit: Atomic<Int64>

    /// A gate that is always open, for a node that is alone.
    package static let ofOneAlone = HoldGate(until: Instant(nanoseconds: .max))

    package init(until limit: Instant) {
        self.limit = Atomic(limit.nanoseconds)
    }

    package func isOpen(at now: Instant) -> Bool {
        now.nanoseconds < limit.load(ordering: .relaxed)
    }

    /// Nil shuts it.
    func set(until limit: Instant?) {
        self.limit.store(limit?.nanoseconds ?? .min, ordering: .relaxed)
    }
}
