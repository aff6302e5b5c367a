package import Basics

/// Notes when a publisher's packets arrived, by their transport-wide numbers, and says so every
/// 100 to 250 ms, so that the publisher can tell how much the path to us carries
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01). The fewer come, the longer a report waits to
/// have some sixteen to tell of: for a voice alone, one in five of its packets would be a report.
///
///     received(_:at:) ... received(_:at:)     for every packet that bears the number
///     deadline                                when to ask for a report
///     while let report = take(at:)            and for each index in 0..<report.count
///         arrival(of: index, in: report)      ticks of 250 us since the reference time, nil: missing
///
/// The last 128 arrivals are kept, eight bytes each; the last 1,024 once a report had half of that to tell
/// of, as of several cameras. A packet that comes after its report takes
/// the next report back to it, so what follows it is told twice, which senders put up with. A number
/// far from the others is believed when its successor comes too: the publisher began anew (compare
/// RFC 3550 appendix A.1).
///
/// On the path of every packet: no allocation, but for that once.
package struct TransportFeedbackRecorder: ~Copyable {
    // Not private: the compiler trips over a generic of a private type behind another room's door.
    struct Arrival: BitwiseCopyable {
        /// The low bits of the whole count, so that what an earlier lap left here is not believed.
        var sequence: UInt32
        var tick: UInt32
    }

    /// A number further back is not late but another count's.
    private static var window: Int { 1_024 }
    private static var firstWindow: Int { 128 }
    private static var mostReceived: Int { 400 }
    private static var plenty: Int64 { 300 }

    private static var enough: Int64 { 16 }
    private static var longest: Int64 { 250_000_000 }

    private let least: Int64
    private var interval: Int64
    private var arrivals = MaskedRing(count: firstWindow, repeating: Arrival(sequence: 0, tick: 0))
    /// Whole counts of the newest arrival, and of the first packet that the next report speaks of.
    private var newest: Int64 = -1
    private var next: Int64 = 0
    /// The successor of a number that was too far away.
    private var strayed: Int = -1
    /// In nanoseconds; `.max` if there is nothing to tell.
    private var due: Int64 = .max
    private var number: UInt8 = 0
    /// Packets that came twice, or too late to be told.
    package private(set) var ignored: UInt64 = 0

    package init(interval: Duration = .milliseconds(100)) {
        least = (Instant(nanoseconds: 0) + interval).nanoseconds
        self.interval = least
    }

    /// When to call ``take(at:)``, nil while there is nothing to tell.
    package var deadline: Instant? { due == .max ? nil : Instant(nanoseconds: due) }

    package mutating func received(_ sequence: UInt16, at now: Instant) {
        let tick = UInt32(truncatingIfNeeded: now.nanoseconds / 250_000)
        guard newest >= 0 else { return begin(sequence, tick, now) }
        let step = Int64(Int16(bitPattern: sequence &- UInt16(truncatingIfNeeded: newest)))
        if step <= -Int64(Self.window) {
            if strayed == Int(sequence) { return begin(sequence, tick, now) }
            strayed = Int(sequence &+ 1)
            ignored &+= 1
            return
        }
        let place = newest &+ step
        if step > 0 {
            if place &- next >= Int64(arrivals.count / 2) { widen() }
            newest = place
            // What fell out of the ring is never told; the sender counts it as neither.
            next = max(next, newest &- Int64(arrivals.count) &+ 1)
        } else if step <= -Int64(arrivals.count) {
            ignored &+= 1
            return
        } else if arrivals[Int(place)].sequence == UInt32(truncatingIfNeeded: place) {
            ignored &+= 1
            return
        } else {
            next = min(next, place)
        }
        note(place, tick, now)
    }

    /// The next report, or nil when there is nothing to tell. Ask until it is nil.
    package mutating func take(at now: Instant) -> TransportFeedbackReport? {
        guard due != .max else { return nil }
        var place = next
        var received = 0
        var last: UInt32 = 0
        var reference: UInt32 = 0
        var end = next
        while place <= newest, received < Self.mostReceived {
            let arrival = arrivals[Int(place)]
            if arrival.sequence == UInt32(truncatingIfNeeded: place) {
                if received == 0 {
                    reference = arrival.tick >> 8
                } else {
                    // A delta is sixteen bits; a longer pause begins another report.
                    let delta = Int32(bitPattern: arrival.tick &- last)
                    guard delta == Int32(Int16(truncatingIfNeeded: delta)) else { break }
                }
                last = arrival.tick
                received &+= 1
                end = place &+ 1
            }
            place &+= 1
        }
        due = end > newest ? .max : now.nanoseconds
        // The newest packet was received and is in the ring, so there is one.
        guard received > 0 else { return nil }
        if due == .max {
            let better = interval &* Self.enough / Int64(received)
            interval = min(max(better, least), max(Self.longest, least))
        }
        let report = TransportFeedbackReport(
            base: UInt16(truncatingIfNeeded: next),
            count: Int(end &- next),
            referenceTime: reference & 0xFF_FFFF,
            number: number,
            place: next
        )
        next = end
        number &+= 1
        return report
    }

    /// When packet `index` of a report came, in ticks of 250 us since its reference time; nil: it did
    /// not. To be asked before the next packet is noted. Differences of neighbours fit 16 bits.
    package func arrival(of index: Int, in report: TransportFeedbackReport) -> Int? {
        let place = report.place &+ Int64(index)
        let arrival = arrivals[Int(place)]
        guard arrival.sequence == UInt32(truncatingIfNeeded: place) else { return nil }
        return Int(Int32(bitPattern: arrival.tick &- report.referenceTick))
    }

    private mutating func widen() {
        guard arrivals.count < Self.window else { return }
        var wider = MaskedRing(count: Self.window, repeating: Arrival(sequence: 0, tick: 0))
        for place in max(newest &- Int64(arrivals.count) &+ 1, 0)...newest {
            wider[Int(place)] = arrivals[Int(place)]
        }
        arrivals = wider
    }

    private mutating func begin(_ sequence: UInt16, _ tick: UInt32, _ now: Instant) {
        // A lap and more further on, so that nothing in the ring is taken for new, and far enough
        // from zero for what came before the first.
        newest = ((max(newest, 0) >> 16) &+ 2) << 16 | Int64(sequence)
        next = newest
        note(newest, tick, now)
    }

    private mutating func note(_ place: Int64, _ tick: UInt32, _ now: Instant) {
        strayed = -1
        arrivals[Int(place)] = Arrival(sequence: UInt32(truncatingIfNeeded: place), tick: tick)
        if due == .max { due = now.nanoseconds &+ interval }
        if newest &- next >= Self.plenty { due = min(due, now.nanoseconds) }
    }
}
