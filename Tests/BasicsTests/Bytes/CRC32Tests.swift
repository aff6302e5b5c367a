import Basics
import Testing

@Suite struct `A CRC-32` {
    @Test func `of the customary nine digits is the customary number`() {
        #expect(CRC32.checksum(of: Array("123456789".utf8).span) == 0xCBF4_3926)
        #expect(CRC32.checksum(of: [UInt8]().span) == 0)
    }

    /// Every length around the eight bytes of a step, against one bit at a time.
    @Test(arguments: UInt64(0)..<20)
    func `agrees with long division`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            var remainder = UInt32.max
            for byte in bytes {
                for bit in 0..<8 {
                    let isOdd = (remainder ^ UInt32(byte >> bit)) & 1 == 1
                    remainder = isOdd ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
                }
            }
            #expect(CRC32.checksum(of: bytes.span) == ~remainder, "seed \(seed), count \(count)")
        }
    }
}
