package import Basics

/// The door to the world: where it is, who may come in, and how long they may take.
package struct HTTPSettings: SectionKeys {
    package static let all = HTTPSettings()
    package static let name = "http"
    package static let purpose =
        "The door to the world: where it is, who may come in, and how long they may take."

    package enum ProxyProtocol: String, CaseIterable, Sendable {
        case off
        case trusted
    }

    package let listen = Key(
        "http.listen",
        .list(of: .socket, upTo: 16),
        default: [SocketAddress(ip: .loopback, port: 8065)],
        because: "Where to accept connections. Only this machine by default, since the default "
            + "identity.provider believes any name; use [\":8065\"] for all addresses."
    )

    package let publicURL = Key(
        "http.public_url",
        .publicURL,
        default: "",
        because: "Where browsers find this server, if a proxy or a name stands in between. Used "
            + "in links, in cookies and in the origin check."
    )

    package let tlsCertificate = Key(
        "http.tls_certificate",
        .file,
        default: "",
        isReloadable: true,
        because: "The certificate and its chain, as PEM. Set it and tls_key to serve TLS; leave "
            + "both empty where a proxy does."
    )

    package let tlsKey = Key(
        "http.tls_key",
        .file,
        default: "",
        isReloadable: true,
        because: "The certificate's private key, as PEM."
    )

    package let trustedProxies = Key(
        "http.trusted_proxies",
        .list(of: .network),
        default: [],
        isReloadable: true,
        because: "Whose X-Forwarded-For and PROXY headers to believe. Anyone else's are ignored, "
            + "since anyone can write them."
    )

    package let proxyProtocol = Key(
        "http.proxy_protocol",
        .choice,
        default: ProxyProtocol.off,
        because: "\"trusted\" expects a PROXY header (v1 or v2) first on connections from "
            + "trusted_proxies, as load balancers for TCP send it."
    )

    package let allowedOrigins = Key(
        "http.allowed_origins",
        .list(of: .origin),
        default: [],
        isReloadable: true,
        because: "Pages of which other sites may open WebSockets and send requests with cookies. "
            + "The server's own are always allowed; \"*\" allows all."
    )

    package let maxConnections = Key(
        "http.max_connections",
        .whole(1...10_000_000),
        default: 10_000,
        isReloadable: true,
        because: "Connections at once. More than the limit of open files allows is of no use; "
            + "`roost doctor` says what that is."
    )

    package let maxConnectionsPerAddress = Key(
        "http.max_connections_per_address",
        .whole(1...10_000_000),
        default: 100,
        isReloadable: true,
        because: "Connections at once from one address, so that nobody takes them all. An office "
            + "behind one address, or a load test, wants more."
    )

    package let headBytes = Key(
        "http.head_bytes",
        .size(1_024...1 << 20),
        default: 16 << 10,
        isReloadable: true,
        because: "A request's line and header fields together; more is answered 431."
    )

    package let headFields = Key(
        "http.head_fields",
        .whole(8...1_024),
        default: 64,
        isReloadable: true,
        because: "Header fields in one request; more is answered 431."
    )

    package let headTimeout = Key(
        "http.head_timeout",
        .time(.milliseconds(100) ... .seconds(300)),
        default: .seconds(5),
        isReloadable: true,
        because: "From a connection's or request's first byte to the end of its header, so that "
            + "slow senders do not hold connections."
    )

    package let bodyBytes = Key(
        "http.body_bytes",
        .size(1_024...1 << 30),
        default: 64 << 10,
        isReloadable: true,
        because: "A request's body, unless the route has a limit of its own; more is answered 413."
    )

    package let bodyTimeout = Key(
        "http.body_timeout",
        .time(.milliseconds(100) ... .seconds(3_600)),
        default: .seconds(10),
        isReloadable: true,
        because: "The longest silence in the middle of a body."
    )

    package let minimumBodyRate = Key(
        "http.minimum_body_rate",
        .size(0...1 << 20),
        default: 1 << 10,
        isReloadable: true,
        because: "Bytes a second below which a body counts as an attack. 0 turns this off."
    )

    package let keepAlive = Key(
        "http.keep_alive",
        .time(.seconds(1) ... .seconds(3_600)),
        default: .seconds(30),
        isReloadable: true,
        because: "How long a connection may wait for its next request. Behind a load balancer, "
            + "make this longer than its own idle time."
    )

    package let shutdownGrace = Key(
        "http.shutdown_grace",
        .time(.zero ... .seconds(3_600)),
        default: .seconds(20),
        isReloadable: true,
        because: "How long requests in flight may go on after SIGTERM. Kubernetes kills after 30s "
            + "unless told otherwise."
    )

    package let gzipFrom = Key(
        "http.gzip_from",
        .size(0...1 << 30),
        default: 1 << 10,
        isReloadable: true,
        because: "Texts at least this long are compressed for clients that want it; shorter ones "
            + "cost more time than they save."
    )
}
