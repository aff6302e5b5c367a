package import Basics

/// What the front door counts. One cell a loop, so that loops don't share a cache line.
package struct HTTPMetrics: Sendable {
    package let connections: Gauge
    package let connectionsAccepted: Counter
    package let connectionsRefused: CounterFamily
    package let requests: CounterFamily
    /// By the status's first digit, so that the hot path looks nothing up.
    package let requestsByClass: [Counter]
    package let requestSeconds: Histogram
    package let refusals: CounterFamily
    package let smuggling: Counter
    package let bytesIn: Counter
    package let bytesOut: Counter
    package let tlsHandshakes: Counter
    package let tlsFailures: CounterFamily
    package let webSockets: Gauge
    package let webSocketMessages: (incoming: Counter, outgoing: Counter)
    package let webSocketsEnded: CounterFamily

    package init(in registry: MetricRegistry, loops: Int) {
        connections = registry.gauge(
            "roost_http_connections",
            help: "Connections that are open now, websockets included."
        )
        connectionsAccepted = registry.counter(
            "roost_http_connections_accepted_total",
            help: "Connections let in.",
            cells: loops
        )
        connectionsRefused = registry.counters(
            "roost_http_connections_refused_total",
            help: "Connections turned away at the door, by reason.",
            labels: ["reason"]
        )
        let requests = registry.counters(
            "roost_http_requests_total",
            help: "Requests answered, by the class of the status.",
            labels: ["class"],
            cells: loops
        )
        self.requests = requests
        requestsByClass = ["1xx", "2xx", "3xx", "4xx", "5xx"].map { requests.child($0) }
        requestSeconds = registry.histogram(
            "roost_http_request_seconds",
            help: "From a request's head to its response, as handed to the kernel.",
            buckets: .latencies,
            cells: loops
        )
        refusals = registry.counters(
            "roost_http_refusals_total",
            help: "Requests that broke a rule of HTTP/1.1 or a limit, by rule.",
            labels: ["rule"]
        )
        smuggling = registry.counter(
            "roost_http_smuggling_total",
            help: "Refused requests that look like an attempt to smuggle a second one."
        )
        bytesIn = registry.counter(
            "roost_http_received_bytes_total",
            help: "Bytes received over connections that have ended, before decryption.",
            cells: loops
        )
        bytesOut = registry.counter(
            "roost_http_sent_bytes_total",
            help: "Bytes sent over connections that have ended, after encryption.",
            cells: loops
        )
        tlsHandshakes = registry.counter(
            "roost_tls_handshakes_total",
            help: "TLS handshakes completed.",
            cells: loops
        )
        tlsFailures = registry.counters(
            "roost_tls_failures_total",
            help: "TLS connections given up, by reason.",
            labels: ["reason"]
        )
        webSockets = registry.gauge(
            "roost_websocket_connections",
            help: "Websockets that are open now."
        )
        let messages = registry.counters(
            "roost_websocket_messages_total",
            help: "Websocket messages, by direction.",
            labels: ["direction"],
            cells: loops
        )
        webSocketMessages = (messages.child("in"), messages.child("out"))
        webSocketsEnded = registry.counters(
            "roost_websocket_ended_total",
            help: "Websockets that ended, by how.",
            labels: ["reason"]
        )
    }
}
