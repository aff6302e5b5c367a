package import Basics
package import Crypto
package import Wire

/// What connections must keep to. Immutable; a reload puts a new one in its place, and connections
/// opened from then on obey that.
package final class HTTPRules: Sendable {
    package struct Values: Sendable {
        package var limits = HTTPLimits()
        package var headTimeout = Duration.seconds(5)
        package var bodyTimeout = Duration.seconds(10)
        /// Bytes a second that must come of a body, or be taken of a response, on the average of each
        /// body timeout.
        package var minimumBodyRate = 1_024
        package var keepAlive = Duration.seconds(30)
        /// How long to go on reading after the last response, for a client that does not close.
        package var lingering = Duration.seconds(2)
        package var gzipFrom = 1_024
        package var trustedProxies: [IPNetwork] = []
        /// Whether a trusted proxy's connections begin with a PROXY protocol header.
        package var takesProxyProtocol = false
        package var webSocket = WebSocketRules()
        package var tls: TLSContext?

        package init() {}
    }

    package let values: Values

    package init(_ values: Values) {
        self.values = values
    }

    package func trusts(_ address: IPAddress) -> Bool {
        values.trustedProxies.contains { $0.contains(address) }
    }
}
