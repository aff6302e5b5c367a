/// What left towards a viewer, by transport-wide number: all packets of the last two seconds, 512 at least
/// and 2,048 at most, eight bytes each.
///
/// A viewer of a screen needs a quarter of what one of twenty megabits does. So there is room for few at
/// first, and for twice as many when a report comes while packets are forgotten too early. Who never
/// reports needs none.
struct TransportHistory: ~Copyable {
    struct Packet: BitwiseCopyable {
        enum Fate: UInt8, BitwiseCopyable {
            case open
            /// A later one was told of, so its report is lost or late.
            case untold
            case arrived
            case lost
        }

        /// The low bits of the microsecond at which it left.
        var time: UInt32
        var size: UInt16
        var fate: Fate
        /// The probe it is part of; 0: none.
        var probe: UInt8
    }

    private static var firstWindow: Int { 512 }
    private static var mostPackets: Int { 2_048 }
    /// In microseconds: two seconds, and what may leave until the next report.
    private static var remembered: UInt32 { 2_250_000 }

    private static var none: Packet { Packet(time: 0, size: 0, fate: .lost, probe: 0) }

    private var packets = MaskedRing(count: firstWindow, repeating: none)
    /// How many have left in all; the low bits are the next number.
    private var count = 0
    /// One more than the last that was told of.
    private var told = 0
    /// The bytes of those that became `untold` since somebody last looked.
    var untoldBytes = 0

    /// Remembers a packet and gives it its number.
    mutating func append(size: Int, time: Int64, probe: UInt8) -> UInt16 {
        packets[count] = Packet(
            time: UInt32(truncatingIfNeeded: time),
            size: UInt16(clamping: size),
            fate: .open,
            probe: probe
        )
        let sequence = UInt16(truncatingIfNeeded: count)
        count &+= 1
        return sequence
    }

    /// How many packets there is room for.
    private var window: Int { packets.count }

    /// Makes room for more, if what is to be forgotten next left too short a time ago.
    mutating func widen(at time: Int64) {
        guard window < Self.mostPackets, count >= window,
            UInt32(truncatingIfNeeded: time) &- packets[count].time < Self.remembered
        else { return }
        var wider = MaskedRing(count: window * 2, repeating: Self.none)
        for place in count - window..<count { wider[place] = packets[place] }
        packets = wider
    }

    /// Settles what became of a packet and returns it as it was before; nil if it is not one of the
    /// last, or was settled: what arrived has arrived, and what was lost may only arrive.
    mutating func settle(_ sequence: UInt16, as fate: Packet.Fate) -> Packet? {
        let age = Int(UInt16(truncatingIfNeeded: count) &- sequence)
        guard age >= 1, age <= min(count, window) else { return nil }
        let place = count &- age
        passOver(upTo: place)
        let packet = packets[place]
        switch (packet.fate, fate) {
        case (.open, _), (.untold, _), (.lost, .arrived):
            packets[place].fate = fate
            return packet
        case (.lost, _), (.arrived, _): return nil
        }
    }

    private mutating func passOver(upTo place: Int) {
        guard place >= told else { return }
        var skipped = max(told, count &- window)
        while skipped < place {
            if packets[skipped].fate == .open {
                packets[skipped].fate = .untold
                untoldBytes &+= Int(packets[skipped].size)
            }
            skipped &+= 1
        }
        told = place &+ 1
    }
}
