package import Basics

/// What clients are told in place of the machine's own addresses, when these mean nothing to them:
/// behind NAT one to one, or in a container.
package enum HostOverride: Hashable, Sendable {
    package struct Pair: Hashable, Sendable {
        package var external: IPAddress
        package var local: IPAddress

        package init(external: IPAddress, local: IPAddress) {
            self.external = external
            self.local = local
        }
    }

    case none
    /// To be looked up by the owner, and put in by ``resolved(to:)``. Until then it is as none.
    case name(String)
    /// These for every local address of their family.
    case addresses([IPAddress])
    /// Each for its own; local addresses that no pair names are not told at all.
    case pairs([Pair])

    /// Reads nothing, a name, addresses between commas, or pairs `external/local` between commas.
    package init(_ text: some StringProtocol) throws(OverrideFault) {
        let words = try OverrideFault.words(of: text)
        guard let first = words.first else {
            self = .none
            return
        }
        if words.contains(where: { $0.contains("/") }) {
            var pairs: [Pair] = []
            for word in words {
                let parts = word.split(separator: "/", omittingEmptySubsequences: false)
                guard parts.count == 2, let external = IPAddress(strict: parts[0]),
                    let local = IPAddress(strict: parts[1]), external.family == local.family
                else { throw OverrideFault(.pair, word) }
                pairs.append(Pair(external: external, local: local))
            }
            self = .pairs(pairs)
            return
        }
        let addresses = words.compactMap { IPAddress(strict: $0) }
        if addresses.count == words.count {
            self = .addresses(addresses)
            return
        }
        guard words.count == 1, case .name(let name)? = ICECandidate.Host(first) else {
            throw OverrideFault(.host, text)
        }
        self = .name(name)
    }

    package func resolved(to addresses: [IPAddress]) -> HostOverride {
        if case .name = self { .addresses(addresses) } else { self }
    }
}

/// The ports that clients are told, when NAT changes them.
package enum PortOverride: Hashable, Sendable {
    case none
    case all(UInt16)
    /// For several nodes behind one address, which all have the same text: the port of whichever local
    /// address is ours.
    case byAddress([SocketAddress])

    /// Reads nothing, a port (zero is none), or pairs `local address/port` between commas.
    package init(_ text: some StringProtocol) throws(OverrideFault) {
        let words = try OverrideFault.words(of: text)
        guard let first = words.first else {
            self = .none
            return
        }
        if words.count == 1, !first.contains("/") {
            guard let port = Self.port(first) else { throw OverrideFault(.port, first) }
            self = port == 0 ? .none : .all(port)
            return
        }
        var ports: [SocketAddress] = []
        for word in words {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let local = IPAddress(strict: parts[0]),
                let port = Self.port(parts[1]), port > 0
            else { throw OverrideFault(.portPair, word) }
            guard !ports.contains(where: { $0.ip == local }) else {
                throw OverrideFault(.twice, word)
            }
            ports.append(SocketAddress(ip: local, port: port))
        }
        self = .byAddress(ports)
    }

    /// The port for clients in place of this one, on a node with these local addresses.
    package func port(for port: UInt16, on locals: [IPAddress]) -> UInt16 {
        switch self {
        case .none: port
        case .all(let external): external
        case .byAddress(let ports): ports.first { locals.contains($0.ip) }?.port ?? port
        }
    }

    private static func port(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        return UInt16(text)
    }
}

/// Why an override can't be read.
package struct OverrideFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Sendable {
        case tooMany = "an override has at most 32 entries"
        case host = "a host override is one name, addresses, or pairs external/internal"
        case pair = "a pair is two addresses of one family: external/internal"
        case port = "a port is a number from 0 to 65535"
        case portPair = "a port for one address is address/port"
        case twice = "an address has one port"
    }

    package var rule: Rule
    package var word: String

    init(_ rule: Rule, _ word: some StringProtocol) {
        self.rule = rule
        self.word = String(word.prefix(80))
    }

    package var description: String { "\(rule.rawValue); correct \"\(word)\"" }

    static func words(of text: some StringProtocol) throws(OverrideFault) -> [String] {
        guard text.utf8.count <= 4_096 else { throw OverrideFault(.tooMany, text) }
        let words = text.split(separator: ",", omittingEmptySubsequences: true).compactMap { word in
            let bare = word.drop { $0 == " " }
            let end = bare.lastIndex { $0 != " " }
            return end.map { String(bare[...$0]) }
        }
        guard words.count <= 32 else { throw OverrideFault(.tooMany, text) }
        return words
    }
}

extension IPAddress {
    /// Nil in place of an error, for those who try something else then.
    fileprivate init?(strict text: some StringProtocol) {
        do throws(AddressFault) {
            self = try IPAddress(String(text))
        } catch {
            return nil
        }
    }
}
