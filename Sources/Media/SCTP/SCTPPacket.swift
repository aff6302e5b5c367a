/// An SCTP packet, read where it lies (RFC 9260 section 3).
///
///     |  source port  | destination port |
///     |        verification tag          |
///     |           checksum               |
///     | type | flags |  chunk's length   |
///     |  its value, padded to four      ...
///
/// Creating one walks the chunks once, so that a packet that is broken anywhere has no effect, and
/// afterwards each chunk can be visited without a check that fails. Nothing is copied.
struct SCTPPacket: ~Escapable {
    let sourcePort: UInt16
    let destinationPort: UInt16
    let tag: UInt32
    let chunkCount: Int
    private let bytes: Span<UInt8>

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, isZeroChecksumAcceptable: Bool) throws(SCTPFault) {
        guard bytes.count >= Self.headerSize + 4 else { throw SCTPFault.header }
        var checksum = UInt32(0)
        for index in 0..<4 { checksum |= UInt32(bytes[8 + index]) << UInt32(8 * index) }
        if checksum != 0 || !isZeroChecksumAcceptable {
            guard checksum == CRC32C.checksum(ofPacket: bytes) else { throw SCTPFault.checksum }
        }
        var offset = Self.headerSize
        var count = 0
        while offset < bytes.count {
            guard offset + 4 <= bytes.count else { throw SCTPFault.chunk }
            let length = Int(bytes.number16(at: offset + 2))
            guard length >= 4, offset + length <= bytes.count else { throw SCTPFault.chunk }
            offset += length.roundedUpToFour
            count += 1
        }
        sourcePort = bytes.number16(at: 0)
        destinationPort = bytes.number16(at: 2)
        tag = bytes.number32(at: 4)
        chunkCount = count
        self.bytes = bytes
    }

    var chunks: SCTPChunks {
        @_lifetime(copy self)
        get { SCTPChunks(bytes) }
    }

    static var headerSize: Int { 12 }
}

/// Visits the chunks of a packet in their order.
struct SCTPChunks: ~Escapable {
    private let bytes: Span<UInt8>
    private var offset = SCTPPacket.headerSize

    @_lifetime(copy bytes)
    fileprivate init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    @_lifetime(copy self)
    mutating func next() -> SCTPChunk? {
        guard offset < bytes.count else { return nil }
        let chunk = SCTPChunk(of: bytes, at: offset)
        offset += chunk.whole.count.roundedUpToFour
        return chunk
    }
}
