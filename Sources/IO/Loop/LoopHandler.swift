package import Basics
internal import CLinux

/// What a descriptor has become ready for, as epoll tells it.
package struct Readiness: OptionSet, Sendable {
    package var rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let read = Readiness(rawValue: EPOLLIN.rawValue)
    package static let write = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer has sent all it will send.
    package static let peerEnded = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// The connection is broken, both ways.
    package static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    /// Nothing has come from outside: the handler asked to be visited again.
    package static let again = Readiness(rawValue: 1 << 30)
}

/// Somebody who lives on a ``Loop`` and is told there, on its thread, that something happened.
///
/// Both methods are synchronous: what they do for one event is one step of the loop's turn. An actor
/// whose executor is the loop takes them with `assumeIsolated`.
package protocol LoopHandler: AnyObject, Sendable {
    /// The descriptor is ready. Told once per change (edge-triggered): read until it would block, or
    /// ask for another visit.
    func isReady(_ readiness: Readiness, at now: Instant)
    /// An instant asked for with ``Loop/schedule(_:at:)`` has come, maybe one that no longer matters.
    func isDue(at now: Instant)
}
