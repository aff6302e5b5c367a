package import Wire

/// How much an ``HTTPClient`` may hold, and for how long it waits.
package struct HTTPClientRules: Sendable {
    /// Connections to one scheme, host and port, in use and at rest.
    package var connectionsPerOrigin = 8
    /// Connections to all of them together.
    package var connections = 64
    /// Requests that wait for a connection to become free.
    package var waiting = 256
    /// How long a connection at rest is kept: less than what servers usually allow (nginx 75 s).
    package var idleTimeout = Duration.seconds(30)
    package var resolveTimeout = Duration.seconds(5)
    /// For all addresses of the host together; each is given its share.
    package var connectTimeout = Duration.seconds(5)
    package var handshakeTimeout = Duration.seconds(5)
    /// From the call to the last byte of the answer, the wait for a connection included.
    package var exchangeTimeout = Duration.seconds(30)
    package var limits: HTTPLimits

    package init() {
        limits = HTTPLimits()
        limits.bodyBytes = 1 << 20
    }
}
