package import Basics
package import Crypto

/// What one direction's keys are made of (RFC 3711 section 3.2.1). Never shown.
package struct SRTPMasterKey: Sendable {
    package let key: Secret
    package let salt: Secret

    package init(key: Secret, salt: Secret) {
        self.key = key
        self.salt = salt
    }

    /// Cuts up what a DTLS handshake exported: the client's key, the server's key, the client's salt,
    /// the server's salt (RFC 5764 section 4.2). None if it is not as long as the profile has it.
    package static func pair(
        from exported: Span<UInt8>,
        profile: SRTPProfile
    ) -> (client: SRTPMasterKey, server: SRTPMasterKey)? {
        guard exported.count == profile.exportedSize else { return nil }
        let (key, salt) = (profile.keySize, profile.saltSize)
        func secret(_ start: Int, _ count: Int) -> Secret {
            Secret((start..<start + count).map { exported[$0] })
        }
        return (
            client: SRTPMasterKey(key: secret(0, key), salt: secret(2 * key, salt)),
            server: SRTPMasterKey(key: secret(key, key), salt: secret(2 * key + salt, salt))
        )
    }
}
