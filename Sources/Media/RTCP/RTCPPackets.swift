/// Visits the packets of a compound RTCP packet, or of a reduced-size one (RFC 3550 section 6.1,
/// RFC 5506), where they lie.
///
/// Ends quietly at the first byte that makes no sense: what came before it was whole, and what follows
/// can't be found.
package struct RTCPPackets: ~Escapable {
    private let bytes: Span<UInt8>
    private var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    /// The next packet.
    @_lifetime(copy self)
    package mutating func next() -> RTCPPacket? {
        guard offset + 4 <= bytes.count else { return nil }
        let first = bytes[offset]
        guard first & 0xC0 == 0x80 else { return nil }
        let size = 4 * (Int(bytes.number16(at: offset + 2)) + 1)
        guard offset + size <= bytes.count else { return nil }
        var end = offset + size
        if first & 0x20 != 0 {
            let padding = Int(bytes[end - 1])
            guard padding > 0, padding.isMultiple(of: 4), padding <= size - 4 else { return nil }
            end -= padding
        }
        let packet = RTCPPacket(
            type: bytes[offset + 1],
            count: first & 0x1F,
            body: bytes.extracting(offset + 4..<end)
        )
        offset += size
        return packet
    }
}

/// One packet of RTCP, not yet read.
package struct RTCPPacket: ~Escapable {
    /// 200 to 207 (RFC 3550 section 12.1, RFC 4585 section 6.1).
    package let type: UInt8
    /// Of reports: blocks; of feedback: its format.
    package let count: UInt8
    /// What follows the first word, without padding.
    package let body: Span<UInt8>

    @_lifetime(copy body)
    init(type: UInt8, count: UInt8, body: Span<UInt8>) {
        self.type = type
        self.count = count
        self.body = body
    }

    package static let senderReport: UInt8 = 200
    package static let receiverReport: UInt8 = 201
    package static let description: UInt8 = 202
    package static let goodbye: UInt8 = 203
    /// Of RTP: lost packets (1), arrival of all (15).
    package static let transportFeedback: UInt8 = 205
    /// Of pictures: lost (1), a whole one wanted (4), bit rate (15).
    package static let payloadFeedback: UInt8 = 206

    // MARK: - Reports

    package struct SenderPart: Hashable, Sendable {
        package var ssrc: SSRC
        package var ntp: UInt64
        package var timestamp: UInt32
        package var packets: UInt32
        package var octets: UInt32
    }

    /// What a sender report says of the sender itself.
    package var senderPart: SenderPart? {
        guard type == Self.senderReport, body.count >= 24 else { return nil }
        return SenderPart(
            ssrc: SSRC(body.number32(at: 0)),
            ntp: body.number64(at: 4),
            timestamp: body.number32(at: 12),
            packets: body.number32(at: 16),
            octets: body.number32(at: 20)
        )
    }

    /// How many blocks of the report are whole.
    package var blockCount: Int {
        let head = type == Self.senderReport ? 24 : type == Self.receiverReport ? 4 : body.count
        guard body.count > head else { return 0 }
        return min(Int(count), (body.count - head) / 24)
    }

    /// A block of a report: of which stream, and how it arrives. The index must be below
    /// ``blockCount``.
    package func block(_ index: Int) -> (ssrc: SSRC, report: ReceptionReport) {
        let start = (type == Self.senderReport ? 24 : 4) + 24 * index
        let losses = body.number32(at: start + 4)
        return (
            SSRC(body.number32(at: start)),
            ReceptionReport(
                fractionLost: UInt8(losses >> 24),
                // 24 bits with a sign.
                cumulativeLost: Int32(bitPattern: losses << 8) >> 8,
                highestSequence: body.number32(at: start + 8),
                jitter: body.number32(at: start + 12),
                lastReport: body.number32(at: start + 16),
                delay: body.number32(at: start + 20)
            )
        )
    }

    // MARK: - Feedback (RFC 4585 section 6.1)

    /// Whose packets the feedback is about; the sender of it stands before.
    package var mediaSource: SSRC? {
        guard type == Self.transportFeedback || type == Self.payloadFeedback, body.count >= 8 else {
            return nil
        }
        return SSRC(body.number32(at: 4))
    }

    /// Of a NACK (section 6.2.1): so many pairs of a number and a mask of the sixteen after it.
    package var lossCount: Int { max(body.count - 8, 0) / 4 }

    package func loss(_ index: Int) -> (number: SequenceNumber, following: UInt16) {
        let start = 8 + 4 * index
        return (SequenceNumber(body.number16(at: start)), body.number16(at: start + 2))
    }

    /// Of an FIR (RFC 5104 section 4.3.1): so many streams that a whole picture is wanted of.
    package var intraCount: Int { max(body.count - 8, 0) / 8 }

    package func intra(_ index: Int) -> SSRC { SSRC(body.number32(at: 8 + 8 * index)) }

    /// Of a REMB (draft-alvestrand-rmcat-remb-03): the highest rate that shall be sent.
    package var maximumRate: Bitrate? {
        guard type == Self.payloadFeedback, count == 15, body.count >= 16,
            body.number32(at: 8) == 0x5245_4D42
        else { return nil }
        let bits = body.number32(at: 12)
        let exponent = bits >> 18 & 0x3F
        let mantissa = Int64(bits & 0x3FFFF)
        // What does not fit is more than anybody has.
        guard exponent < 45 else { return Bitrate(bitsPerSecond: .max >> 1) }
        return Bitrate(bitsPerSecond: mantissa << Int64(exponent))
    }
}
