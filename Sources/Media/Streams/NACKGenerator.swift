package import Basics

/// Which packets of a publisher's video to ask for again (RFC 4585 section 6.2.1).
///
/// Told of every authenticated packet, it keeps the numbers that are missing below the highest, in
/// order:
///
///                 a later one came            two later ones came, or 10 ms passed
///     (unknown) ───────────────────▶ missing ─────────────────────────────────────▶ asked
///                                      │ it came, or a key frame                     │  │ a round trip
///                                      ▼ made it useless                             │  │ (20 ms at
///                                  forgotten ◀───────────────────────────────────────┘  ◀─┘ least)
///                                              came, useless, asked 10 times, 1 s old
///
/// At most 512 numbers are missing at once. Beyond that, asking would only add to the flood: all are
/// forgotten and ``wantsKeyFrame`` says what is needed instead.
@safe package struct NACKGenerator: ~Copyable, @unchecked Sendable {
    package struct Rules: Sendable {
        /// So many later packets say that one is lost and not merely overtaken.
        package var laterPackets: UInt32 = 2
        /// Or so long a wait since the first of them.
        package var patience: Duration = .milliseconds(10)
        /// Between two requests for one packet, even if the round trip is shorter.
        package var leastInterval: Duration = .milliseconds(20)
        package var attempts: UInt8 = 10
        package var longestAge: Duration = .seconds(1)

        package init() {}
    }

    private struct Missing: BitwiseCopyable {
        var sequence: UInt64
        /// When its absence was seen, in nanoseconds.
        var noticed: Int64
        /// When it was last asked for.
        var asked: Int64
        /// How many packets had advanced the count when its absence was seen.
        var advances: UInt32
        var attempts: UInt8
    }

    package static let capacity = 512
    private static let never = Int64.max

    private let laterPackets: UInt32
    private let patience: Int64
    private let leastInterval: Int64
    private let attempts: UInt8
    private let longestAge: Int64

    /// Made at the first loss. Sorted by sequence.
    private var missing: UnsafeMutablePointer<Missing>?
    private var count = 0
    private var hasBegun = false
    private var highest: UInt64 = 0
    private var advances: UInt32 = 0
    /// The `advances` of the first one not asked for yet, if `hasUnasked`.
    private var unaskedSince: UInt32 = 0
    private var hasUnasked = false
    private var due = never

    /// So many packets were missing that only a key frame helps. Set back by whoever asks for one.
    package var wantsKeyFrame = false
    /// Numbers written into requests, repetitions included.
    package private(set) var asked: UInt64 = 0
    /// Packets that came after they had been asked for.
    package private(set) var recovered: UInt64 = 0
    /// Packets given up: asked for often enough, or too old.
    package private(set) var abandoned: UInt64 = 0

    package init(_ rules: Rules = Rules()) {
        laterPackets = rules.laterPackets
        patience = Instant(nanoseconds: 0).advanced(by: rules.patience).nanoseconds
        leastInterval = Instant(nanoseconds: 0).advanced(by: rules.leastInterval).nanoseconds
        attempts = rules.attempts
        longestAge = Instant(nanoseconds: 0).advanced(by: rules.longestAge).nanoseconds
        unsafe missing = nil
    }

    deinit {
        unsafe missing?.deallocate()
    }

    /// A packet came and is authentic; `sequence` is its extended number.
    package mutating func received(
        _ sequence: UInt64,
        startsKeyFrame: Bool = false,
        at now: Instant
    ) {
        guard hasBegun else {
            hasBegun = true
            highest = sequence
            return
        }
        if sequence > highest {
            advances &+= 1
            let gap = sequence &- highest &- 1
            if gap > 0 { lose(gap, before: sequence, at: now.nanoseconds) }
            highest = sequence
            if hasUnasked, advances &- unaskedSince >= laterPackets &- 1 {
                due = min(due, now.nanoseconds)
            }
        } else if count > 0 {
            find(sequence)
        }
        if startsKeyFrame, count > 0 { forget(before: sequence) }
    }

    /// How many packets are missing and still hoped for.
    package var missingCount: Int { count }

    /// When to call ``take(into:roundTrip:at:)``, or nil if nothing is missing.
    package var deadline: Instant? {
        due == Self.never ? nil : Instant(nanoseconds: due)
    }

    /// Writes the numbers to ask for now into `numbers`, in order, and tells how many. What finds no
    /// room there stays due.
    package mutating func take(
        into numbers: UnsafeMutableBufferPointer<UInt16>,
        roundTrip: Duration,
        at now: Instant
    ) -> Int {
        guard count > 0, let missing = unsafe missing else {
            due = Self.never
            return 0
        }
        let time = now.nanoseconds
        guard due <= time else { return 0 }
        let roundTrip = Instant(nanoseconds: 0).advanced(by: roundTrip).nanoseconds
        let interval = max(leastInterval, roundTrip)
        var written = 0
        var kept = 0
        due = Self.never
        hasUnasked = false
        for index in 0..<count {
            var one = unsafe missing[index]
            let moment = moment(of: one, interval: interval)
            if moment <= time {
                if one.attempts >= attempts || time &- one.noticed >= longestAge {
                    abandoned &+= 1
                    continue
                }
                if written < numbers.count {
                    unsafe numbers[written] = UInt16(truncatingIfNeeded: one.sequence)
                    written += 1
                    one.asked = time
                    one.attempts += 1
                    due = min(due, time &+ interval)
                } else {
                    due = time
                }
            } else {
                due = min(due, moment)
            }
            if one.attempts == 0, !hasUnasked {
                hasUnasked = true
                unaskedSince = one.advances
            }
            unsafe missing[kept] = one
            kept += 1
        }
        count = kept
        asked &+= UInt64(written)
        return written
    }

    /// When this one is to be asked for or given up.
    private func moment(of one: Missing, interval: Int64) -> Int64 {
        guard one.attempts == 0 else {
            return one.attempts >= attempts
                ? one.asked &+ interval
                : min(one.asked &+ interval, one.noticed &+ longestAge)
        }
        if advances &- one.advances >= laterPackets &- 1 { return one.noticed }
        return one.noticed &+ patience
    }

    private mutating func lose(_ gap: UInt64, before sequence: UInt64, at time: Int64) {
        guard gap <= UInt64(Self.capacity &- count) else {
            forgetAll()
            wantsKeyFrame = true
            return
        }
        if unsafe missing == nil {
            unsafe missing = .allocate(capacity: Self.capacity)
        }
        guard let missing = unsafe missing else { return }
        var next = sequence &- gap
        while next < sequence {
            unsafe missing[count] = Missing(
                sequence: next,
                noticed: time,
                asked: time,
                advances: advances,
                attempts: 0
            )
            count &+= 1
            next &+= 1
        }
        if !hasUnasked {
            hasUnasked = true
            unaskedSince = advances
        }
        due = min(due, time &+ patience)
    }

    /// One that was missing came.
    private mutating func find(_ sequence: UInt64) {
        guard let missing = unsafe missing else { return }
        let index = index(of: sequence)
        guard index < count, unsafe missing[index].sequence == sequence else { return }
        if unsafe missing[index].attempts > 0 { recovered &+= 1 }
        remove(from: index, count: 1)
    }

    private mutating func forget(before sequence: UInt64) {
        remove(from: 0, count: index(of: sequence))
    }

    private mutating func forgetAll() {
        count = 0
        hasUnasked = false
        due = Self.never
    }

    /// The place of the first that is not below `sequence`.
    private func index(of sequence: UInt64) -> Int {
        guard let missing = unsafe missing else { return 0 }
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) / 2
            if unsafe missing[middle].sequence < sequence {
                low = middle &+ 1
            } else {
                high = middle
            }
        }
        return low
    }

    private mutating func remove(from index: Int, count gone: Int) {
        guard gone > 0, let missing = unsafe missing else { return }
        let rest = count &- index &- gone
        unsafe (missing + index).update(from: missing + index + gone, count: rest)
        count &-= gone
        if count == 0 { forgetAll() }
    }
}
