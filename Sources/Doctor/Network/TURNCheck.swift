package import Basics
internal import Crypto
package import Media

/// Whether a TURN server gives an allocation to the credentials that Roost hands to clients.
package struct TURNCheck: Check {
    package enum Credentials: Sendable {
        /// Made for a moment from a secret that the TURN server knows: `use-auth-secret` of coturn.
        case secret(Secret)
        case user(String, password: Secret)
        case none
    }

    private let server: STUNServer
    private let isStream: Bool
    private let credentials: Credentials
    /// Seconds since 1970.
    private let now: Int64
    private let patience: Duration

    package init(
        _ server: STUNServer,
        isStream: Bool,
        credentials: Credentials,
        now: Int64,
        patience: Duration = .seconds(2)
    ) {
        self.server = server
        self.isStream = isStream
        self.credentials = credentials
        self.now = now
        self.patience = patience
    }

    package var name: String { "turn \(server.host) \(isStream ? "tcp" : "udp")" }

    package func look() -> Outcome {
        guard !server.isSecure else {
            return .skipped("turns: is not asked; check it from a browser")
        }
        guard let (username, password) = usernameAndPassword else {
            return .skipped("no credentials: set media.turn_secret, or a username and a credential")
        }
        let deadline = Deadline.after(patience)
        do throws(Resolver.Fault) {
            let address = try server.address()
            return look(at: address, username, password, deadline)
        } catch {
            return .fail(
                "\(error)",
                remedy: "correct the name in media.ice_servers, or its DNS entry"
            )
        }
    }

    /// RFC 8656 section 7: the first try is refused with a realm and a nonce, the second has a key.
    private func look(
        at address: SocketAddress,
        _ username: String,
        _ password: String,
        _ deadline: Deadline
    ) -> Outcome {
        do throws(STUNDialogue.Fault) {
            var dialogue = try STUNDialogue(to: address, overTCP: isStream, by: deadline)
            let transport: UInt32 = 17 << 24  // UDP is what is relayed, whatever we speak
            let invitation = Reply(
                try dialogue.ask(.allocate, by: deadline) { writer in
                    writer.append(.requestedTransport, transport)
                }
            )
            if invitation.relayed != nil {
                return .warn(
                    "relays for anybody, without credentials",
                    remedy:
                        "turn on use-auth-secret at the TURN server; strangers pay nothing there"
                )
            }
            guard invitation.error?.code == STUNErrorCode.unauthorized,
                let realm = invitation.realm, let nonce = invitation.nonce
            else { return refused(invitation) }
            let key = STUNKey(username: username, realm: realm, password: password)
            let sign = { (writer: inout STUNWriter) in
                writer.append(.username, username)
                writer.append(.realm, realm)
                writer.append(.nonce, nonce.span)
                writer.appendIntegrity(key)
            }
            let reply = Reply(
                try dialogue.ask(.allocate, by: deadline) { writer in
                    writer.append(.requestedTransport, transport)
                    sign(&writer)
                }
            )
            guard let relayed = reply.relayed else { return refused(reply) }
            giveBack(&dialogue, by: deadline.orAfter(.milliseconds(200)), sign)
            return .ok("relays from \(relayed)")
        } catch {
            let transport = isStream ? "TCP" : "UDP"
            return .fail(
                "\(address): \(error)",
                remedy:
                    "let \(transport) to \(address) and its answers through, or start the server"
            )
        }
    }

    /// Ends the allocation, so that looking often costs the server nothing.
    private func giveBack(
        _ dialogue: inout STUNDialogue,
        by deadline: Deadline,
        _ sign: (_ writer: inout STUNWriter) -> Void
    ) {
        do throws(STUNDialogue.Fault) {
            _ = try dialogue.ask(.refresh, by: deadline) { writer in
                writer.append(.lifetime, UInt32(0))
                sign(&writer)
            }
        } catch {
            // The allocation ends by itself in ten minutes.
        }
    }

    private struct Reply {
        var relayed: SocketAddress?
        var error: STUNErrorCode?
        var realm: String?
        var nonce: [UInt8]?

        init(_ bytes: [UInt8]) {
            do throws(STUNFault) {
                let message = try STUNMessage(bytes.span)
                relayed = message.kind == .success ? message.address(.xorRelayedAddress) : nil
                error = message.error
                realm = message.text(.realm)
                nonce = message.copy(of: .nonce)
            } catch {
                // The dialogue returns messages only.
            }
        }
    }

    private func refused(_ reply: Reply) -> Outcome {
        guard let error = reply.error else {
            return .fail(
                "answers, but neither gives nor refuses an allocation",
                remedy: "check that a TURN server and not only a STUN server listens there"
            )
        }
        let remedy =
            switch error.code {
            case STUNErrorCode.unauthorized, STUNErrorCode.staleNonce:
                """
                give both sides one secret: media.turn_secret here, and at the TURN server (coturn):
                use-auth-secret
                static-auth-secret=THE SAME SECRET
                """
            case 403: "allow this machine at the TURN server (denied-peer-ip, allowed-peer-ip)"
            case 486, 508: "raise the TURN server's quota or its range of relay ports"
            default: "read the TURN server's log"
            }
        return .fail("refuses an allocation: \(error)", remedy: remedy)
    }

    private var usernameAndPassword: (String, String)? {
        switch credentials {
        case .secret(let secret):
            let username = "\(now + 600):roost-doctor"
            var hmac = HMAC(.sha1, key: secret.revealed.span)
            let tag = hmac.code(of: Array(username.utf8).span)
            return (username, Base64.standard.encode(tag.span))
        case .user(let username, let password):
            return (username, password.revealedText)
        case .none:
            return nil
        }
    }
}
