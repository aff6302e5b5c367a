/// The checksum of SCTP: Castagnoli's polynomial 0x82F63B78 (RFC 9260 appendix A).
///
/// Eight bytes at a step through eight tables ("slicing"). A peer that relies on DTLS alone can
/// spare both sides the work (RFC 9653).
package enum CRC32C {
    /// The checksum of a packet as if the four bytes of its checksum were zero.
    package static func checksum(ofPacket bytes: Span<UInt8>) -> UInt32 {
        let tables = Self.tables.span
        var sum = UInt32.max
        for offset in 0..<min(8, bytes.count) { sum = step(sum, bytes[offset], tables) }
        for _ in 8..<12 { sum = step(sum, 0, tables) }
        var offset = 12
        while offset + 8 <= bytes.count {
            let low =
                sum
                ^ (UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
                    | UInt32(bytes[offset + 2]) << 16 | UInt32(bytes[offset + 3]) << 24)
            let first =
                tables[7 << 8 | Int(low & 255)] ^ tables[6 << 8 | Int(low >> 8 & 255)]
                ^ tables[5 << 8 | Int(low >> 16 & 255)] ^ tables[4 << 8 | Int(low >> 24)]
            let second =
                tables[3 << 8 | Int(bytes[offset + 4])] ^ tables[2 << 8 | Int(bytes[offset + 5])]
                ^ tables[1 << 8 | Int(bytes[offset + 6])] ^ tables[Int(bytes[offset + 7])]
            sum = first ^ second
            offset += 8
        }
        while offset < bytes.count {
            sum = step(sum, bytes[offset], tables)
            offset += 1
        }
        return ~sum
    }

    private static func step(_ sum: UInt32, _ byte: UInt8, _ tables: Span<UInt32>) -> UInt32 {
        sum >> 8 ^ tables[Int(byte ^ UInt8(truncatingIfNeeded: sum))]
    }

    /// Eight tables in a row: entry `b` of table `n` is what byte `b` adds when `n` bytes follow it.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        tables.reserveCapacity(8 * 256)
        for byte in UInt32(0)..<256 {
            var sum = byte
            for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
            tables.append(sum)
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 255)])
        }
        return tables
    }()
}
