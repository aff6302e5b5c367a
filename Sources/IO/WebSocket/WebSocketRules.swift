/// What websockets must keep to.
package struct WebSocketRules: Sendable {
    package var messageBytes = 64 * 1024
    package var fragments = 1_024
    package var queueBytes = 256 * 1024
    package var queueFrames = 256
    /// How long a reader may stay above those before it is cut.
    package var slowGrace = Duration.seconds(5)
    package var pingInterval = Duration.seconds(30)
    /// How long a peer may stay silent, pongs included.
    package var idleTimeout = Duration.seconds(100)
    /// How long to wait for the peer's goodbye, and for its end of the connection.
    package var closingTimeout = Duration.seconds(2)
    package var isCompressed = true
    package var compressionFrom = 1_024

    package init() {}
}
