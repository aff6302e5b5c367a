package import Basics

/// Who owns the media of one loop, and is called there, on its thread, with what comes in.
///
/// A turn's share of one socket comes in batches, each as the kernel gave it, and then the turn is
/// said to have ended: the time to flush what was made of them. All of it is synchronous; it costs a
/// few calls per batch and nothing per datagram.
package protocol MediaReceiver: AnyObject, Sendable {
    /// Datagrams, or frames of TCP connections, that may be changed where they lie. The batch is the
    /// receiver's until it returns.
    func mediaArrived(_ batch: inout IncomingBatch, at now: Instant)
    /// No more will come of this socket in this turn.
    func mediaTurnEnded(at now: Instant)
    /// The instant that ``MediaSockets/schedule(at:)`` was given has come, maybe one that no longer matters.
    func mediaIsDue(at now: Instant)
    /// The connection that stood for a path is gone, other than by ``MediaStreams/close(_:)``.
    func mediaStreamEnded(_ stream: UInt32, _ ending: MediaStreamEnding, at now: Instant)
}

/// Why a TCP connection that carries media is gone.
package enum MediaStreamEnding: String, Hashable, Sendable, CaseIterable {
    /// The peer closed it, or the network broke it.
    case ended
    /// It carried something that is neither STUN at first nor a frame of a size we take.
    case malformed
    /// It said nothing, or proved nothing, in the time it had.
    case silent
}
