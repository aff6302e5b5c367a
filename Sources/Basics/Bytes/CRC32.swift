/// The checksum of Ethernet, gzip and STUN's FINGERPRINT: the polynomial 0xEDB88320 of ITU V.42.
///
/// Eight bytes at a step through eight tables ("slicing"), since every STUN message pays for it.
package enum CRC32 {
    /// The checksum of these bytes.
    package static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        let tables = Self.tables.span
        var sum = UInt32.max
        var offset = 0
        while offset + 8 <= bytes.count {
            var step: UInt32 = 0
            for index in 0..<4 {
                let byte = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
                step ^= tables[(7 - index) << 8 | Int(bytes[offset + index] ^ byte)]
            }
            for index in 4..<8 {
                step ^= tables[(7 - index) << 8 | Int(bytes[offset + index])]
            }
            sum = step
            offset += 8
        }
        while offset < bytes.count {
            sum = sum >> 8 ^ tables[Int(bytes[offset] ^ UInt8(truncatingIfNeeded: sum))]
            offset += 1
        }
        return ~sum
    }

    /// Eight tables in a row: entry `b` of table `n` is what byte `b` adds when `n` bytes follow it.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        tables.reserveCapacity(8 * 256)
        for byte in UInt32(0)..<256 {
            var sum = byte
            for _ in 0..<8 {
                sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320
            }
            tables.append(sum)
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 255)])
        }
        return tables
    }()
}
