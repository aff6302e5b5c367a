internal import Basics
internal import COpenSSL

/// One TLS connection as a machine over memory: ciphertext in, plaintext out, and back.
///
///                 advance, receive           peer's close_notify, or its transport's end
///     handshaking ────────────▶ established ─────────────────────────────────────▶ ended
///          │                         │                     (it may still write, RFC 8446 §6.1)
///          ╰───────────▶ failed ◀────╯
///
/// Whoever owns the transport does, for each batch of bytes from the peer:
///
/// 1. ``receive(_:into:)`` with the bytes and a buffer for plaintext, or ``receiveEnd()``;
/// 2. while that says `.bytes`: uses them, then ``read(into:)``;
/// 3. ``takeOutput(into:)``, and sends what was taken.
///
/// A client starts with ``advance()``. Output may appear after any call, failures included: the alert
/// that tells the peer why.
///
/// Not copyable: there is one owner, and OpenSSL's part is freed when the owner lets go. A class would
/// add a second heap object and a count to each of ten thousand idle connections.
@safe package struct TLSMachine: ~Copyable, Sendable {
    package enum Progress: Equatable, Sendable {
        case handshaking
        case established
        case failed(TLSFault)
    }

    package enum Reading: Equatable, Sendable {
        /// So many bytes were put into the buffer; there may be more, so read again.
        case bytes(Int)
        /// Everything offered was used up.
        case needsMore
        /// The peer will send no more. Clean if it said so; else what it sent may be cut short, and
        /// must not be taken for whole unless the protocol above says where it ends.
        case ended(clean: Bool)
        case failed(TLSFault)
    }

    package enum Writing: Equatable, Sendable {
        /// So many bytes are now ciphertext in the output. None before the handshake is done.
        case taken(Int)
        case failed(TLSFault)
    }

    package enum Version: String, Sendable {
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"
    }

    /// What a client's whole handshake may take: a hello with post-quantum keys is 2 KB.
    package static let clientHandshakeLimit = 32 << 10
    /// What a server's whole handshake may take: chains of certificates reach 20 KB.
    package static let serverHandshakeLimit = 128 << 10

    private enum State {
        case handshaking
        case established
        case ended(clean: Bool)
        case failed(TLSFault)
    }

    // First, because it is nobody else's: see ``DTLSMachine``.
    nonisolated(unsafe) private let pipe: UnsafeMutablePointer<Pipe>
    private let context: TLSContext
    nonisolated(unsafe) private let ssl: OpaquePointer
    private var state = State.handshaking
    private var handshakeBytesLeft: Int
    private var isClosed = false
    private let expectedName: String?

    /// A machine for a connection that was accepted.
    package static func server(_ context: TLSContext) throws(TLSFault) -> TLSMachine {
        precondition(context.role == .server, "a server's connection needs a server's context")
        let ssl = try unsafe connection(of: context)
        unsafe SSL_set_accept_state(ssl)
        return try unsafe TLSMachine(context, ssl, expectedName: nil)
    }

    /// A machine for a connection to this host: a name or an IP address, which the peer's certificate
    /// must have.
    package static func client(
        _ context: TLSContext,
        serverName: String
    ) throws(TLSFault) -> TLSMachine {
        precondition(context.role == .client, "a client's connection needs a client's context")
        let ssl = try unsafe connection(of: context)
        unsafe SSL_set_connect_state(ssl)
        let machine = try unsafe TLSMachine(context, ssl, expectedName: serverName)
        guard unsafe expect(serverName, of: ssl) else {
            throw .wrongName(expected: serverName, certificate: [])
        }
        return machine
    }

    private static func connection(of context: TLSContext) throws(TLSFault) -> OpaquePointer {
        guard let ssl = unsafe SSL_new(context.pointer) else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        return unsafe ssl
    }

    /// Takes the connection, whatever comes of it.
    private init(
        _ context: TLSContext,
        _ ssl: OpaquePointer,
        expectedName: String?
    ) throws(TLSFault) {
        self.context = context
        unsafe self.ssl = ssl
        unsafe pipe = .allocate(capacity: 1)
        unsafe pipe.initialize(to: Pipe())
        self.expectedName = expectedName
        handshakeBytesLeft =
            context.role == .server ? Self.clientHandshakeLimit : Self.serverHandshakeLimit
        guard let method = unsafe pipeMethod, let bio = unsafe BIO_new(method) else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        unsafe BIO_set_data(bio, pipe)
        unsafe BIO_set_init(bio, 1)
        unsafe SSL_set_bio(ssl, bio, bio)
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe pipe.deinitialize(count: 1)
        unsafe pipe.deallocate()
    }

    /// Asks OpenSSL to verify that the certificate is for this host, and tells the server which of its
    /// names is meant. Addresses are verified but not told (RFC 6066, section 3).
    private static func expect(_ name: String, of ssl: OpaquePointer) -> Bool {
        defer { OpenSSLQueue.clear() }
        let parameters = unsafe SSL_get0_param(ssl)
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 { return true }
        unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return unsafe SSL_set1_host(ssl, name) == 1 && roost_ssl_set_server_name(ssl, name) == 1
    }

    /// Takes bytes from the peer, and keeps a copy until they are read.
    ///
    /// ``receive(_:into:)`` does the same without the copy.
    package mutating func receive(_ ciphertext: Span<UInt8>) {
        guard countHandshake(ciphertext.count) else { return }
        unsafe ciphertext.withUnsafeBytes { unsafe pipe.pointee.hold($0) }
    }

    /// Takes bytes from the peer, goes on with the handshake if there is one, and puts plaintext into
    /// the buffer. What doesn't fit is kept for ``read(into:)``.
    package mutating func receive(
        _ ciphertext: Span<UInt8>,
        into plaintext: inout MutableSpan<UInt8>
    ) -> Reading {
        guard countHandshake(ciphertext.count) else { return read(into: &plaintext) }
        let hasOlder = unsafe pipe.pointee.unread > 0
        if hasOlder {
            receive(ciphertext)
            return read(into: &plaintext)
        }
        return unsafe plaintext.withUnsafeMutableBytes { plaintext in
            unsafe ciphertext.withUnsafeBytes { ciphertext in
                unsafe pipe.pointee.offered = ciphertext
                defer {
                    if let rest = unsafe pipe.pointee.offered { unsafe pipe.pointee.hold(rest) }
                    unsafe pipe.pointee.offered = nil
                }
                return unsafe read(into: plaintext)
            }
        }
    }

    /// Takes the news that the peer's transport has ended: no byte will follow.
    package mutating func receiveEnd() {
        unsafe pipe.pointee.hasEnded = true
    }

    /// Goes on with the handshake as far as the bytes at hand allow.
    package mutating func advance() -> Progress {
        switch state {
        case .failed(let fault): return .failed(fault)
        case .established, .ended: return .established
        case .handshaking: break
        }
        OpenSSLQueue.clear()
        let result = unsafe SSL_do_handshake(ssl)
        if result == 1 {
            state = .established
            return .established
        }
        if unsafe SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return .handshaking }
        let fault = handshakeFault()
        state = .failed(fault)
        return .failed(fault)
    }

    /// Puts plaintext into the buffer, as much as there is and fits.
    package mutating func read(into plaintext: inout MutableSpan<UInt8>) -> Reading {
        unsafe plaintext.withUnsafeMutableBytes { unsafe read(into: $0) }
    }

    private mutating func read(into plaintext: UnsafeMutableRawBufferPointer) -> Reading {
        if case .failed(let fault) = advance() { return .failed(fault) }
        var count = 0
        while case .established = state, count < plaintext.count {
            var step = 0
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: plaintext[count...])
            OpenSSLQueue.clear()
            let result = unsafe SSL_read_ex(ssl, room.baseAddress, room.count, &step)
            count += step
            if result != 1, !noteEnd(of: result) { break }
        }
        if count > 0 { return .bytes(count) }
        switch state {
        case .handshaking where unsafe pipe.pointee.hasEnded: return .ended(clean: false)
        case .handshaking, .established: return .needsMore
        case .ended(let clean): return .ended(clean: clean)
        case .failed(let fault): return .failed(fault)
        }
    }

    /// Reads why a read gave nothing. False if there is just nothing yet.
    private mutating func noteEnd(of result: CInt) -> Bool {
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            return false
        case SSL_ERROR_ZERO_RETURN:
            state = .ended(clean: true)
        default:
            let queue = OpenSSLQueue.drain()
            if queue.tlsReason == SSL_R_UNEXPECTED_EOF_WHILE_READING {
                state = .ended(clean: false)
            } else {
                state = .failed(TLSFault(queue))
            }
        }
        return true
    }

    /// Turns plaintext into ciphertext, all of it in one call. The output grows by a little more than
    /// what was given, so give no more than you want to hold.
    package mutating func write(_ plaintext: Span<UInt8>) -> Writing {
        switch state {
        case .handshaking: return .taken(0)
        case .failed(let fault): return .failed(fault)
        case .established, .ended: break
        }
        if isClosed { return .taken(0) }
        var count = 0
        unsafe plaintext.withUnsafeBytes { plaintext in
            unsafe pipe.pointee.output.reserveCapacity(
                pipe.pointee.output.count + plaintext.count + (plaintext.count / 16_384 + 1) * 29
            )
            while count < plaintext.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: plaintext[count...])
                var step = 0
                OpenSSLQueue.clear()
                let result = unsafe SSL_write_ex(ssl, rest.baseAddress, rest.count, &step)
                guard result == 1, step > 0 else {
                    state = .failed(TLSFault(OpenSSLQueue.drain()))
                    return
                }
                count += step
            }
        }
        if case .failed(let fault) = state { return .failed(fault) }
        return .taken(count)
    }

    /// Says goodbye (close_notify), after which nothing can be written. Reading goes on until the peer
    /// says goodbye too, or the owner loses patience.
    package mutating func close() {
        guard !isClosed else { return }
        isClosed = true
        switch state {
        case .established, .ended:
            OpenSSLQueue.clear()
            unsafe SSL_shutdown(ssl)
            OpenSSLQueue.clear()
        case .handshaking, .failed:
            break
        }
    }

    /// Whether there is something to send.
    package var hasOutput: Bool {
        unsafe !pipe.pointee.output.isEmpty
    }

    /// Moves what is to be sent to the end of `output`: without a copy if `output` is empty, and
    /// nothing stays behind, so that an idle connection owns no buffer.
    package mutating func takeOutput(into output: inout [UInt8]) {
        guard hasOutput else { return }
        if output.isEmpty {
            unsafe output = pipe.pointee.output
        } else {
            unsafe output.append(contentsOf: pipe.pointee.output)
        }
        unsafe pipe.pointee.output = []
    }

    private mutating func countHandshake(_ count: Int) -> Bool {
        guard case .handshaking = state else { return true }
        handshakeBytesLeft -= count
        if handshakeBytesLeft >= 0 { return true }
        let isServer = context.role == .server
        state = .failed(
            .handshakeTooLong(
                limit: isServer ? Self.clientHandshakeLimit : Self.serverHandshakeLimit
            )
        )
        return false
    }
}

extension TLSMachine {
    /// The name the client asked for (server name indication), once its hello was read.
    package var serverName: String? {
        guard let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
            return nil
        }
        return unsafe String(cString: name)
    }

    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &count)
        guard count > 0 else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: name, count: Int(count)),
            as: UTF8.self
        )
    }

    package var version: Version? {
        switch unsafe SSL_version(ssl) {
        case TLS1_2_VERSION: .tls12
        case TLS1_3_VERSION: .tls13
        default: nil
        }
    }

    /// The cipher suite by its OpenSSL name, once one was agreed on.
    package var cipher: String? {
        guard let cipher = unsafe SSL_get_current_cipher(ssl),
            let name = unsafe SSL_CIPHER_get_name(cipher)
        else { return nil }
        return unsafe String(cString: name)
    }

    /// What the peer's certificate says, if it gave one.
    package var peerCertificate: Certificate? {
        guard let certificate = unsafe SSL_get0_peer_certificate(ssl) else { return nil }
        return unsafe Certificate(borrowing: certificate)
    }

    private func handshakeFault() -> TLSFault {
        let queue = OpenSSLQueue.drain()
        guard queue.tlsReason == SSL_R_CERTIFICATE_VERIFY_FAILED else {
            if queue.tlsReason == SSL_R_UNEXPECTED_EOF_WHILE_READING { return .endedInHandshake }
            return TLSFault(queue)
        }
        let code = unsafe SSL_get_verify_result(ssl)
        let certificate = unsafe pipe.pointee.refused
        switch CInt(code) {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return .wrongName(expected: expectedName ?? "", certificate: certificate?.names ?? [])
        case X509_V_ERR_CERT_HAS_EXPIRED:
            let date = certificate.map { day(of: $0.notAfter) }
            return .untrusted(
                why: "it expired on \(date ?? "an unknown day"); renew it, or "
                    + "correct this machine's clock"
            )
        case X509_V_ERR_CERT_NOT_YET_VALID:
            let date = certificate.map { day(of: $0.notBefore) }
            return .untrusted(
                why: "it is not valid before \(date ?? "an unknown day"); correct "
                    + "this machine's clock"
            )
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return .untrusted(
                why:
                    "no trusted authority vouches for it; have the server send its whole chain, or "
                    + "trust its authority here"
            )
        default:
            guard let text = unsafe X509_verify_cert_error_string(code) else {
                return .untrusted(why: "error \(code)")
            }
            return unsafe .untrusted(why: String(cString: text))
        }
    }
}

/// As 2026-11-21.
private func day(of seconds: Int64) -> Substring {
    WallTime(seconds: seconds).rfc3339.prefix(10)
}

extension TLSFault {
    init(_ queue: OpenSSLQueue) {
        guard let reason = queue.tlsReason else {
            self = .library(why: queue.sentence)
            return
        }
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            self = .notTLS(http: true)
        case SSL_R_WRONG_VERSION_NUMBER:
            self = .notTLS(http: false)
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH:
            self = .noCommonVersion
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS,
            SSL_R_NO_SUITABLE_GROUPS, SSL_R_NO_SUITABLE_DIGEST_ALGORITHM:
            self = .noCommonCipher
        case SSL_R_NO_APPLICATION_PROTOCOL:
            self = .noCommonApplicationProtocol
        case SSL_AD_REASON_OFFSET...SSL_AD_REASON_OFFSET + 255:
            guard let name = unsafe SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET) else {
                self = .refusedByPeer(alert: "\(reason - SSL_AD_REASON_OFFSET)")
                return
            }
            self = unsafe .refusedByPeer(alert: String(cString: name))
        default:
            self = .malformed(why: queue.sentence)
        }
    }
}
