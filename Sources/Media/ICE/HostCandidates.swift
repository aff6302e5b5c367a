package import Basics

/// Which candidates of ours clients are told: for each usable address one of UDP and one of TCP
/// (passive: we never connect).
///
/// Everything comes from outside, as found or configured; this only says what follows. The rules are
/// those that operators know from the service this one can stand in for:
///
/// - An address is usable if it was found on this machine and, where a list is configured, stands in
///   it. IPv6 only if allowed. Link-local never; loopback only if configured, or if there is nothing
///   else, as on a laptop without a network.
/// - A host override, or else what STUN has found, replaces the address; loopback stays as it is.
/// - A port override goes with external addresses only, of UDP and TCP alike.
package struct HostCandidates: Sendable {
    /// On the interfaces that are up.
    package var found: [IPAddress]
    /// Configured ones; empty means all.
    package var udpAddresses: [IPAddress] = []
    package var tcpAddresses: [IPAddress] = []
    package var allowsIPv6 = false
    /// Nil: not listened on.
    package var udpPort: UInt16?
    package var tcpPort: UInt16?
    package var hostOverride = HostOverride.none
    package var portOverride = PortOverride.none
    /// Public addresses by local ones, as STUN has found them. An override makes them moot.
    package var discovered: [IPAddress: IPAddress] = [:]

    /// More than anybody has; a description holds sixty-four candidates.
    package static let mostAddresses = 16

    package init(found: [IPAddress], udpPort: UInt16?, tcpPort: UInt16?) {
        self.found = found
        self.udpPort = udpPort
        self.tcpPort = tcpPort
    }

    /// Local addresses to receive UDP on, in the order in which they were found.
    package var udpLocals: [IPAddress] { udpPort == nil ? [] : usable(udpAddresses) }
    package var tcpLocals: [IPAddress] { tcpPort == nil ? [] : usable(tcpAddresses) }

    /// The candidates, those to be preferred first.
    package func candidates() -> [ICECandidate] {
        var candidates: [ICECandidate] = []
        let udp = udpPort.map { addresses(for: udpLocals, port: $0) } ?? []
        for (rank, address) in udp.enumerated() {
            candidates.append(candidate(address, .udp, rank: rank))
        }
        let tcp = tcpPort.map { addresses(for: tcpLocals, port: $0) } ?? []
        for (rank, address) in tcp.enumerated() {
            candidates.append(candidate(address, .tcp(.passive), rank: rank))
        }
        return candidates
    }

    private func candidate(
        _ address: SocketAddress,
        _ transport: ICECandidate.Transport,
        rank: Int
    ) -> ICECandidate {
        let order = UInt16(truncatingIfNeeded: rank)
        let priority: UInt32
        let letter: String
        switch transport {
        case .udp:
            // RFC 8445 section 5.1.2.2: another local preference for each address.
            priority = ICECandidate.priority(typePreference: 126, localPreference: 65_535 - order)
            letter = "u"
        case .tcp:
            // RFC 6544 section 4.2: passive is 4 in the upper three bits. Below every UDP candidate.
            let preference = 4 << 13 | (8_191 - order)
            priority = ICECandidate.priority(typePreference: 90, localPreference: preference)
            letter = "t"
        }
        return ICECandidate(
            foundation: letter + String(Self.mark(of: address.ip), radix: 16),
            transport: transport,
            priority: priority,
            host: .address(address.ip),
            port: address.port,
            kind: .host
        )
    }

    /// The same for the same address, whatever else there is (RFC 8445 section 5.1.1.3).
    private static func mark(of address: IPAddress) -> UInt32 {
        var bytes: [UInt8] = []
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: address.high >> shift))
            bytes.append(UInt8(truncatingIfNeeded: address.low >> shift))
        }
        return CRC32.checksum(of: bytes.span)
    }

    /// What clients are told for these local addresses.
    private func addresses(for locals: [IPAddress], port: UInt16) -> [SocketAddress] {
        let externalPort = portOverride.port(for: port, on: found)
        var addresses: [SocketAddress] = []
        for local in locals {
            for ip in externals(of: local) {
                let isExternal = ip != local || isNamedExternal(local)
                let address = SocketAddress(ip: ip, port: isExternal ? externalPort : port)
                guard !addresses.contains(address) else { continue }
                addresses.append(address)
            }
        }
        return Array(addresses.prefix(Self.mostAddresses))
    }

    private func externals(of local: IPAddress) -> [IPAddress] {
        if local.isLoopback { return [local] }
        switch hostOverride {
        case .none, .name:
            return [discovered[local] ?? local]
        case .addresses(let externals):
            let own = externals.filter { $0.family == local.family }
            // An override of IPv4 says nothing about IPv6.
            return own.isEmpty ? [local] : own
        case .pairs(let pairs):
            return pairs.filter { $0.local == local }.map(\.external)
        }
    }

    /// Whether somebody said that this local address is the external one too.
    private func isNamedExternal(_ local: IPAddress) -> Bool {
        switch hostOverride {
        case .none, .name: discovered[local] == local
        case .addresses(let externals): externals.contains(local)
        case .pairs(let pairs): pairs.contains { $0.external == local }
        }
    }

    private func usable(_ configured: [IPAddress]) -> [IPAddress] {
        var seen: Set<IPAddress> = []
        let all = found.filter { address in
            guard !address.isUnspecified, !address.isLinkLocal, seen.insert(address).inserted else {
                return false
            }
            guard address.family == .v4 || allowsIPv6 || configured.contains(address) else {
                return false
            }
            return configured.isEmpty || configured.contains(where: { $0.covers(address) })
        }
        let wide = all.filter { address in !address.isLoopback || configured.contains(address) }
        return Array((wide.isEmpty ? all : wide).prefix(Self.mostAddresses))
    }
}

extension IPAddress {
    /// 169.254.0.0/16 or fe80::/10: known on one wire only.
    fileprivate var isLinkLocal: Bool {
        switch family {
        case .v4: low >> 16 == 0xA9FE
        case .v6: high >> 54 == 0xFE80 >> 6
        }
    }

    /// As a configured address: 0.0.0.0 and :: mean all of theirs.
    fileprivate func covers(_ other: IPAddress) -> Bool {
        self == other || isUnspecified && (family == other.family || family == .v6)
    }
}
