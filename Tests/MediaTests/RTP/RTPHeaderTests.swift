import Media
import Testing

@Suite struct `An RTP header` {
    /// Two contributing sources, two words of extensions, three bytes of payload and five of padding.
    private let packet: [UInt8] = [
        0xB2, 0xE0, 0x12, 0x34, 0xDE, 0xAD, 0xBE, 0xEF, 0x01, 0x02, 0x03, 0x04,
        0, 0, 0, 1, 0, 0, 0, 2,
        0xBE, 0xDE, 0, 2, 0x10, 0xAA, 0x21, 0xBB, 0xCC, 0, 0, 0,
        7, 8, 9, 0, 0, 0, 0, 5,
    ]

    @Test func `is read with all its fields`() throws {
        let header = try #require(readHeader(packet))
        #expect(header.ssrc == SSRC(0x0102_0304))
        #expect(header.timestamp == 0xDEAD_BEEF)
        #expect(header.sequence == SequenceNumber(0x1234))
        #expect(header.payloadType == PayloadType(96))
        #expect(header.marker && header.hasPadding)
        #expect(header.headerCount == 32)
        #expect(payloadCount(packet) == 3)
    }

    @Test func `may be all there is`() throws {
        let bytes: [UInt8] = [0x80, 0x00, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
        let header = try #require(readHeader(bytes))
        #expect(!header.marker && !header.hasPadding)
        #expect(header.headerCount == 12)
        #expect(payloadCount(bytes) == 0)
    }

    @Test func `cut short anywhere is none`() {
        for count in 0..<32 {
            #expect(readHeader(Array(packet.prefix(count))) == nil, "\(count) bytes")
        }
        for count in 32...packet.count {
            #expect(readHeader(Array(packet.prefix(count)))?.headerCount == 32, "\(count) bytes")
        }
    }

    @Test(arguments: [0x00, 0x40, 0xC0] as [UInt8])
    func `of another version is none`(version: UInt8) {
        #expect(readHeader([version | 0x12] + packet.dropFirst()) == nil)
    }

    @Test func `that counts more sources than there are bytes is none`() {
        let bytes: [UInt8] = [0x8F, 0x60] + [UInt8](repeating: 0, count: 10 + 59)
        #expect(readHeader(bytes) == nil)
        #expect(readHeader(bytes + [0])?.headerCount == 72)
    }

    @Test func `bears at most 256 bytes of extensions`() {
        let head: [UInt8] = [0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xBE, 0xDE]
        let rest = [UInt8](repeating: 0, count: 65_535 * 4)
        #expect(readHeader(head + [0, 64] + rest)?.headerCount == 16 + 256)
        #expect(readHeader(head + [0, 65] + rest) == nil)
        #expect(readHeader(head + [0xFF, 0xFF] + rest) == nil)
    }

    @Test func `leaves no room for padding that lies`() {
        #expect(payloadCount(packet.dropLast() + [8]) == 0, "a payload may be all padding")
        #expect(payloadCount(packet.dropLast() + [9]) == nil)
        #expect(payloadCount(packet.dropLast() + [255]) == nil)
        #expect(payloadCount(packet.dropLast() + [0]) == nil)
        #expect(payloadCount(Array(packet.prefix(32))) == nil, "padding has at least one byte")
    }

    @Test func `is told from RTCP by its second byte`() {
        for type in UInt8.min...UInt8.max {
            let isControl = unsafe [0x80, type].withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return false }
                return unsafe RTPHeader.isControl(start, count: bytes.count)
            }
            #expect(isControl == (192...223).contains(type), "\(type)")
        }
        let isControl = unsafe packet.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            return unsafe RTPHeader.isControl(start, count: 1)
        }
        #expect(!isControl)
    }

    private func payloadCount(_ bytes: [UInt8]) -> Int? {
        guard let header = readHeader(bytes) else { return nil }
        return unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return nil }
            return unsafe header.payloadCount(of: start, count: bytes.count)
        }
    }
}

/// In memory of exactly its size, so that the address sanitizer sees a byte read too many.
func readHeader(_ bytes: [UInt8]) -> RTPHeader? {
    unsafe bytes.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return nil }
        return unsafe RTPHeader(start, count: bytes.count)
    }
}
