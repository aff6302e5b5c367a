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
}
