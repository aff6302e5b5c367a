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
        /// Bytes a second below which a body is given up, once the body timeout has passed; also the
        /// pace at which a client must take what it asked for.
        package var minimumBodyRate = 1_024
        package var keepAlive = Duration.seconds(30)
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
