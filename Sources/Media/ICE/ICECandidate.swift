package import Basics

/// An address at which an end may be reached, as descriptions tell it (RFC 8839 section 5.1, RFC 6544
/// section 4.5).
///
///     candidate:1 1 udp 2130706431 192.0.2.1 8443 typ host generation 0 ufrag AbCd
package struct ICECandidate: Hashable, Sendable {
    package enum Transport: Hashable, Sendable {
        case udp
        case tcp(TCPKind)
    }

    package enum TCPKind: String, Sendable {
        case active
        case passive
        case simultaneousOpen = "so"
    }

    package enum Kind: String, Sendable {
        case host
        case serverReflexive = "srflx"
        case peerReflexive = "prflx"
        case relayed = "relay"
    }

    /// A name is an mDNS one as a rule, by which browsers hide their addresses.
    package enum Host: Hashable, Sendable {
        case address(IPAddress)
        case name(String)
    }

    package var foundation: String
    package var component: UInt16
    package var transport: Transport
    package var priority: UInt32
    package var host: Host
    package var port: UInt16
    package var kind: Kind
    /// From where it was found out: browsers put zeros here to hide it.
    package var related: SocketAddress?
    package var generation: UInt32?
    /// Of which credentials it is, if it came by itself.
    package var ufrag: String?

    package init(
        foundation: String,
        component: UInt16 = 1,
        transport: Transport,
        priority: UInt32,
        host: Host,
        port: UInt16,
        kind: Kind,
        related: SocketAddress? = nil,
        generation: UInt32? = nil,
        ufrag: String? = nil
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.host = host
        self.port = port
        self.kind = kind
        self.related = related
        self.generation = generation
        self.ufrag = ufrag
    }

    /// The number by which ends agree on what to try first (RFC 8445 section 5.1.2.1).
    package static func priority(
        typePreference: UInt8,
        localPreference: UInt16,
        component: UInt16 = 1
    ) -> UInt32 {
        UInt32(min(typePreference, 126)) << 24 | UInt32(localPreference) << 8
            | UInt32(256 - min(max(component, 1), 256))
    }
}

extension ICECandidate: CustomStringConvertible {
    /// As it stands behind `a=` in a description, and alone in a message.
    package var description: String {
        var text = "candidate:\(foundation) \(component) "
        let hostText: String =
            switch host {
            case .address(let address): "\(address)"
            case .name(let name): name
            }
        switch transport {
        case .udp: text += "udp"
        case .tcp: text += "tcp"
        }
        text += " \(priority) \(hostText) \(port) typ \(kind.rawValue)"
        if let related { text += " raddr \(related.ip) rport \(related.port)" }
        if case .tcp(let kind) = transport { text += " tcptype \(kind.rawValue)" }
        if let generation { text += " generation \(generation)" }
        if let ufrag { text += " ufrag \(ufrag)" }
        return text
    }
}
