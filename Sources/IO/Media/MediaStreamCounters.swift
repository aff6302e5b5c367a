/// What has gone through the TCP connections of one media loop. Plain numbers of its thread.
package struct MediaStreamCounters: Hashable, Sendable {
    package var adopted: UInt64 = 0
    package var ended: UInt64 = 0
    package var malformed: UInt64 = 0
    package var silent: UInt64 = 0
    package var receivedFrames: UInt64 = 0
    package var receivedBytes: UInt64 = 0
    /// Frames that the kernel or the queue has taken.
    package var sentFrames: UInt64 = 0
    /// Bytes that the kernel has taken.
    package var sentBytes: UInt64 = 0
    /// Packets for a connection whose reader is too slow, or broken.
    package var droppedFrames: UInt64 = 0
    /// Packets for a connection that is gone.
    package var lateFrames: UInt64 = 0
    /// Connections more than a loop has places for.
    package var refused: UInt64 = 0

    package init() {}
}
