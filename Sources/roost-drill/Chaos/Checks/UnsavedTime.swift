internal import Basics

/// From when on what a host has acknowledged may be written down nowhere else: the moment that it takes to write it
/// down, or since Redis has been away, from all or from that host alone.
struct UnsavedTime {
    private struct Span {
        var since: Instant
        var until: Instant?

        /// It takes a host a little to have everything there again.
        func covers(_ now: Instant) -> Bool {
            until.map { now <= $0 + .seconds(1) } ?? true
        }
    }

    private let moment: Duration
    private var everybodys: Span?
    private var nodes: [Int: Span] = [:]

    init(_ moment: Duration) {
        self.moment = moment
    }

    mutating func take(_ what: DrillHistory.Happening, at now: Instant) {
        switch what {
        case .struck(.cutRedis, let node?, _): Self.begin(&nodes[node], at: now)
        case .mended(.cutRedis, let node?): nodes[node]?.until = now
        case .struck(let blow, _, _) where blow.keepsFromSaving: Self.begin(&everybodys, at: now)
        case .mended(let blow, _) where blow.keepsFromSaving: everybodys?.until = now
        default: break
        }
    }

    /// A span goes on that is begun before it was over.
    private static func begin(_ span: inout Span?, at now: Instant) {
        let goesOn = span?.covers(now) ?? false
        if !goesOn { span = Span(since: now) }
        span?.until = nil
    }

    /// Of a host that is struck now.
    func begin(of node: Int?, at now: Instant) -> Instant {
        let spans = [everybodys, node.flatMap { nodes[$0] }]
        let since = spans.compactMap { span in span.flatMap { $0.covers(now) ? $0.since : nil } }
        return (since + [now]).reduce(now, min).advanced(by: .zero - moment)
    }
}
