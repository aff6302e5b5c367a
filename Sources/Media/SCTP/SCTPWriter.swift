internal import Basics

/// Writes one SCTP packet into a buffer that the caller owns.
///
/// The caller asks for ``room`` before it appends a chunk; appending more than that is a bug here,
/// not the peer's doing.
struct SCTPWriter: ~Copyable, ~Escapable {
    private var bytes: MutableSpan<UInt8>
    private(set) var count = SCTPPacket.headerSize
    private let limit: Int

    @_lifetime(copy buffer)
    init(
        from source: UInt16,
        to destination: UInt16,
        tag: UInt32,
        limit: Int,
        into buffer: consuming MutableSpan<UInt8>
    ) {
        self.limit = limit
        bytes = buffer
        bytes.put(source, at: 0)
        bytes.put(destination, at: 2)
        bytes.put(tag, at: 4)
        bytes.put(UInt32(0), at: 8)
    }

    /// What may still be appended.
    var room: Int { limit - count }
    var isEmpty: Bool { count == SCTPPacket.headerSize }

    /// The size of the whole packet.
    consuming func finish(hasChecksum: Bool) -> Int {
        if hasChecksum {
            let sum = CRC32C.checksum(ofPacket: bytes.span.extracting(0..<count))
            bytes.put(sum.byteSwapped, at: 8)
        }
        return count
    }

    mutating func append(_ type: SCTPChunkType, flags: UInt8 = 0) {
        let start = begin(type, flags: flags)
        end(start)
    }

    mutating func append(_ type: SCTPChunkType, flags: UInt8 = 0, _ value: Span<UInt8>) {
        let start = begin(type, flags: flags)
        append(value)
        end(start)
    }

    mutating func appendData(_ chunk: borrowing SentChunk, _ tsn: TSN) {
        let start = begin(.data, flags: chunk.flags)
        append(tsn.rawValue)
        append(chunk.stream)
        append(chunk.number)
        append(chunk.payloadProtocol)
        append(chunk.bytes.span)
        end(start)
    }

    // A chunk or parameter whose value is appended piece by piece: begin, pieces, end.

    mutating func begin(_ type: SCTPChunkType, flags: UInt8 = 0) -> Int {
        let start = count
        bytes[start] = type.rawValue
        bytes[start + 1] = flags
        count += 4
        return start
    }

    mutating func begin(_ type: SCTPParameterType) -> Int {
        let start = count
        bytes.put(type.rawValue, at: start)
        count += 4
        return start
    }

    mutating func append(_ number: some FixedWidthInteger) {
        bytes.put(number, at: count)
        count += number.bitWidth / 8
    }

    mutating func append(_ piece: Span<UInt8>) {
        bytes.put(piece, at: count)
        count += piece.count
    }

    /// Writes the length, which does not count the padding, and the padding.
    mutating func end(_ start: Int) {
        bytes.put(UInt16(truncatingIfNeeded: count - start), at: start + 2)
        let end = start + (count - start).roundedUpToFour
        while count < end {
            bytes[count] = 0
            count += 1
        }
    }

    static var dataHeadSize: Int { 16 }
}

extension MutableSpan<UInt8> {
    fileprivate mutating func put(_ number: some FixedWidthInteger, at offset: Int) {
        var shift = number.bitWidth
        for index in offset..<offset + number.bitWidth / 8 {
            shift -= 8
            self[index] = UInt8(truncatingIfNeeded: number >> shift)
        }
    }

    fileprivate mutating func put(_ piece: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && piece.count <= count - offset, "a piece lies in the buffer")
        unsafe withUnsafeMutableBytes { target in
            unsafe piece.withUnsafeBytes { source in
                let room = unsafe target[offset..<offset + source.count]
                unsafe UnsafeMutableRawBufferPointer(rebasing: room).copyMemory(from: source)
            }
        }
    }
}
