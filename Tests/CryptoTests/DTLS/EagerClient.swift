import COpenSSL
import Crypto

/// A client of OpenSSL's own, for what ours never does: it wants to shake hands again.
@safe final class EagerClient {
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// With the certificate of ``RSAIdentity``.
    init?() {
        guard let context = unsafe SSL_CTX_new(DTLS_client_method()),
            let certificate = unsafe Self.read(
                RSAIdentity.certificate,
                { unsafe PEM_read_bio_X509($0, nil, nil, nil) }
            ),
            let key = unsafe Self.read(
                RSAIdentity.key,
                { unsafe PEM_read_bio_PrivateKey($0, nil, nil, nil) }
            ),
            unsafe SSL_CTX_use_certificate(context, certificate) == 1,
            unsafe SSL_CTX_use_PrivateKey(context, key) == 1,
            let ssl = unsafe SSL_new(context),
            let incoming = unsafe BIO_new(BIO_s_mem()),
            let outgoing = unsafe BIO_new(BIO_s_mem())
        else { return nil }
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
        unsafe (self.context, self.ssl) = (context, ssl)
        unsafe (self.incoming, self.outgoing) = (incoming, outgoing)
        unsafe SSL_set_bio(ssl, incoming, outgoing)
        unsafe SSL_set_connect_state(ssl)
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe SSL_CTX_free(context)
    }

    var isDone: Bool { unsafe SSL_is_init_finished(ssl) == 1 }

    /// Goes on with the handshake, and returns the records that are to be sent.
    func shakeHands() -> [[UInt8]] {
        unsafe SSL_do_handshake(ssl)
        return records()
    }

    /// Says a new hello over the session that there is.
    func shakeHandsAgain() -> [[UInt8]] {
        unsafe SSL_renegotiate(ssl)
        return shakeHands()
    }

    func send(_ message: [UInt8]) -> [[UInt8]] {
        unsafe SSL_write(ssl, message, CInt(message.count))
        return records()
    }

    func receive(_ datagram: [UInt8]) {
        unsafe BIO_write(incoming, datagram, CInt(datagram.count))
    }

    /// What has been written, by its records: memory does not know where a datagram ended.
    private func records() -> [[UInt8]] {
        var bytes = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(outgoing))
        unsafe BIO_read(outgoing, &bytes, CInt(bytes.count))
        var records: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count > 13 {
            let count = 13 + Int(rest[rest.startIndex + 11]) << 8 + Int(rest[rest.startIndex + 12])
            records.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return records
    }

    private static func read(
        _ text: String,
        _ body: (OpaquePointer) -> OpaquePointer?
    ) -> OpaquePointer? {
        var text = text
        return text.withUTF8 { bytes in
            guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, CInt(bytes.count)) else {
                return nil
            }
            defer { unsafe BIO_free(bio) }
            return unsafe body(bio)
        }
    }
}
