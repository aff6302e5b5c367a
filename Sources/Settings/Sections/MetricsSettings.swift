package import Basics

/// Figures for Prometheus.
package struct MetricsSettings: SectionKeys {
    package static let all = MetricsSettings()
    package static let name = "metrics"
    package static let purpose = "Figures for Prometheus."

    package let listen = Key(
        "metrics.listen",
        .list(of: .socket, upTo: 16),
        default: [SocketAddress(ip: .loopback, port: 8067)],
        because: "Where /metrics is served, apart from the public door since figures are nobody "
            + "else's business. [] turns it off."
    )
}
