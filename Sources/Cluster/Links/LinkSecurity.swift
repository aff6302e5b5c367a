package import Basics
package import Crypto

/// How two nodes prove to each other that they are of one cluster: by a secret that both know, or by
/// certificates that one authority has signed. Either way all that they say is hidden (TLS 1.3).
package struct LinkSecurity: Sendable {
    let server: TLSContext
    let client: TLSContext
    /// Whether the other's certificate must bear the name of its node.
    let provesNames: Bool
    /// What to look at when the other is not believed.
    let advice: String

    /// By secret. The one before it still counts, so that nodes can be given the new one in turn.
    package init(secret: Secret, previous: Secret?) throws(TLSFault) {
        let keys = [secret, previous].compactMap { $0 }.map {
            PreSharedKey(secret: $0, purpose: "links between nodes")
        }
        server = try .preShared(.server, keys)
        client = try .preShared(.client, keys)
        provesNames = false
        advice = "give both nodes the same cluster.secret"
    }

    /// By certificates: the node's own, and the authorities that it believes.
    package init(
        certificateChainPEM: [UInt8],
        privateKeyPEM: [UInt8],
        authoritiesPEM: [UInt8]
    ) throws(TLSFault) {
        func context(_ role: TLSContext.Role) throws(TLSFault) -> TLSContext {
            try .mutual(
                role,
                certificateChainPEM: certificateChainPEM.span,
                privateKeyPEM: privateKeyPEM.span,
                authoritiesPEM: authoritiesPEM
            )
        }
        server = try context(.server)
        client = try context(.client)
        provesNames = true
        advice =
            "both nodes need a certificate of one authority, which bears the node's name; see "
            + "`roost cluster init`"
    }
}
