import Basics
import Crypto

/// Keys and certificates: a fault or something that can be used. What is read of a certificate is bounded
/// by the certificate; a key that is read signs or judges without a trap.
let fuzzPEM: FuzzTarget = { bytes in
    let message: [UInt8] = [1, 2, 3]
    do throws(KeyFault) {
        let chain = try Certificate.chain(pem: bytes.span)
        precondition(!chain.isEmpty, "no certificate is a fault")
        for certificate in chain {
            precondition(certificate.fingerprint.count == 32)
            precondition(certificate.fingerprintText.utf8.count == 95)
            precondition(certificate.names.joined().utf8.count <= bytes.count * 4)
        }
    } catch {
        precondition(!error.description.isEmpty)
    }
    do throws(KeyFault) {
        let key = try VerifyingKey(publicPEM: bytes.span)
        let forged = [UInt8](repeating: 1, count: key.algorithm.signatureLength)
        precondition(!key.admits(forged.span, of: message.span), "a forged signature")
    } catch {
        precondition(!error.description.isEmpty)
    }
    do throws(KeyFault) {
        let key = try SigningKey(privatePEM: bytes.span)
        _ = try key.sign(message.span)
    } catch {
        precondition(!error.description.isEmpty)
    }
}
