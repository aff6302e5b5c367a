internal import Basics
package import Media

/// Whether a STUN server answers, and by which address it sees this machine.
package struct STUNCheck: Check {
    private let server: STUNServer
    private let advertised: String
    private let patience: Duration

    package init(_ server: STUNServer, advertised: String, patience: Duration = .seconds(2)) {
        self.server = server
        self.advertised = advertised
        self.patience = patience
    }

    package var name: String { "stun \(server.host)" }

    package func look() -> Outcome {
        guard !server.isSecure else {
            return .skipped("stuns: is not asked; browsers ignore it too")
        }
        let deadline = Deadline.after(patience)
        let address: SocketAddress
        do throws(Resolver.Fault) {
            address = try server.address()
        } catch {
            return .fail(
                "\(error)",
                remedy: "correct the name in media.ice_servers, or its DNS entry"
            )
        }
        do throws(STUNDialogue.Fault) {
            var dialogue = try STUNDialogue(
                to: address,
                overTCP: server.isStream,
                by: deadline
            )
            return judge(try dialogue.ask(.binding, by: deadline) { $0.appendFingerprint() })
        } catch {
            return .fail(
                "\(address): \(error)",
                remedy: """
                    let \(server.isStream ? "TCP" : "UDP") to \(address) and its answers through \
                    the firewall, or name another server in media.ice_servers
                    """
            )
        }
    }

    private func judge(_ answer: [UInt8]) -> Outcome {
        guard let seen = Self.mapped(answer) else {
            return .fail(
                "answers, but not with an address",
                remedy: "name another server in media.ice_servers"
            )
        }
        let isForeign = !advertised.isEmpty && !advertised.contains("\(seen.ip)")
        guard isForeign, let known = Self.addresses(advertised), !known.contains(seen.ip) else {
            return .ok("sees this machine as \(seen.ip)")
        }
        return .warn(
            "sees this machine as \(seen.ip), but \(advertised) is advertised",
            remedy: "unless calls come in by another way: set ROOST_MEDIA_HOST_OVERRIDE=\(seen.ip)"
        )
    }

    static func mapped(_ answer: [UInt8]) -> SocketAddress? {
        do throws(STUNFault) {
            let message = try STUNMessage(answer.span)
            guard message.kind == .success else { return nil }
            return message.address(.xorMappedAddress) ?? message.address(.mappedAddress)
        } catch {
            return nil
        }
    }

    private static func addresses(_ advertised: String) -> [IPAddress]? {
        do throws(Resolver.Fault) {
            return try Resolver.addresses(of: advertised)
        } catch {
            return nil  // the check of the advertised address says so
        }
    }
}
