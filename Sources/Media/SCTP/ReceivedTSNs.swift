/// Which TSNs have arrived, so that each is taken once and a SACK can say what is missing.
///
///            cumulative        first … last        first … last
///     ───────────●─────────────█████████───────────█████──────────▶ TSN
///      all arrived    a gap
///
/// At most ``limit`` runs beyond gaps are kept, and none farther than ``reach``: a peer that leaves
/// more holes must send again.
struct ReceivedTSNs {
    private(set) var cumulative: TSN
    private(set) var runs: [Run] = []
    /// TSNs that came again since the last SACK, of which a few are reported (RFC 9260 section 6.2).
    private(set) var duplicates: [TSN] = []

    struct Run {
        var first: TSN
        var last: TSN
    }

    enum Verdict {
        case next
        case beyondGap
        case duplicate
        case outOfReach
    }

    init(before first: TSN) {
        cumulative = first.advanced(by: -1)
    }

    func judge(_ tsn: TSN) -> Verdict {
        let distance = tsn.distance(from: cumulative)
        if distance <= 0 { return .duplicate }
        if distance == 1, runs.isEmpty { return .next }
        let place = place(of: tsn)
        if place < runs.count, runs[place].first.distance(from: tsn) <= 0 { return .duplicate }
        if distance == 1 { return .next }
        guard distance <= Self.reach else { return .outOfReach }
        guard runs.count < Self.limit || isAttached(tsn, at: place) else { return .outOfReach }
        return .beyondGap
    }

    /// Notes one that was judged ``Verdict/next`` or ``Verdict/beyondGap``.
    mutating func take(_ tsn: TSN) {
        if tsn.distance(from: cumulative) == 1 {
            advance(to: tsn)
            return
        }
        let place = place(of: tsn)
        let joinsNext = place < runs.count && runs[place].first.distance(from: tsn) == 1
        if place > 0, tsn.distance(from: runs[place - 1].last) == 1 {
            runs[place - 1].last = joinsNext ? runs[place].last : tsn
            if joinsNext { runs.remove(at: place) }
        } else if joinsNext {
            runs[place].first = tsn
        } else {
            runs.insert(Run(first: tsn, last: tsn), at: place)
        }
    }

    /// All up to here has arrived, or never will (RFC 3758 section 3.6).
    mutating func advance(to tsn: TSN) {
        guard tsn.distance(from: cumulative) > 0 else { return }
        cumulative = tsn
        var gone = 0
        while gone < runs.count, runs[gone].first.distance(from: cumulative) <= 1 {
            if runs[gone].last.distance(from: cumulative) > 0 { cumulative = runs[gone].last }
            gone += 1
        }
        runs.removeFirst(gone)
        if runs.isEmpty, runs.capacity > 8 { runs = [] }
    }

    mutating func noteDuplicate(_ tsn: TSN) {
        if duplicates.count < Self.reportedDuplicates { duplicates.append(tsn) }
    }

    mutating func forgetDuplicates() {
        if !duplicates.isEmpty { duplicates = [] }
    }

    /// The first run that does not end before this TSN.
    private func place(of tsn: TSN) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].last.distance(from: tsn) < 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isAttached(_ tsn: TSN, at place: Int) -> Bool {
        place > 0 && tsn.distance(from: runs[place - 1].last) == 1
            || place < runs.count && runs[place].first.distance(from: tsn) == 1
    }

    static var limit: Int { 128 }
    static var reach: Int { 16_384 }
    static var reportedDuplicates: Int { 16 }
}
