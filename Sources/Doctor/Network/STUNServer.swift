internal import Basics

/// A STUN or TURN server as RFC 7064 and RFC 7065 write it: `turn:example.com:3478?transport=tcp`.
package struct STUNServer: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case stun
        case stuns
        case turn
        case turns
    }

    package var scheme: Scheme
    package var host: String
    package var port: UInt16
    /// `?transport=tcp`; UDP if it isn't said, or TCP under `stuns` and `turns`.
    package var isStream: Bool

    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let scheme = Scheme(rawValue: parts[0].lowercased()) else {
            return nil
        }
        self.scheme = scheme
        let isSecure = scheme == .stuns || scheme == .turns
        let halves = parts[1].split(separator: "?", maxSplits: 1).map(String.init)
        guard let place = halves.first else { return nil }
        switch halves.count > 1 ? halves[1] : "" {
        case "": isStream = isSecure
        case "transport=udp": isStream = false
        case "transport=tcp": isStream = true
        default: return nil
        }
        let usual: UInt16 = isSecure ? 5_349 : 3_478
        guard let (host, port) = HostAndPort.split(place, usual: usual) else { return nil }
        self.host = host
        self.port = port
    }

    package var isTURN: Bool { scheme == .turn || scheme == .turns }
    package var isSecure: Bool { scheme == .stuns || scheme == .turns }

    /// Where the server is, by its name. Of several addresses the first of IPv4, if there is any.
    func address() throws(Resolver.Fault) -> SocketAddress {
        let all = try Resolver.addresses(of: host)
        guard let ip = all.first(where: { $0.family == .v4 }) ?? all.first else {
            throw Resolver.Fault(name: host, why: "it has no address")
        }
        return SocketAddress(ip: ip, port: port)
    }
}

/// `host`, `host:port`, `[v6]` and `[v6]:port`.
enum HostAndPort {
    static func split(_ text: String, usual: UInt16) -> (host: String, port: UInt16)? {
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<bracket])
            let rest = text[text.index(after: bracket)...]
            if rest.isEmpty { return (host, usual) }
            guard rest.first == ":", let port = UInt16(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        guard let colon = text.lastIndex(of: ":") else {
            return text.isEmpty ? nil : (text, usual)
        }
        let host = text[..<colon]
        if host.contains(":") { return (text, usual) }
        guard !host.isEmpty, let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        return (String(host), port)
    }
}
