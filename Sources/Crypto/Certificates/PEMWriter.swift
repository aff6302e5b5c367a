internal import COpenSSL

/// Collects what OpenSSL writes as PEM.
enum PEMWriter {
    /// Runs a `PEM_write_bio_…` and returns its text. The function answers 1 if it wrote.
    static func text(_ write: (_ bio: OpaquePointer) -> CInt) throws(KeyFault) -> [UInt8] {
        guard let bio = unsafe BIO_new(BIO_s_secmem()) else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        defer { unsafe BIO_free(bio) }
        guard unsafe write(bio) == 1 else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        var text = [UInt8](repeating: 0, count: unsafe Int(BIO_ctrl_pending(bio)))
        let count = unsafe BIO_read(bio, &text, CInt(text.count))
        guard count == text.count else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        return text
    }
}
