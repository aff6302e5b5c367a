internal import Basics
internal import Calls
package import Crypto
internal import IO
internal import Identity
package import Settings
internal import Wire

// What the settings mean to the rooms below, with the files they name.
extension HTTPRules {
    convenience init(_ settings: Settings) throws(NodeFault) {
        var values = Values()
        let http = settings.http
        values.limits.headBytes = http.headBytes
        values.limits.fields = http.headFields
        values.limits.bodyBytes = UInt64(http.bodyBytes)
        values.headTimeout = http.headTimeout
        values.bodyTimeout = http.bodyTimeout
        values.minimumBodyRate = http.minimumBodyRate
        values.keepAlive = http.keepAlive
        values.gzipFrom = http.gzipFrom
        values.trustedProxies = http.trustedProxies
        values.takesProxyProtocol = http.proxyProtocol == .trusted
        let sockets = settings.websocket
        values.webSocket.messageBytes = sockets.messageBytes
        values.webSocket.fragments = sockets.fragments
        values.webSocket.queueBytes = sockets.queueBytes
        values.webSocket.queueFrames = sockets.queueMessages
        values.webSocket.slowGrace = sockets.slowGrace
        values.webSocket.pingInterval = sockets.pingInterval
        values.webSocket.idleTimeout = sockets.idleTimeout
        values.webSocket.isCompressed = sockets.compression
        values.webSocket.compressionFrom = sockets.compressionFrom
        if !http.tlsCertificate.isEmpty {
            values.tls = try Self.tls(certificate: http.tlsCertificate, key: http.tlsKey)
        }
        self.init(values)
    }

    private static func tls(
        certificate: String,
        key: String
    ) throws(NodeFault) -> TLSContext {
        let chain = try NodeFault.reading(certificate, for: "http.tls_certificate")
        let privateKey = try NodeFault.reading(key, for: "http.tls_key")
        do throws(TLSFault) {
            return try .server(certificateChainPEM: chain.span, privateKeyPEM: privateKey.span)
        } catch {
            throw NodeFault("http.tls_certificate and http.tls_key: \(error.description)")
        }
    }
}

extension LoginDesk.Provider {
    init(_ settings: Settings) throws(NodeFault) {
        let identity = settings.identity
        guard identity.provider == .tokens else {
            self = .dev(DevProvider())
            return
        }
        var keys: [(id: String, key: VerifyingKey)] = []
        for declared in identity.keys { keys.append((declared.id, try declared.verifyingKey())) }
        let rules = TokenKeyring.Rules(
            issuer: identity.tokenIssuer.isEmpty ? nil : identity.tokenIssuer,
            audience: identity.tokenAudience.isEmpty ? nil : identity.tokenAudience,
            skew: identity.clockSkew.components.seconds,
            longestLife: identity.tokenLifetimeMax.components.seconds
        )
        do throws(TokenKeyring.Fault) {
            self = .tokens(try TokenKeyring(keys, rules: rules))
        } catch {
            throw NodeFault("identity.keys: \(error)")
        }
    }
}

extension TokenKey {
    /// The key that tokens are checked with, read from where it is declared to be.
    package func verifyingKey() throws(NodeFault) -> VerifyingKey {
        let place = "identity.keys \"\(id)\""
        let bytes =
            switch material {
            case .secret(let secret): secret.revealed
            case .secretFile(let path): try NodeFault.readingSecret(path, for: place)
            case .publicKeyFile(let path): try NodeFault.reading(path, for: place)
            }
        let key: VerifyingKey
        do throws(KeyFault) {
            if case .publicKeyFile = material {
                key = try VerifyingKey(publicPEM: bytes.span)
            } else {
                key = try VerifyingKey(secret: bytes.span)
            }
        } catch {
            throw NodeFault("\(place): \(error.description)")
        }
        try check(key.algorithm, place)
        return key
    }

    /// The key that tokens are minted with: the shared secret, or the private key's file.
    package func signingKey() throws(NodeFault) -> SigningKey {
        let place = "identity.keys \"\(id)\""
        let (bytes, isPEM) = try signingMaterial(place)
        let key: SigningKey
        do throws(KeyFault) {
            if isPEM {
                key = try SigningKey(privatePEM: bytes.span)
            } else {
                key = try SigningKey(secret: bytes.span)
            }
        } catch {
            throw NodeFault("\(place): \(error.description)")
        }
        try check(key.algorithm, place)
        return key
    }

    private func signingMaterial(
        _ place: String
    ) throws(NodeFault) -> (bytes: [UInt8], isPEM: Bool) {
        switch (material, privateKeyFile) {
        case (.secret(let secret), _):
            return (secret.revealed, false)
        case (.secretFile(let path), _):
            return (try NodeFault.readingSecret(path, for: place), false)
        case (.publicKeyFile, let path?):
            return (try NodeFault.reading(path, for: place), true)
        case (.publicKeyFile, nil):
            throw NodeFault(
                "\(place) has no private_key_file, so nothing can be signed with it; mint tokens "
                    + "where the private key is, or name its file here"
            )
        }
    }

    private func check(_ actual: SignatureAlgorithm, _ place: String) throws(NodeFault) {
        guard actual.rawValue == algorithm.rawValue else {
            throw NodeFault(
                "\(place) is declared \(algorithm.rawValue), but the key is for "
                    + "\(actual.rawValue); correct the one or the other"
            )
        }
    }
}

extension SocketRoutes.Values {
    init(_ settings: Settings) {
        policy = SitePolicy(allowed: settings.http.allowedOrigins)
        rules = ClientSocketRules(
            authenticationTimeout: settings.websocket.authenticationTimeout,
            messages: TokenBucket.Rate(
                perSecond: Double(settings.websocket.messagesPerSecond),
                burst: settings.websocket.burst
            )
        )
    }
}

extension SessionBook.Limits {
    init(_ settings: Settings) {
        let lifetime = settings.identity.sessionLifetime.components.seconds
        self.init(
            longestLife: lifetime,
            longestIdle: lifetime,
            perPerson: settings.identity.sessionsPerUser
        )
    }
}

extension CallDirectory.Values {
    init(_ settings: Settings) {
        let calls = settings.calls
        self.init(
            rules: CallRules(
                participantLimit: calls.maxParticipants,
                allowsScreenSharing: calls.allowScreenSharing,
                allowsVideo: calls.enableVideo,
                reconnectGrace: calls.reconnectGrace
            ),
            isEnabledByDefault: calls.defaultEnabled
        )
    }
}

extension TokenBucket.Rate {
    /// Over all of one person's websockets: a few tabs and a phone, all as busy as may be.
    static func perPerson(_ settings: Settings) -> TokenBucket.Rate {
        TokenBucket.Rate(
            perSecond: Double(settings.websocket.messagesPerSecond * 4),
            burst: settings.websocket.burst * 4
        )
    }

    static func loginsByAddress(_ settings: Settings) -> TokenBucket.Rate {
        TokenBucket.Rate(
            perSecond: Double(settings.limits.loginsPerSecond),
            burst: settings.limits.loginBurst
        )
    }
}

extension LoginDesk.Rates {
    init(_ settings: Settings) {
        let limits = settings.limits
        self.init(
            calls: TokenBucket.Rate(
                perSecond: Double(limits.requestsPerSecond),
                burst: limits.requestBurst
            ),
            chat: TokenBucket.Rate(
                perSecond: Double(limits.chatRequestsPerSecond),
                burst: limits.chatRequestBurst
            )
        )
    }
}
