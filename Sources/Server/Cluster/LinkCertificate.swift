internal import Basics
internal import Coordination
internal import Crypto
internal import IO

/// What this node shows to the others, looked at before they see it: they would say no more than that they do
/// not believe it.
struct LinkCertificate {
    private let certificate: Certificate

    /// Refuses one that nobody would believe.
    init(_ chainPEM: [UInt8], of name: NodeName, at now: Int64) throws(NodeFault) {
        let chain: [Certificate]
        do throws(KeyFault) {
            chain = try Certificate.chain(pem: chainPEM.span)
        } catch {
            throw NodeFault("cluster.certificate: \(error)")
        }
        guard let own = chain.first else {
            throw NodeFault("cluster.certificate holds none; `roost cluster init` makes one")
        }
        certificate = own
        if own.notAfter <= now {
            throw NodeFault(
                "cluster.certificate has expired on \(Self.day(own.notAfter)), and no node would "
                    + "believe it; make another with `roost cluster init`"
            )
        }
        if own.notBefore > now {
            throw NodeFault(
                "cluster.certificate counts only from \(WallTime(seconds: own.notBefore).rfc3339) "
                    + "on, and no node would believe it; is this machine's clock right?"
            )
        }
        guard own.names.contains(name.description) else {
            let names = own.names.prefix(5).joined(separator: ", ")
            throw NodeFault(
                "cluster.certificate is for \(names.isEmpty ? "no name" : names), and this node "
                    + "is \(name); make one for it with `roost cluster init \(name)`, or set node.name"
            )
        }
    }

    /// For as long as nodes are linked nothing is noticed of its end: it has to be seen coming.
    func show(in registry: MetricRegistry, at now: Int64, _ log: Log) {
        let end = Double(certificate.notAfter)
        registry.gauge(
            "roost_cluster_certificate_not_after_seconds",
            help: "Until when this node's certificate for links counts, in seconds since 1970.",
            reading: { end }
        )
        let isShort = certificate.notAfter - certificate.notBefore <= Self.soon
        guard !isShort, certificate.notAfter - now < Self.soon else { return }
        log.warning(
            "this node's certificate for links expires within two weeks; make another with "
                + "`roost cluster init`",
            ["not_after": .string(WallTime(seconds: certificate.notAfter).rfc3339)]
        )
    }

    private static func day(_ seconds: Int64) -> String {
        String(WallTime(seconds: seconds).rfc3339.prefix(10))
    }

    private static let soon: Int64 = 14 * 24 * 3_600
}
