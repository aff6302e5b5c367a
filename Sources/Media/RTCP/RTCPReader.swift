/// Visits the packets of one compound, or reduced, RTCP datagram where they lie (RFC 3550 section 6.1,
/// RFC 5506).
///
///      0                   1                   2                   3
///     |V=2|P| count,  |     type      |   words that follow           |
///     |     | format  |               |                               |
///     |                         what it says                         ...
///
/// Creating one walks the lengths once: they must add up to the datagram, so that a lie in one place
/// makes all of it worthless. After that a packet that breaks its own rules costs only itself and is
/// visited as ``RTCPPacket/broken(type:format:)``. Nothing is copied or allocated.
package struct RTCPReader: ~Escapable {
    private let bytes: Span<UInt8>
    private var offset = 0

    /// `bytes` are no longer encrypted. Nil if they are not RTCP.
    @_lifetime(copy bytes)
    package init?(_ bytes: Span<UInt8>) {
        self.bytes = bytes
        var offset = 0
        repeat {
            guard offset + 4 <= bytes.count, bytes[offset] >> 6 == 2 else { return nil }
            let end = offset + 4 + 4 * Int(bytes.number16(at: offset + 2))
            guard end <= bytes.count, bytes[offset + 1] >= 192, bytes[offset + 1] <= 223
            else { return nil }
            if bytes[offset] & 0x20 != 0 {
                // The last byte counts itself and its fellows: in fours by section 6.4.1, but libwebrtc
                // says so of the one to three bytes that round up its news of arrivals.
                let padding = Int(bytes[end - 1])
                guard padding > 0, padding <= end - offset - 4 else { return nil }
            }
            offset = end
        } while offset < bytes.count
    }

    @_lifetime(copy self)
    package mutating func next() -> RTCPPacket? {
        guard offset < bytes.count else { return nil }
        let start = offset
        var end = start + 4 + 4 * Int(bytes.number16(at: start + 2))
        offset = end
        // Whole words only, so that all bodies are of whole words. What rounds one up is not read.
        if bytes[start] & 0x20 != 0 { end -= Int(bytes[end - 1]) & ~3 }
        return RTCPPacket(
            RTCPType(rawValue: bytes[start + 1]),
            bytes[start] & 0x1F,
            bytes.extracting(start + 4..<end)
        )
    }
}
