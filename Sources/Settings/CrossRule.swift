import Basics

/// A rule between settings, each of which is right by itself.
struct CrossRule: Sendable {
    struct Breach {
        /// The setting to blame.
        var key: any AnyKey
        var rule: String
    }

    /// The settings that the rule looks at; it isn't asked if one of them is faulty already.
    let paths: Set<String>
    let breach: @Sendable (Settings) -> Breach?

    init(
        _ keys: [any AnyKey],
        breach: @escaping @Sendable (Settings) -> Breach?
    ) {
        paths = Set(keys.map(\.path))
        self.breach = breach
    }

    static let all: [CrossRule] =
        [
            both(http.tlsCertificate, http.tlsKey),
            devStaysHome,
            tokensNeedKeys,
            atMost(websocket.unauthenticatedPerAddress, websocket.unauthenticatedTotal),
            atMost(http.maxConnectionsPerAddress, http.maxConnections),
            atMost(websocket.pingInterval, websocket.idleTimeout),
            atMost(websocket.messageBytes, websocket.queueBytes),
            proxyHeadersNeedProxies,
            listensSomewhere,
            needs(calls.enableTranscriptions, calls.enableRecordings),
            needs(calls.enableLiveCaptions, calls.enableTranscriptions),
            webhooksAreSigned,
        ] + ofClusters

    private static let http = HTTPSettings.all
    private static let websocket = WebSocketSettings.all
    private static let identity = IdentitySettings.all
    private static let calls = CallsSettings.all

    private static func both(_ one: Key<String>, _ other: Key<String>) -> CrossRule {
        CrossRule([one, other]) { settings in
            guard settings[one].isEmpty != settings[other].isEmpty else { return nil }
            let (given, missing) = settings[one].isEmpty ? (other, one) : (one, other)
            return Breach(key: given, rule: "needs \(missing.path) too; set both or neither")
        }
    }

    private static func atMost<Value: Comparable>(
        _ small: Key<Value>,
        _ large: Key<Value>
    ) -> CrossRule {
        CrossRule([small, large]) { settings in
            guard settings[small] > settings[large] else { return nil }
            let value = small.text(in: settings)
            let limit = large.text(in: settings)
            let isSmallBlamed = settings.origin(of: small) != .builtIn
            return isSmallBlamed
                ? Breach(key: small, rule: "must be at most \(large.path) (\(limit)), got \(value)")
                : Breach(
                    key: large,
                    rule: "must be at least \(small.path) (\(value)), got \(limit)"
                )
        }
    }

    private static let devStaysHome = CrossRule(
        [identity.provider, identity.insecureDev, http.listen]
    ) { settings in
        guard settings[identity.provider] == .dev, !settings[identity.insecureDev],
            let address = settings[http.listen].first(where: { !$0.ip.isLoopback })
        else { return nil }
        return Breach(
            key: http.listen,
            rule: "must be loopback only while identity.provider is \"dev\", which believes any "
                + "name, got \(Form<SocketAddress>.socket.write(address)); set identity.provider "
                + "to \"tokens\", or identity.insecure_dev to true if everyone who can reach this "
                + "port may be anyone"
        )
    }

    private static let tokensNeedKeys = CrossRule([identity.provider, identity.keys]) { settings in
        guard settings[identity.provider] == .tokens, settings[identity.keys].isEmpty else {
            return nil
        }
        return Breach(
            key: identity.provider,
            rule: "\"tokens\" needs at least one key to check them with; add [[identity.keys]]"
        )
    }

    private static let proxyHeadersNeedProxies = CrossRule(
        [http.proxyProtocol, http.trustedProxies]
    ) { settings in
        guard settings[http.proxyProtocol] == .trusted, settings[http.trustedProxies].isEmpty else {
            return nil
        }
        return Breach(
            key: http.proxyProtocol,
            rule: "\"trusted\" needs http.trusted_proxies to say who is"
        )
    }

    private static let listensSomewhere = CrossRule([http.listen]) { settings in
        guard settings[http.listen].isEmpty else { return nil }
        return Breach(key: http.listen, rule: "must have at least one address")
    }

    private static func needs(_ one: Key<Bool>, _ other: Key<Bool>) -> CrossRule {
        CrossRule([one, other]) { settings in
            guard settings[one], !settings[other] else { return nil }
            return Breach(key: one, rule: "needs \(other.path) to be true too")
        }
    }

    private static let webhooksAreSigned = CrossRule(
        [calls.webhookURLs, calls.webhookSecret]
    ) { settings in
        guard !settings[calls.webhookURLs].isEmpty else { return nil }
        let secret = settings[calls.webhookSecret].revealedText
        if secret.utf8.count < 16 {
            return Breach(
                key: calls.webhookURLs,
                rule: "needs calls.webhook_secret of at least 16 bytes to sign with; "
                    + "`openssl rand -hex 32` makes one"
            )
        }
        return nil
    }
}
