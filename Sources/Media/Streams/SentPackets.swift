package import Basics

/// What a viewer was sent under which number, so that a lost packet can be sent again.
///
/// The packets themselves are in their sources' histories; here are sixteen bytes for each of the last
/// 512: which packet it was and what was made of it. With the same inputs the same bytes come out, and
/// they must: SRTP in GCM mode is broken by two different packets under one number (RFC 7714 section
/// 9.1). That includes the transport-wide number, which is the first sending's. Where RTX is
/// negotiated the packet gets a fresh number of another stream instead (see ``RTXPacket``).
///
///     find(number) ──▶ .found(packet) ──▶ look into the history, pay the budget ──▶ resent(packet)
///        └──▶ .unknown, .exhausted, .tooSoon
///
/// What is the same for all packets of one showing (source, shifts of timestamp and TL0PICIDX) is kept
/// for the last sixteen of them; packets of older ones are unknown.
@safe package struct SentPackets: ~Copyable, @unchecked Sendable {
    package enum Finding: Hashable, Sendable {
        case found(SentPacket)
        /// Never sent, or too long ago.
        case unknown
        /// Sent again as often as it may be.
        case exhausted
        /// The last sending may still arrive.
        case tooSoon
    }

    private struct Entry: BitwiseCopyable {
        var number: UInt32
        /// Low bits of the source's number; of padding, the timestamp.
        var sourceSequence: UInt32
        var transportNumber: UInt16
        var pictureShift: UInt16
        /// In milliseconds of the last repetition.
        var resentAt: UInt16
        var resends: UInt8
        var isPadding: Bool
    }

    private struct Showing: BitwiseCopyable {
        var begin: UInt64 = .max
        var timestampShift: UInt32 = 0
        var source: UInt16 = 0
        var baseLayerShift: UInt8 = 0
    }

    package static let capacity = 512
    package static let mostResends: UInt8 = 3
    private static let leastInterval: Int64 = 10_000_000

    private var entries: UnsafeMutablePointer<Entry>?
    private var newest: UInt64 = 0
    private var oldest: UInt64 = .max
    private var showings = InlineArray<16, Showing>(repeating: Showing())
    private var current = 0

    package init() {
        unsafe entries = nil
    }

    deinit {
        unsafe entries?.deallocate()
    }

    /// Bytes taken from the system: none before the first packet.
    package var allocated: Int {
        unsafe entries == nil ? 0 : Self.capacity * MemoryLayout<Entry>.stride
    }

    // MARK: Sending

    /// A packet was sent for the first time.
    package mutating func sent(
        _ packet: SourcePacket,
        as rewritten: RewrittenPacket,
        transportNumber: UInt16
    ) {
        let last = showings[current]
        let isSame =
            last.begin != .max && last.source == packet.source
            && last.timestampShift == rewritten.timestampShift
            && last.baseLayerShift == rewritten.baseLayerShift
        if !isSame {
            current = (current &+ 1) & 15
            showings[current] = Showing(
                begin: rewritten.sequence,
                timestampShift: rewritten.timestampShift,
                source: packet.source,
                baseLayerShift: rewritten.baseLayerShift
            )
        }
        store(
            Entry(
                number: UInt32(truncatingIfNeeded: rewritten.sequence),
                sourceSequence: UInt32(truncatingIfNeeded: packet.sequence),
                transportNumber: transportNumber,
                pictureShift: rewritten.pictureShift,
                resentAt: 0,
                resends: 0,
                isPadding: false
            ),
            at: rewritten.sequence
        )
    }

    /// A packet of padding was sent.
    package mutating func sentPadding(
        _ sequence: UInt64,
        timestamp: UInt32,
        transportNumber: UInt16
    ) {
        store(
            Entry(
                number: UInt32(truncatingIfNeeded: sequence),
                sourceSequence: timestamp,
                transportNumber: transportNumber,
                pictureShift: 0,
                resentAt: 0,
                resends: 0,
                isPadding: true
            ),
            at: sequence
        )
    }

    // MARK: Sending again

    /// The viewer says that it misses this number. Not again within half a round trip of the last
    /// repetition, or 10 ms; three repetitions at most.
    package func find(
        _ number: SequenceNumber,
        roundTrip: Duration,
        at now: Instant
    ) -> Finding {
        guard let entries = unsafe entries else { return .unknown }
        let sequence = number.extended(near: newest)
        guard sequence <= newest, sequence >= oldest else { return .unknown }
        guard newest &- sequence < UInt64(Self.capacity) else { return .unknown }
        let entry = unsafe entries[Self.place(sequence)]
        guard entry.number == UInt32(truncatingIfNeeded: sequence) else { return .unknown }
        guard entry.resends < Self.mostResends else { return .exhausted }
        if entry.resends > 0 {
            let roundTrip = Instant(nanoseconds: 0).advanced(by: roundTrip).nanoseconds
            let interval = max(Self.leastInterval, min(roundTrip / 2, 1_000_000_000)) / 1_000_000
            let age = Self.milliseconds(now) &- entry.resentAt
            if age < UInt16(truncatingIfNeeded: interval) { return .tooSoon }
        }
        if entry.isPadding {
            return .found(
                SentPacket(
                    content: .padding(timestamp: entry.sourceSequence),
                    sequence: sequence,
                    transportNumber: entry.transportNumber,
                    resends: entry.resends
                )
            )
        }
        guard let showing = showing(of: sequence) else { return .unknown }
        return .found(
            SentPacket(
                content: .packet(
                    source: showing.source,
                    low: entry.sourceSequence,
                    timestampShift: showing.timestampShift,
                    pictureShift: entry.pictureShift,
                    baseLayerShift: showing.baseLayerShift
                ),
                sequence: sequence,
                transportNumber: entry.transportNumber,
                resends: entry.resends
            )
        )
    }

    /// What was found was sent again.
    package mutating func resent(_ packet: SentPacket, at now: Instant) {
        guard let entries = unsafe entries else { return }
        let place = Self.place(packet.sequence)
        guard unsafe entries[place].number == UInt32(truncatingIfNeeded: packet.sequence) else {
            return
        }
        unsafe entries[place].resends &+= 1
        unsafe entries[place].resentAt = Self.milliseconds(now)
    }

    // MARK: Memory

    private mutating func store(_ entry: Entry, at sequence: UInt64) {
        if unsafe entries == nil { makeRoom() }
        guard let entries = unsafe entries else { return }
        if oldest == .max {
            oldest = sequence
            newest = sequence
        }
        guard sequence &+ UInt64(Self.capacity) > newest else { return }
        unsafe entries[Self.place(sequence)] = entry
        newest = max(newest, sequence)
    }

    private mutating func makeRoom() {
        let fresh = UnsafeMutablePointer<Entry>.allocate(capacity: Self.capacity)
        for place in 0..<Self.capacity {
            // A number that has another place, so that it is never found.
            let entry = Entry(
                number: UInt32(place) ^ 1,
                sourceSequence: 0,
                transportNumber: 0,
                pictureShift: 0,
                resentAt: 0,
                resends: 0,
                isPadding: false
            )
            unsafe (fresh + place).initialize(to: entry)
        }
        unsafe entries = fresh
    }

    /// The showing that number was sent in.
    private func showing(of sequence: UInt64) -> Showing? {
        var index = current
        for _ in 0..<16 {
            let showing = showings[index]
            if showing.begin == .max { return nil }
            if showing.begin <= sequence { return showing }
            index = (index &- 1) & 15
        }
        return nil
    }

    private static func place(_ sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & UInt64(capacity - 1))
    }

    private static func milliseconds(_ now: Instant) -> UInt16 {
        UInt16(truncatingIfNeeded: now.nanoseconds / 1_000_000)
    }
}
