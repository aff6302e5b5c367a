import Basics
import Crypto
import Media
import Testing

/// What the RFCs print.
@Suite struct `SRTP by the book` {
    @Test func `derives the keys of RFC 3711, appendix B.3`() throws {
        let master = SRTPMasterKey(
            key: Secret(hex("E1F97A0D3E018BE0D64FA32C06DE4139")),
            salt: Secret(hex("0EC675AD498AFEEBB6960B3AABE6"))
        )
        let key = hex("C61E7A93744F39EE10734AFE3FF7A087")
        let authentication = hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
        let salt = hex("30CBBC08863D8C85D49DB34A9AE1")
        let way = SRTPWay(profile: .aes128CMHMACSHA1_80, library: .fastest)
        var derived = try way.sender(master)
        var printed = try way.sender(key, authentication, salt)
        var random = SeededRandom(seed: 1)
        let packet = SampleRTP(ssrc: SSRC(9), number: 8, payloadCount: 99, using: &random)
        #expect(
            derived.protect(packet, ssrc: SSRC(9), index: 8)
                == printed.protect(packet, ssrc: SSRC(9), index: 8)
        )
    }

    @Test(arguments: PacketCipher.Library.own, [128, 256])
    func `encrypts the packet of RFC 7714, section 16`(
        library: PacketCipher.Library,
        bits: Int
    ) throws {
        let way = SRTPWay(profile: bits == 128 ? .aeadAES128GCM : .aeadAES256GCM, library: library)
        var sender = try way.sender(counted(bits / 8), [], salt)
        var receiver = try way.receiver(counted(bits / 8), [], salt)
        let head = hex("8040f17b8041f8d35501a0b2")
        let text = hex(
            """
            47616c6c696120657374206f6d6e697320646976697361
            20696e207061727465732074726573
            """
        )
        let expected =
            bits == 128
            ? """
            f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
            899d7f27beb16a9152cf765ee4390cce
            """
            : """
            32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b
            7aa3db36dfffd6b0f9bb7878d7a76c13
            """
        let ssrc = SSRC(0x5501_a0b2)
        let packet = SampleRTP(bytes: head + text, headerCount: 12)
        let sealed = sender.protect(packet, ssrc: ssrc, index: 0xf17b)
        #expect(sealed == head + hex(expected))
        let opened = receiver.unprotect(sealed, headerCount: 12, ssrc: ssrc, index: 0xf17b)
        #expect(opened == packet.bytes)
    }

    @Test(arguments: PacketCipher.Library.own)
    func `encrypts the report of RFC 7714, section 17`(library: PacketCipher.Library) throws {
        let way = SRTPWay(profile: .aeadAES128GCM, library: library)
        var sender = try way.sender(counted(16), [], salt, nextControlIndex: 0x5d4)
        let report = hex(
            """
            81c8000d4d6172734e5450314e545032525450200000042a0000e930
            4c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef
            """
        )
        let expected = hex(
            """
            81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f7
            6c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa458
            96cf4d2fc5abf87245d9eade800005d4
            """
        )
        #expect(sender.protectRTCP(report) == expected)
    }

    private let salt = Array("Quid pro quo".utf8)

    private func counted(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0) } }

    private func hex(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
