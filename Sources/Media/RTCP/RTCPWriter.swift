/// Writes packets of RTCP one after the other into memory that the caller owns, as one compound packet.
///
/// A packet that does not fit is not written, and says so; what was written before stays.
@safe package struct RTCPWriter: ~Copyable {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    package private(set) var count = 0

    package init(_ start: UnsafeMutableRawPointer, capacity: Int) {
        unsafe self.start = start
        self.capacity = capacity
    }

    package var room: Int { capacity - count }

    // MARK: - Reports (RFC 3550 section 6.4)

    package mutating func senderReport(
        _ ssrc: SSRC,
        ntp: UInt64,
        timestamp: UInt32,
        packets: UInt32,
        octets: UInt32
    ) -> Bool {
        guard begin(RTCPPacket.senderReport, 0, bytes: 28) else { return false }
        put(ssrc.rawValue)
        put(UInt32(truncatingIfNeeded: ntp >> 32))
        put(UInt32(truncatingIfNeeded: ntp))
        put(timestamp)
        put(packets)
        put(octets)
        return true
    }

    /// Begins a report of so many blocks (31 at most), each of which is written next.
    package mutating func beginReceiverReport(_ ssrc: SSRC, blocks: Int) -> Bool {
        guard blocks <= 31,
            begin(RTCPPacket.receiverReport, UInt8(blocks), bytes: 8 + 24 * blocks)
        else { return false }
        put(ssrc.rawValue)
        return true
    }

    package mutating func block(_ ssrc: SSRC, _ report: ReceptionReport) {
        put(ssrc.rawValue)
        let lost = UInt32(bitPattern: report.cumulativeLost) & 0xFF_FFFF
        put(UInt32(report.fractionLost) << 24 | lost)
        put(report.highestSequence)
        put(report.jitter)
        put(report.lastReport)
        put(report.delay)
    }

    /// The name that ties a source to its session (section 6.5.1).
    package mutating func description(_ ssrc: SSRC, cname: String) -> Bool {
        let name = cname.utf8.prefix(255)
        // The item, one null at least, and up to the next word.
        let size = 4 + 4 + (2 + name.count + 1).roundedUpToFour
        guard begin(RTCPPacket.description, 1, bytes: size) else { return false }
        put(ssrc.rawValue)
        let end = count + size - 8
        put(UInt8(1))
        put(UInt8(name.count))
        for byte in name { put(byte) }
        while count < end { put(UInt8(0)) }
        return true
    }

    package mutating func goodbye(_ ssrc: SSRC) -> Bool {
        guard begin(RTCPPacket.goodbye, 1, bytes: 8) else { return false }
        put(ssrc.rawValue)
        return true
    }

    // MARK: - Feedback (RFC 4585 section 6)

    package mutating func pictureLost(by sender: SSRC, of media: SSRC) -> Bool {
        guard begin(RTCPPacket.payloadFeedback, 1, bytes: 12) else { return false }
        put(sender.rawValue)
        put(media.rawValue)
        return true
    }

    /// RFC 5104 section 4.3.1.
    package mutating func fullIntra(by sender: SSRC, of media: SSRC, number: UInt8) -> Bool {
        guard begin(RTCPPacket.payloadFeedback, 4, bytes: 20) else { return false }
        put(sender.rawValue)
        put(UInt32(0))
        put(media.rawValue)
        put(UInt32(number) << 24)
        return true
    }

    /// Asks for these packets again. They must be in order, by the shorter way round.
    package mutating func lost(
        _ numbers: UnsafeBufferPointer<UInt16>,
        by sender: SSRC,
        of media: SSRC
    ) -> Bool {
        var pairs = 0
        unsafe Self.forEachPair(numbers) { _, _ in pairs += 1 }
        guard pairs > 0, begin(RTCPPacket.transportFeedback, 1, bytes: 12 + 4 * pairs) else {
            return false
        }
        put(sender.rawValue)
        put(media.rawValue)
        unsafe Self.forEachPair(numbers) { number, following in
            put(number)
            put(following)
        }
        return true
    }

    private static func forEachPair(
        _ numbers: UnsafeBufferPointer<UInt16>,
        _ body: (UInt16, UInt16) -> Void
    ) {
        var index = 0
        while index < numbers.count {
            let number = unsafe numbers[index]
            var following: UInt16 = 0
            index += 1
            while index < numbers.count {
                let distance = unsafe numbers[index] &- number
                guard 1...16 ~= distance else { break }
                following |= 1 << (distance - 1)
                index += 1
            }
            body(number, following)
        }
    }

    /// Which packets arrived and when, as the recorder has noted them.
    package mutating func arrivals(
        _ report: TransportFeedbackReport,
        of recorder: borrowing TransportFeedbackRecorder,
        by sender: SSRC,
        media: SSRC
    ) -> Bool {
        // Two bits a packet: seven to a chunk. The recorder has seen to it that it fits.
        let chunks = (report.count + 6) / 7
        var deltas = 0
        var last = 0
        for index in 0..<report.count {
            guard let arrival = recorder.arrival(of: index, in: report) else { continue }
            deltas += 0...255 ~= arrival - last ? 1 : 2
            last = arrival
        }
        let size = (20 + 2 * chunks + deltas).roundedUpToFour
        guard begin(RTCPPacket.transportFeedback, 15, bytes: size) else { return false }
        let end = count + size - 4
        put(sender.rawValue)
        put(media.rawValue)
        put(report.base)
        put(UInt16(report.count))
        put(report.referenceTime << 8 | UInt32(report.number))
        last = 0
        for chunk in 0..<chunks {
            var bits: UInt16 = 0xC000
            for place in 0..<7 where 7 * chunk + place < report.count {
                guard let arrival = recorder.arrival(of: 7 * chunk + place, in: report) else {
                    continue
                }
                let symbol: UInt16 = 0...255 ~= arrival - last ? 1 : 2
                last = arrival
                bits |= symbol << UInt16(2 * (6 - place))
            }
            put(bits)
        }
        last = 0
        for index in 0..<report.count {
            guard let arrival = recorder.arrival(of: index, in: report) else { continue }
            let delta = arrival - last
            last = arrival
            if 0...255 ~= delta {
                put(UInt8(delta))
            } else {
                put(UInt16(bitPattern: Int16(clamping: delta)))
            }
        }
        while count < end { put(UInt8(0)) }
        return true
    }

    // MARK: - Bytes

    private mutating func begin(_ type: UInt8, _ number: UInt8, bytes: Int) -> Bool {
        guard bytes <= room else { return false }
        put(0x80 | number)
        put(type)
        put(UInt16(bytes / 4 - 1))
        return true
    }

    private mutating func put(_ value: UInt8) {
        unsafe start.storeBytes(of: value, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    private mutating func put(_ value: UInt16) {
        unsafe start.storeBytes(of: value.bigEndian, toByteOffset: count, as: UInt16.self)
        count += 2
    }

    private mutating func put(_ value: UInt32) {
        unsafe start.storeBytes(of: value.bigEndian, toByteOffset: count, as: UInt32.self)
        count += 4
    }
}
