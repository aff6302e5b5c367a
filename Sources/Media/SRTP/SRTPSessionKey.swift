internal import Basics
package import Crypto

/// What the packets of one direction and one kind (media, or control) are encrypted with: a cipher, and
/// the salt of its nonces (RFC 3711 section 4.3, RFC 7714 section 11).
package struct SRTPSessionKey: ~Copyable, Sendable {
    let cipher: PacketCipher
    let tagSize: Int

    /// The salt as numbers, where the nonce has it.
    private let salt: (high: UInt64, low: UInt64)
    private let isCounter: Bool

    package enum Kind: UInt8, Sendable {
        case media = 0
        case control = 3
    }

    /// Made from a master key, whose sizes must be the profile's.
    package init?(
        _ profile: SRTPProfile,
        _ master: SRTPMasterKey,
        _ kind: Kind,
        library: PacketCipher.Library = .fastest
    ) {
        guard master.key.revealed.count == profile.keySize,
            master.salt.revealed.count == profile.saltSize,
            let source = AESCounter(key: master.key.revealed.span)
        else { return nil }
        let masterSalt = Self.numbers(master.salt.revealed)
        func derive(_ label: UInt8, _ count: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            var span = bytes.mutableSpan
            // The label stands right before the last six bytes of fourteen, where a packet's number
            // would be: no key here is renewed by the number of the packet.
            let start = PacketNonce(
                high: masterSalt.high ^ UInt64(kind.rawValue + label),
                low: masterSalt.low
            )
            source.fill(&span, from: start)
            return bytes
        }
        var key = derive(0, profile.keySize)
        var authentication = derive(1, profile == .aes128CMHMACSHA1_80 ? 20 : 0)
        var salt = derive(2, profile.saltSize)
        defer {
            key.erase()
            authentication.erase()
            salt.erase()
        }
        self.init(
            profile,
            key: key.span,
            authentication: authentication.span,
            salt: salt,
            library: library
        )
    }

    /// Made of the keys themselves, as the examples in RFC 7714 have them.
    package init?(
        _ profile: SRTPProfile,
        key: Span<UInt8>,
        authentication: Span<UInt8>,
        salt: [UInt8],
        library: PacketCipher.Library = .fastest
    ) {
        guard key.count == profile.keySize, salt.count == profile.saltSize else { return nil }
        switch profile {
        case .aes128CMHMACSHA1_80:
            guard
                let key = CounterModeKey(key, authentication: authentication, library: library)
            else { return nil }
            cipher = .counter(key)
            isCounter = true
        case .aeadAES128GCM, .aeadAES256GCM:
            guard let key = GCMKey(key, library: library) else { return nil }
            cipher = .gcm(key)
            isCounter = false
        }
        tagSize = profile.tagSize
        self.salt = Self.numbers(salt)
    }

    /// The nonce of one packet: salt, source and number laid over each other. With counter mode the
    /// last two of sixteen bytes count the blocks (RFC 3711 section 4.1.1); with GCM there are twelve
    /// (RFC 7714 sections 8.1 and 9.1).
    @inline(__always)
    func nonce(_ ssrc: SSRC, _ index: UInt64) -> PacketNonce {
        let source = UInt64(ssrc.rawValue)
        if isCounter {
            return PacketNonce(high: salt.high ^ source, low: salt.low ^ index << 16)
        }
        return PacketNonce(
            high: salt.high ^ (source << 16 | index >> 32),
            low: salt.low ^ index << 32
        )
    }

    /// Up to sixteen bytes as two numbers, zeros behind.
    private static func numbers(_ bytes: [UInt8]) -> (high: UInt64, low: UInt64) {
        var numbers: (high: UInt64, low: UInt64) = (0, 0)
        for index in 0..<8 {
            numbers.high = numbers.high << 8 | UInt64(index < bytes.count ? bytes[index] : 0)
            numbers.low = numbers.low << 8 | UInt64(index + 8 < bytes.count ? bytes[index + 8] : 0)
        }
        return numbers
    }
}
