/// Retransmission as a stream of its own (RFC 4588 section 4): the packet again, with its own number
/// written before the payload.
///
/// Both ways work in place, on a plaintext packet in the caller's memory.
@safe package enum RTXPacket {
    /// Turns a received RTX packet into the one it repeats, without padding. Nil if it carries none:
    /// probes of the line are RTX packets of nothing but padding.
    ///
    /// `headerCount` is where the payload begins; the stream and payload type of the original are those
    /// negotiated for the RTX stream (section 8).
    package static func unwrap(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        headerCount: Int,
        ssrc: SSRC,
        payloadType: PayloadType
    ) -> (sequence: SequenceNumber, count: Int)? {
        guard headerCount >= 12, count >= headerCount else { return nil }
        var end = count
        let first = unsafe packet.load(as: UInt8.self)
        if first & 0x20 != 0 {
            guard end > headerCount else { return nil }
            let padding = Int(unsafe packet.load(fromByteOffset: end - 1, as: UInt8.self))
            guard padding > 0, padding <= end - headerCount else { return nil }
            end -= padding
        }
        let rest = end - headerCount - 2
        guard rest >= 0 else { return nil }
        let number = UInt16(
            bigEndian: unsafe packet.loadUnaligned(fromByteOffset: headerCount, as: UInt16.self)
        )
        unsafe (packet + headerCount).copyMemory(from: packet + headerCount + 2, byteCount: rest)
        unsafe packet.storeBytes(of: first & ~0x20, as: UInt8.self)
        unsafe label(packet, ssrc: ssrc, payloadType: payloadType, number: number)
        return (SequenceNumber(number), headerCount + rest)
    }

    /// Turns a packet into its repetition under a fresh number of the RTX stream. The memory must hold
    /// `count + 2` bytes; that is what is returned. Nil if that is more than `capacity`.
    package static func wrap(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        headerCount: Int,
        capacity: Int,
        ssrc: SSRC,
        payloadType: PayloadType,
        sequence: SequenceNumber
    ) -> Int? {
        guard headerCount >= 12, count >= headerCount, count <= capacity - 2 else { return nil }
        let original = unsafe packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
        unsafe (packet + headerCount + 2).copyMemory(
            from: packet + headerCount,
            byteCount: count - headerCount
        )
        unsafe packet.storeBytes(of: original, toByteOffset: headerCount, as: UInt16.self)
        unsafe label(packet, ssrc: ssrc, payloadType: payloadType, number: sequence.rawValue)
        return count + 2
    }

    private static func label(
        _ packet: UnsafeMutableRawPointer,
        ssrc: SSRC,
        payloadType: PayloadType,
        number: UInt16
    ) {
        let marker = unsafe packet.load(fromByteOffset: 1, as: UInt8.self) & 0x80
        unsafe packet.storeBytes(of: marker | payloadType.rawValue, toByteOffset: 1, as: UInt8.self)
        unsafe packet.storeBytes(of: number.bigEndian, toByteOffset: 2, as: UInt16.self)
        unsafe packet.storeBytes(of: ssrc.rawValue.bigEndian, toByteOffset: 8, as: UInt32.self)
    }
}
