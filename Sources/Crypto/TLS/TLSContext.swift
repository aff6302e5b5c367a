internal import COpenSSL

/// What many connections share: certificate, key, trust and rules. Never changes once made; a reload
/// makes a new one for the connections to come, and the old ones keep theirs.
///
/// Mozilla's intermediate level (server side TLS guidelines 5.7): TLS 1.2 and 1.3, ephemeral elliptic
/// curves, ciphers that authenticate. Without the finite-field groups, which cost a millisecond each
/// and serve only clients that can't do the rest either.
///
/// Sessions are not resumed, by cache nor by ticket. A websocket lives for a meeting, so resumption
/// would save one signature in thousands of messages; its price is a key that must be shared by all
/// nodes and rotated, and that opens every recorded TLS 1.2 conversation if it leaks.
@safe package final class TLSContext: Sendable {
    package enum Role: Sendable {
        case server
        case client
    }

    /// Whom a client believes.
    package enum Trust: Sendable {
        /// The authorities that the system trusts, from where OpenSSL looks for them.
        case system
        /// These and nobody else: a PEM text of authorities, or of self-signed certificates.
        case only(pem: [UInt8])
        /// Anybody. The traffic is hidden from listeners, but not from a man in the middle.
        case anybody
    }

    package let role: Role
    nonisolated(unsafe) let pointer: OpaquePointer
    /// What both sides know beforehand, the preferred first. Empty where certificates are shown.
    let preSharedKeys: [PreSharedKey]
    /// The names of protocols as they go over the wire, each behind its length.
    nonisolated(unsafe) private let protocols: UnsafeMutableBufferPointer<UInt8>

    /// A context for connections that are accepted.
    ///
    /// The chain is the server's own certificate, then those that vouch for it. With protocols given,
    /// a client that names others only is refused (RFC 7301, section 3.2); one that names none is
    /// served.
    package static func server(
        certificateChainPEM: Span<UInt8>,
        privateKeyPEM: Span<UInt8>,
        applicationProtocols: [String] = ["http/1.1"],
        newest: TLSMachine.Version = .tls13
    ) throws(TLSFault) -> TLSContext {
        let context = try TLSContext(.server, applicationProtocols, newest)
        try context.present(certificateChainPEM, with: privateKeyPEM)
        return context
    }

    /// A context for connections that are made. Names are verified for each connection.
    package static func client(
        trust: Trust,
        applicationProtocols: [String] = [],
        newest: TLSMachine.Version = .tls13
    ) throws(TLSFault) -> TLSContext {
        let context = try TLSContext(.client, applicationProtocols, newest)
        try context.believe(trust)
        return context
    }

    init(
        _ role: Role,
        _ applicationProtocols: [String],
        _ newest: TLSMachine.Version,
        oldest: TLSMachine.Version = .tls12,
        preSharedKeys: [PreSharedKey] = []
    ) throws(TLSFault) {
        self.preSharedKeys = preSharedKeys
        let method = role == .server ? unsafe TLS_server_method() : unsafe TLS_client_method()
        guard let pointer = unsafe SSL_CTX_new(method) else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        self.role = role
        unsafe self.pointer = pointer
        let list = applicationProtocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        unsafe protocols = .allocate(capacity: list.count)
        _ = unsafe protocols.initialize(from: list)

        let suites = """
            TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
            """
        let ciphers = """
            ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
            ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
            ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
            """
        let highest = newest == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        let lowest = oldest == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        let isSet =
            unsafe roost_ctx_set_versions(pointer, lowest, highest) == 1
            && SSL_CTX_set_ciphersuites(pointer, suites) == 1
            && SSL_CTX_set_cipher_list(pointer, ciphers) == 1
            && roost_ctx_set_groups(pointer, "X25519:P-256:P-384") == 1
            && SSL_CTX_set_num_tickets(pointer, 0) == 1
        guard isSet else { throw .library(why: OpenSSLQueue.drain().sentence) }
        unsafe roost_ctx_set_session_cache_off(pointer)
        unsafe SSL_CTX_set_options(pointer, Self.options)
        unsafe roost_ctx_set_mode(pointer, Self.modes)

        guard !list.isEmpty else { return }
        switch role {
        case .server:
            let argument = unsafe Unmanaged.passUnretained(self).toOpaque()
            unsafe SSL_CTX_set_alpn_select_cb(pointer, chooseProtocol, argument)
        case .client:
            unsafe SSL_CTX_set_alpn_protos(pointer, protocols.baseAddress, UInt32(list.count))
        }
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
        unsafe protocols.deallocate()
    }

    private static var options: UInt64 {
        roost_op_no_compression | roost_op_no_renegotiation | roost_op_no_ticket
    }

    /// Buffers are given back whenever they are empty, and a write may be taken in part.
    private static var modes: Int {
        Int(
            SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        )
    }

    func present(
        _ chainPEM: Span<UInt8>,
        with keyPEM: Span<UInt8>
    ) throws(TLSFault) {
        let chain: [OwnedCertificate]
        do {
            chain = try PEMReader.certificates(in: chainPEM)
        } catch {
            throw .certificateUnreadable(error)
        }
        let key: OwnedKey
        do {
            key = try PEMReader.privateKey(in: keyPEM)
        } catch {
            throw .keyUnreadable(error)
        }
        defer { withExtendedLifetime((chain, key)) {} }
        guard let own = chain.first else {
            throw .certificateUnreadable(.missing(block: "CERTIFICATE"))
        }
        guard unsafe X509_check_private_key(own.pointer, key.pointer) == 1 else {
            OpenSSLQueue.clear()
            throw .keyMismatch(subject: Certificate(own).subject)
        }
        guard unsafe SSL_CTX_use_certificate(pointer, own.pointer) == 1 else {
            throw .keyTooWeak(why: OpenSSLQueue.drain().sentence)
        }
        for other in chain.dropFirst() {
            guard unsafe roost_ctx_add_chain_certificate(pointer, other.pointer) == 1 else {
                throw .keyTooWeak(why: OpenSSLQueue.drain().sentence)
            }
        }
        guard unsafe SSL_CTX_use_PrivateKey(pointer, key.pointer) == 1 else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
    }

    func believe(_ trust: Trust) throws(TLSFault) {
        switch trust {
        case .anybody:
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
            return
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw .trustUnreadable(why: OpenSSLQueue.drain().sentence)
            }
        case .only(let pem):
            let authorities: [OwnedCertificate]
            do {
                authorities = try PEMReader.certificates(in: pem.span)
            } catch {
                throw .trustUnreadable(why: "\(error)")
            }
            let store = unsafe SSL_CTX_get_cert_store(pointer)
            for authority in authorities {
                guard unsafe X509_STORE_add_cert(store, authority.pointer) == 1 else {
                    throw .trustUnreadable(why: OpenSSLQueue.drain().sentence)
                }
            }
        }
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, noteRefusal)
    }

    /// The first of our protocols that the client offers.
    fileprivate func choose(
        from offered: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        var out: UnsafeMutablePointer<UInt8>?
        var count: UInt8 = 0
        let answer = unsafe SSL_select_next_proto(
            &out,
            &count,
            protocols.baseAddress,
            UInt32(protocols.count),
            offered.baseAddress,
            UInt32(offered.count)
        )
        guard answer == OPENSSL_NPN_NEGOTIATED, let out = unsafe out else { return nil }
        return unsafe UnsafeBufferPointer(start: out, count: Int(count))
    }
}

/// OpenSSL asks which protocol to speak (RFC 7301). The context outlives every connection made of
/// it, because each ``TLSMachine`` keeps it.
private func chooseProtocol(
    _ ssl: OpaquePointer?,
    _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ outCount: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?,
    _ offeredCount: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> CInt {
    guard let argument = unsafe argument, let out = unsafe out, let outCount = unsafe outCount
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let context = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
    let offer = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
    guard let chosen = unsafe context.choose(from: offer) else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    unsafe out.pointee = chosen.baseAddress
    unsafe outCount.pointee = UInt8(chosen.count)
    return SSL_TLSEXT_ERR_OK
}
