internal import COpenSSL

/// Reads keys and certificates out of PEM text (RFC 7468), through OpenSSL's reader.
///
/// Total: any bytes are a list of things or a ``KeyFault``. Never asks a terminal for a passphrase,
/// which is what OpenSSL does when it is left alone with an encrypted key.
enum PEMReader {
    /// A chain with its intermediates takes ten; a bundle of authorities a few hundred kilobytes.
    static let largest = 4 << 20

    static func certificates(in pem: Span<UInt8>) throws(KeyFault) -> [OwnedCertificate] {
        let source = try MemorySource(pem)
        var certificates: [OwnedCertificate] = []
        OpenSSLQueue.clear()
        while let certificate = unsafe PEM_read_bio_X509(source.bio, nil, noPassphrase, nil) {
            unsafe certificates.append(OwnedCertificate(certificate))
        }
        let queue = OpenSSLQueue.drain()
        let isAtEnd = queue.entries.contains {
            $0.library == ERR_LIB_PEM && $0.reason == PEM_R_NO_START_LINE
        }
        if !isAtEnd { throw .damaged(block: "CERTIFICATE", why: queue.sentence) }
        if certificates.isEmpty { throw .missing(block: "CERTIFICATE") }
        return certificates
    }

    static func privateKey(in pem: Span<UInt8>) throws(KeyFault) -> OwnedKey {
        let source = try MemorySource(pem)
        OpenSSLQueue.clear()
        var wasAsked = false
        let key = unsafe withUnsafeMutablePointer(to: &wasAsked) { asked in
            unsafe PEM_read_bio_PrivateKey(source.bio, nil, noPassphrase, asked)
        }
        if let key = unsafe key {
            OpenSSLQueue.clear()
            return unsafe OwnedKey(key)
        }
        if wasAsked {
            OpenSSLQueue.clear()
            throw .encrypted
        }
        throw Self.fault(block: "PRIVATE KEY", in: pem)
    }

    static func publicKey(in pem: Span<UInt8>) throws(KeyFault) -> OwnedKey {
        let source = try MemorySource(pem)
        OpenSSLQueue.clear()
        if let key = unsafe PEM_read_bio_PUBKEY(source.bio, nil, noPassphrase, nil) {
            OpenSSLQueue.clear()
            return unsafe OwnedKey(key)
        }
        throw Self.fault(block: "PUBLIC KEY", in: pem)
    }

    /// OpenSSL's decoders give the same reason for a block that is missing and one they can't read.
    private static func fault(block: String, in pem: Span<UInt8>) -> KeyFault {
        let queue = OpenSSLQueue.drain()
        let label = Array("\(block)-----".utf8)
        var matched = 0
        for index in pem.indices where matched < label.count {
            matched = pem[index] == label[matched] ? matched + 1 : pem[index] == label[0] ? 1 : 0
        }
        let isThere = matched == label.count
        return isThere ? .damaged(block: block, why: queue.sentence) : .missing(block: block)
    }
}

/// Says that there is no passphrase, and notes that one was asked for.
private func noPassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: CInt,
    _ isWriting: CInt,
    _ asked: UnsafeMutableRawPointer?
) -> CInt {
    unsafe asked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}

/// A copy of some bytes that OpenSSL can read.
@safe private final class MemorySource {
    let bio: OpaquePointer

    init(_ bytes: Span<UInt8>) throws(KeyFault) {
        guard bytes.count <= PEMReader.largest else {
            throw .tooLong(bytes: bytes.count, most: PEMReader.largest)
        }
        guard let bio = unsafe BIO_new(BIO_s_mem()) else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        unsafe self.bio = bio
        _ = unsafe bytes.withUnsafeBufferPointer {
            unsafe BIO_write(bio, $0.baseAddress, CInt($0.count))
        }
    }

    deinit {
        unsafe BIO_free(bio)
    }
}

/// An `EVP_PKEY` with one owner. Never changed once made, so it may be used from any thread.
@safe final class OwnedKey: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_PKEY_free(pointer)
    }
}

/// An `X509` with one owner. Never changed once made, so it may be used from any thread.
@safe final class OwnedCertificate: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe X509_free(pointer)
    }
}
