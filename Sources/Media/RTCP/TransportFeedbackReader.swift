/// Reads which packets of a transport-cc report arrived, and when, one by one
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
///
///     |      base sequence number     |      packet status count      |
///     |                 reference time                | fb pkt. count |
///     |          packet chunk         |         packet chunk          | ...
///     |  recv delta |  recv delta | ...
///
/// At most 4,096 packets are spoken of; a report of more is refused, since a hundred bytes could claim
/// sixty thousand.
package struct TransportFeedbackReader: ~Escapable {
    package let referenceTime: UInt32
    private let body: Span<UInt8>
    private var number: UInt16
    private var left: Int
    private var chunkOffset = 16
    private var deltaOffset: Int
    private var chunk: UInt16 = 0
    private var chunkLeft = 0
    /// Ticks of 250 us since the reference time.
    private var ticks = 0

    /// Nil if it is no such report, or if it is cut short.
    @_lifetime(copy packet)
    package init?(_ packet: borrowing RTCPPacket) {
        let body = packet.body
        guard packet.type == RTCPPacket.transportFeedback, packet.count == 15, body.count >= 18
        else { return nil }
        let count = Int(body.number16(at: 10))
        guard 1...4_096 ~= count else { return nil }
        // Deltas begin where the chunks that count so many packets end.
        var covered = 0
        var offset = 16
        while covered < count {
            guard offset + 2 <= body.count else { return nil }
            covered += Self.packets(in: body.number16(at: offset))
            guard covered > 0 else { return nil }
            offset += 2
        }
        self.body = body
        number = body.number16(at: 8)
        left = count
        let word = body.number32(at: 12)
        referenceTime = word >> 8
        deltaOffset = offset
    }

    private static func packets(in chunk: UInt16) -> Int {
        if chunk & 0x8000 == 0 { return Int(chunk & 0x1FFF) }
        return chunk & 0x4000 == 0 ? 14 : 7
    }

    /// The next packet: its number, and its arrival in ticks since the reference time, or nil if it is
    /// missing. Ends early where a delta is cut off.
    package mutating func next() -> (number: UInt16, ticks: Int?)? {
        guard left > 0 else { return nil }
        while chunkLeft == 0 {
            guard chunkOffset + 2 <= body.count else { return nil }
            chunk = body.number16(at: chunkOffset)
            chunkLeft = Self.packets(in: chunk)
            chunkOffset += 2
        }
        let symbol: UInt16
        if chunk & 0x8000 == 0 {
            symbol = chunk >> 13 & 3
        } else if chunk & 0x4000 == 0 {
            symbol = chunk >> UInt16(chunkLeft - 1) & 1
        } else {
            symbol = chunk >> UInt16(2 * (chunkLeft - 1)) & 3
        }
        chunkLeft -= 1
        left -= 1
        defer { number &+= 1 }
        switch symbol {
        case 1:
            guard deltaOffset < body.count else { return nil }
            ticks += Int(body[deltaOffset])
            deltaOffset += 1
        case 2:
            guard deltaOffset + 2 <= body.count else { return nil }
            ticks += Int(Int16(bitPattern: body.number16(at: deltaOffset)))
            deltaOffset += 2
        default:
            return (number, nil)
        }
        return (number, ticks)
    }
}
