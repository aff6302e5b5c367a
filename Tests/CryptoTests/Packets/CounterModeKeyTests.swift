import Basics
import Crypto
import Testing

@Suite struct `A pair of keys for counter mode` {
    static let libraries = [PacketCipher.Library.multiBuffer, .openSSL].filter(\.isAvailable)

    /// NIST SP 800-38A, appendix F.5.1.
    @Test(arguments: libraries)
    func `encrypts as NIST prints it`(library: PacketCipher.Library) throws {
        let key = try bytes(ofHex: "2b7e151628aed2a6abf7158809cf4f3c")
        let text = try bytes(
            ofHex: "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        )
        let start = PacketNonce(high: 0xf0f1_f2f3_f4f5_f6f7, low: 0xf8f9_fafb_fcfd_feff)
        #expect(
            try apply(text, key, start, library)
                == bytes(ofHex: "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff")
        )
    }

    @Test(arguments: UInt64(0)..<10)
    func `makes the same of a packet whoever's code it is`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let key = noise(16, &random)
        for _ in 0..<20 {
            let text = noise(Int.random(in: 0...1_500, using: &random), &random)
            let start = PacketNonce(
                high: UInt64.random(in: 0...UInt64.max, using: &random),
                low: UInt64.random(in: 0...UInt64.max, using: &random) << 16
            )
            let made = try Self.libraries.map { try apply(text, key, start, $0) }
            #expect(Set(made).count == 1)
            #expect(try apply(made[0], key, start, .fastest) == text)
        }
    }

    /// Every length up to two blocks and some, with and without a number behind: the places where
    /// padding needs a block more.
    @Test(arguments: [0, 1, 20, 63, 64])
    func `vouches as HMAC does`(keySize: Int) throws {
        var random = SeededRandom(seed: 1)
        let key = noise(16, &random)
        let authentication = noise(keySize, &random)
        var reference = HMAC(.sha1, key: authentication.span)
        guard let pair = CounterModeKey(key.span, authentication: authentication.span) else {
            throw NotMade()
        }
        for count in Array(0...200) + [1_000, 1_200] {
            let message = noise(count, &random)
            for number in [nil, 0x0102_FFFE] as [UInt32?] {
                let whole = number == nil ? message : message + [1, 2, 0xFF, 0xFE]
                let expected = Array(reference.code(of: whole.span).prefix(10))
                var tag = [UInt8](repeating: 0, count: 11)
                let isVouched = unsafe (message + [0]).withUnsafeBytes { message in
                    unsafe tag.withUnsafeMutableBytes { tag in
                        guard let message = message.baseAddress, let tag = tag.baseAddress else {
                            return false
                        }
                        unsafe pair.write(tag: tag, of: message, count: count, with: number)
                        return unsafe pair.vouches(
                            for: message,
                            count: count,
                            with: number,
                            tag: tag
                        )
                    }
                }
                #expect(tag == expected + [0], "\(count) bytes")
                #expect(isVouched)
            }
        }
    }

    @Test(arguments: libraries)
    func `has 16 bytes, and 64 at most`(library: PacketCipher.Library) {
        func isMade(_ key: Int, _ authentication: Int) -> Bool {
            let key = [UInt8](repeating: 1, count: key)
            let authentication = [UInt8](repeating: 1, count: authentication)
            return CounterModeKey(key.span, authentication: authentication.span, library: library)
                != nil
        }
        #expect(isMade(16, 20) && isMade(16, 64))
        #expect(!isMade(16, 65) && !isMade(15, 20) && !isMade(32, 20) && !isMade(0, 20))
    }

    private struct NotMade: Error {}

    private func noise(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private func apply(
        _ text: [UInt8],
        _ key: [UInt8],
        _ start: PacketNonce,
        _ library: PacketCipher.Library
    ) throws -> [UInt8] {
        let authentication = [UInt8](repeating: 0, count: 20)
        guard
            let pair = CounterModeKey(
                key.span,
                authentication: authentication.span,
                library: library
            )
        else { throw NotMade() }
        var out = [UInt8](repeating: 0xA5, count: text.count + 1)
        unsafe (text + [0]).withUnsafeBytes { source in
            unsafe out.withUnsafeMutableBytes { out in
                guard let source = source.baseAddress, let out = out.baseAddress else { return }
                unsafe pair.apply(to: source, count: text.count, into: out, from: start)
            }
        }
        #expect(out.last == 0xA5, "nothing is written beyond the end")
        return Array(out.dropLast())
    }
}

@Suite struct `A counter mode stream` {
    /// NIST SP 800-38A, appendices F.5.1 and F.5.5: the first output block of each.
    @Test func `is what NIST prints, for either size of key`() throws {
        let start = PacketNonce(high: 0xf0f1_f2f3_f4f5_f6f7, low: 0xf8f9_fafb_fcfd_feff)
        #expect(
            try stream("2b7e151628aed2a6abf7158809cf4f3c", start)
                == bytes(ofHex: "ec8cdf7398607cb0f2d21675ea9ea1e4")
        )
        #expect(
            try stream("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", start)
                == bytes(ofHex: "0bdf7df1591716335e9a8b15c860c502")
        )
    }

    private struct NotMade: Error {}

    private func stream(_ key: String, _ start: PacketNonce) throws -> [UInt8] {
        let key = try bytes(ofHex: key)
        guard let source = AESCounter(key: key.span) else { throw NotMade() }
        var stream = [UInt8](repeating: 7, count: 16)
        var span = stream.mutableSpan
        source.fill(&span, from: start)
        return stream
    }
}
