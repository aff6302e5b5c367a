/// Writes packets of RTCP one after the other into a buffer that the caller owns: a compound, or with
/// feedback alone a reduced one (RFC 5506).
///
/// Each append answers whether it fitted, or how much of what it was given did; what did not fit left
/// no trace. Nothing is allocated.
package struct RTCPWriter: ~Copyable, ~Escapable {
    var bytes: MutableSpan<UInt8>
    /// Bytes written so far: the size of the datagram.
    package private(set) var count = 0

    @_lifetime(copy buffer)
    package init(into buffer: consuming MutableSpan<UInt8>) {
        bytes = buffer
    }

    /// SR, with as many of the blocks as the format allows: 31.
    package mutating func appendSenderReport(
        _ info: RTCPSenderPart,
        _ blocks: Span<RTCPReportBlock>
    ) -> Bool {
        let blockCount = min(blocks.count, 31)
        let size = RTCPSenderPart.size + RTCPReportBlock.size * blockCount
        guard let start = begin(.senderReport, UInt8(blockCount), size) else { return false }
        put(info.ssrc.rawValue, at: start)
        put(info.ntp.rawValue, at: start + 4)
        put(info.timestamp, at: start + 12)
        put(info.packetCount, at: start + 16)
        put(info.byteCount, at: start + 20)
        put(blocks, blockCount, at: start + RTCPSenderPart.size)
        return true
    }

    /// RR, with as many of the blocks as the format allows: 31.
    package mutating func appendReceiverReport(
        _ sender: SSRC,
        _ blocks: Span<RTCPReportBlock>
    ) -> Bool {
        let blockCount = min(blocks.count, 31)
        let size = 4 + RTCPReportBlock.size * blockCount
        guard let start = begin(.receiverReport, UInt8(blockCount), size) else { return false }
        put(sender.rawValue, at: start)
        put(blocks, blockCount, at: start + 4)
        return true
    }

    /// SDES with nothing but the name common to a participant's streams, of which at most 255 bytes
    /// are written.
    package mutating func appendName(_ source: SSRC, _ cname: Span<UInt8>) -> Bool {
        let nameCount = min(cname.count, 255)
        let size = (4 + 2 + nameCount + 1).roundedUpToFour
        guard let start = begin(.sourceDescription, 1, size) else { return false }
        put(source.rawValue, at: start)
        bytes[start + 4] = RTCPSourceDescription.cnameItem
        bytes[start + 5] = UInt8(nameCount)
        for index in 0..<nameCount { bytes[start + 6 + index] = cname[index] }
        for index in start + 6 + nameCount..<start + size { bytes[index] = 0 }
        return true
    }

    /// BYE of one stream.
    package mutating func appendGoodbye(_ source: SSRC) -> Bool {
        guard let start = begin(.goodbye, 1, 4) else { return false }
        put(source.rawValue, at: start)
        return true
    }

    /// Bytes that are free for a packet's body, in whole words; below zero if not even the four bytes
    /// fit with which each packet begins.
    var room: Int { min((bytes.count - count - 4) & ~3, 4 * Int(UInt16.max)) }

    /// Writes what is common to all packets. Returns where the body begins, or nil if it does not fit.
    /// `size` is a multiple of four.
    mutating func begin(_ type: RTCPType, _ format: UInt8, _ size: Int) -> Int? {
        guard size <= room else { return nil }
        let start = count
        bytes[start] = 0x80 | format
        bytes[start + 1] = type.rawValue
        put(UInt16(size / 4), at: start + 2)
        count = start + 4 + size
        return start + 4
    }

    mutating func put(_ number: some FixedWidthInteger, at offset: Int) {
        var shift = number.bitWidth
        for index in offset..<offset + number.bitWidth / 8 {
            shift -= 8
            bytes[index] = UInt8(truncatingIfNeeded: number >> shift)
        }
    }

    private mutating func put(_ blocks: Span<RTCPReportBlock>, _ blockCount: Int, at offset: Int) {
        var offset = offset
        for index in 0..<blockCount {
            let block = blocks[index]
            put(block.ssrc.rawValue, at: offset)
            put(block.lossBits, at: offset + 4)
            put(block.highestSequence, at: offset + 8)
            put(block.jitter, at: offset + 12)
            put(block.lastReport, at: offset + 16)
            put(block.delay, at: offset + 20)
            offset += RTCPReportBlock.size
        }
    }
}
