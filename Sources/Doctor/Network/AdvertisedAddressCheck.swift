internal import Basics

/// Whether the address that clients are told to send media to is one they can send to.
///
/// The mistake behind most calls that connect and stay silent: an address of the inside, or none,
/// or 0.0.0.0, which means "all of mine" to a server and nothing to a client.
package struct AdvertisedAddressCheck: Check {
    private let advertised: String
    private let local: LocalAddresses
    private let mediaPort: UInt16
    private let learnsBySTUN: Bool

    /// `advertised` is an address, a host name, or `outside/inside` pairs with commas between.
    package init(
        _ advertised: String,
        local: LocalAddresses,
        mediaPort: UInt16,
        learnsBySTUN: Bool
    ) {
        self.advertised = advertised
        self.local = local
        self.mediaPort = mediaPort
        self.learnsBySTUN = learnsBySTUN
    }

    package var name: String { "advertised address" }

    package func look() -> Outcome {
        guard !advertised.isEmpty else { return lookAtNone() }
        var seen: [String] = []
        var worst: Outcome?
        for part in advertised.split(separator: ",") {
            let sides = part.split(separator: "/", maxSplits: 1).map { $0.drop { $0 == " " } }
            guard let outside = sides.first, !outside.isEmpty else { continue }
            let outcome = judge(String(outside), inside: sides.count > 1 ? String(sides[1]) : nil)
            if outcome.isFailure { return outcome }
            if outcome.remedy != nil { worst = worst ?? outcome }
            seen.append(outcome.seen)
        }
        return worst ?? .ok(seen.joined(separator: "\n"))
    }

    private func lookAtNone() -> Outcome {
        if let address = local.outward.first(where: { $0.kind == "public" }) {
            return .ok("none is set; this machine's own is public: \(address)")
        }
        if learnsBySTUN { return .ok("none is set; the STUN servers say it, see below") }
        let own = local.outward.first.map { "\($0)" } ?? "none"
        return .warn(
            "none is set, and this machine's own is not public (\(own))",
            remedy:
                "set ROOST_MEDIA_HOST_OVERRIDE to the address by which callers reach this machine"
        )
    }

    private func judge(_ outside: String, inside: String?) -> Outcome {
        if let inside {
            let isOurs = local.all.contains { "\($0)" == inside }
            guard isOurs else {
                return .fail("\(inside) is not an address of this machine", remedy: remedy)
            }
        }
        let addresses: [IPAddress]
        do throws(Resolver.Fault) {
            addresses = try Resolver.addresses(of: outside)
        } catch {
            return .fail("\(error)", remedy: remedy)
        }
        let outcomes = addresses.map { judge($0, called: outside) }
        return outcomes.first(where: \.isFailure) ?? outcomes.first { $0.remedy != nil }
            ?? outcomes.first ?? .fail("\(outside) has no address", remedy: remedy)
    }

    private func judge(_ address: IPAddress, called name: String) -> Outcome {
        let shown = name == "\(address)" ? name : "\(name) (\(address))"
        let isOurs = local.all.contains(address)
        switch address.kind {
        case "unspecified":
            return .fail("\(shown) is no address a client could send to", remedy: remedy)
        case "loopback":
            return .warn("\(shown): every client would call itself, except on here", remedy: remedy)
        case "private":
            guard isOurs else {
                return .warn("\(shown) is private, and not one of this machine's", remedy: remedy)
            }
            return .warn(
                "\(shown) is private: nobody outside this network can call",
                remedy: remedy
            )
        default:
            if isOurs { return .ok("\(shown), one of this machine's") }
            let forwarding = "udp and tcp port \(mediaPort) have to be forwarded here"
            return .ok("\(shown), public and not this machine's own: \(forwarding)")
        }
    }

    private var remedy: String {
        let own = local.outward.first.map { "\($0)" } ?? "none"
        return """
            set ROOST_MEDIA_HOST_OVERRIDE to the address by which callers reach this machine; \
            its own is \(own)
            """
    }
}
