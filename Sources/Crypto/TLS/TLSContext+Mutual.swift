internal import COpenSSL

/// Contexts for links whose two ends must both prove who they are. TLS 1.3 alone.
extension TLSContext {
    /// Both show a certificate that one of these authorities has signed.
    package static func mutual(
        _ role: Role,
        certificateChainPEM: Span<UInt8>,
        privateKeyPEM: Span<UInt8>,
        authoritiesPEM: [UInt8]
    ) throws(TLSFault) -> TLSContext {
        let context = try TLSContext(role, [], .tls13, oldest: .tls13)
        try context.present(certificateChainPEM, with: privateKeyPEM)
        try context.believe(.only(pem: authoritiesPEM))
        if role == .server {
            let mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            unsafe SSL_CTX_set_verify(context.pointer, mode, noteRefusal)
        }
        return context
    }

    /// Both know a key. A client shows the first; a server takes any of them.
    package static func preShared(
        _ role: Role,
        _ keys: [PreSharedKey]
    ) throws(TLSFault) -> TLSContext {
        let context = try TLSContext(role, [], .tls13, oldest: .tls13, preSharedKeys: keys)
        let argument = unsafe Unmanaged.passUnretained(context).toOpaque()
        guard unsafe SSL_CTX_set_ex_data(context.pointer, 0, argument) == 1 else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        switch role {
        case .client:
            unsafe SSL_CTX_set_psk_client_callback(context.pointer, showKey)
            // Without the key there is no server: one that shows a certificate instead is a stranger.
            unsafe SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        case .server:
            unsafe SSL_CTX_set_psk_server_callback(context.pointer, findKey)
        }
        return context
    }

    fileprivate static func context(of ssl: OpaquePointer?) -> TLSContext? {
        guard let ssl = unsafe ssl, let context = unsafe SSL_get_SSL_CTX(ssl),
            let data = unsafe SSL_CTX_get_ex_data(context, 0)
        else { return nil }
        return unsafe Unmanaged<TLSContext>.fromOpaque(data).takeUnretainedValue()
    }
}

private func copy(
    _ key: PreSharedKey,
    _ room: UnsafeMutablePointer<UInt8>?,
    _ limit: UInt32
) -> UInt32 {
    guard let room = unsafe room, key.key.count <= Int(limit) else { return 0 }
    for (index, byte) in key.key.enumerated() { unsafe room[index] = byte }
    return UInt32(key.key.count)
}

/// OpenSSL asks a client for its key and the key's name. None is 0.
private func showKey(
    _ ssl: OpaquePointer?,
    _ hint: UnsafePointer<CChar>?,
    _ identity: UnsafeMutablePointer<CChar>?,
    _ identityLimit: UInt32,
    _ room: UnsafeMutablePointer<UInt8>?,
    _ limit: UInt32
) -> UInt32 {
    guard let key = unsafe TLSContext.context(of: ssl)?.preSharedKeys.first,
        let identity = unsafe identity, key.identity.count < Int(identityLimit)
    else { return 0 }
    for (index, byte) in key.identity.enumerated() {
        unsafe identity[index] = CChar(bitPattern: byte)
    }
    unsafe identity[key.identity.count] = 0
    return unsafe copy(key, room, limit)
}

/// OpenSSL asks a server for the key of this name. None is 0.
private func findKey(
    _ ssl: OpaquePointer?,
    _ identity: UnsafePointer<CChar>?,
    _ room: UnsafeMutablePointer<UInt8>?,
    _ limit: UInt32
) -> UInt32 {
    guard let identity = unsafe identity, let context = unsafe TLSContext.context(of: ssl) else {
        return 0
    }
    let name = unsafe Array(String(cString: identity).utf8)
    guard let key = context.preSharedKeys.first(where: { $0.identity == name }) else { return 0 }
    return unsafe copy(key, room, limit)
}
