package import Basics

/// Which layers of which tracks a viewer gets for the bits its path carries. One for each viewer.
///
/// To be asked every 100 to 200 ms, and when what the viewer shows has changed:
///
///     decide(demands, estimate:, at:) -> a decision for each demand, in their order
///     sought                             the rate at which more could be shown: to be probed for
///     deadline                           when the answer may change though nothing else does
///
/// *Who gets what.* First everybody's coarsest picture, in order of priority; then the screen is
/// raised as far as it goes, then the speaker, then all others together, a step each in turn. What
/// does not fit at all is paused; but the first keeps its coarsest picture although it does not fit,
/// up to twice what the path carries: someone with a poor path rather sees something late than
/// nothing. Equal priorities are served in the order of their track numbers.
///
/// *When.* Down at once. Up when the whole would fit with a fifth to spare for a second on end; and
/// after an ascent that ended within ten seconds in a descent, not before a pause, that grows from
/// two seconds by a half each time. A track that is new, or that the viewer has just made larger, is
/// not made to wait. Nor is one that was shown on a guess of what it takes and turned out to take more than
/// there is: it has not failed, the path has not been asked. What is shown needs no
/// margin to stay. So a constant estimate gives a constant answer.
///
/// Sound is never paused, and not spoken of here but for what it takes (`reserved`).
package struct LayerChoice: Sendable {
    package struct Settings: Hashable, Sendable {
        /// How much more than needed the estimate must be for an ascent.
        package var margin = 1.2
        package var sustained = Duration.seconds(1)
        package var firstPause = Duration.seconds(2)
        package var pauseGrowth = 1.5
        package var longestPause = Duration.seconds(60)
        /// An ascent that ends sooner has failed.
        package var trial = Duration.seconds(10)
        /// So long after an ascent on a guess, what is measured counts.
        package var settling = Duration.seconds(2)
        /// By how much the first coarsest picture may exceed the estimate.
        package var floorStretch = 2.0

        package init() {}
    }

    private struct Track {
        var shown: LayerDecision.Choice?
        /// May rise at once: it has just come, or the viewer has just made it larger.
        var isEager = true
        var limit = LayerDemand.Limit.nothing
        /// Since when it could be raised, and how far at any time since.
        var risingSince: Instant?
        var risingTo: LayerDecision.Choice?
        var pause: Duration
        var notBefore = Instant(nanoseconds: .min)
        var lastAscent: Instant?
        /// What is shown was raised to on a guess.
        var isOnGuess = false
        /// The guess was too low, and nothing has been raised since: it goes up again as one that has just
        /// come.
        var wasMisjudged = false

        mutating func look(at limit: LayerDemand.Limit, _ now: Instant) {
            if limit > self.limit, now >= notBefore { isEager = true }
            self.limit = limit
        }

        /// What it could be raised to; nil: it can't be.
        mutating func couldShow(_ choice: LayerDecision.Choice?, _ now: Instant) {
            guard let choice else { return endRise() }
            risingSince = risingSince ?? now
            risingTo = min(risingTo ?? choice, choice)
        }

        mutating func endRise() {
            risingSince = nil
            risingTo = nil
        }
    }

    /// One distribution: the step of each demand, in their order.
    private struct Plan {
        var places: [Int?]
        var total: Int64 = 0
    }

    private let settings: Settings
    private var tracks: [Int: Track] = [:]
    /// The rate at which the first that lacks something would lack nothing; nil if nobody does.
    package private(set) var sought: Bitrate?
    package private(set) var deadline: Instant?

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
    }

    /// `reserved` of the estimate is not to be spent here.
    package mutating func decide(
        _ demands: [LayerDemand],
        estimate: Bitrate,
        reserved: Bitrate = .zero,
        at now: Instant
    ) -> [LayerDecision] {
        let estimated = max(estimate.rawValue, 0)
        let taken = min(max(reserved.rawValue, 0), estimated)
        var states = demands.map { tracks[$0.track] ?? Track(pause: settings.firstPause) }
        let ladders = zip(demands, states).map { LayerLadder($0, current: $1.shown) }
        let held = zip(ladders, states).map { $0.place(of: $1.shown) }
        let order = demands.indices.sorted { left, right in
            (demands[left].priority, demands[left].track)
                < (demands[right].priority, demands[right].track)
        }
        let table = Table(
            demands: demands,
            ladders: ladders,
            held: held,
            order: order,
            budget: estimated - taken
        )
        for index in states.indices { states[index].look(at: demands[index].limit, now) }

        let possible = distribute(table, orAsleep: false) { _, _ in true }
        let wished = distribute(table, orAsleep: true) { index, _ in
            now >= states[index].notBefore
        }
        for index in states.indices {
            let place = possible.places[index]
            let choice = place.map { ladders[index].steps[$0].choice }
            states[index].couldShow(Self.isAbove(place, held[index]) ? choice : nil, now)
        }
        let plan = distribute(table, orAsleep: false) { index, place in
            mayRise(states[index], to: ladders[index].steps[place].choice, now)
        }

        var decisions: [LayerDecision] = []
        for index in demands.indices {
            let place = plan.places[index]
            let layer = place.map { ladders[index].steps[$0].choice.spatial }
            let isGuess = layer.map { demands[index].layers[$0].isGuess } ?? false
            note(&states[index], place, isGuess, held: held[index], ladders[index], now)
            decisions.append(
                LayerDecision(
                    track: demands[index].track,
                    outcome: Self.outcome(demands[index], ladders[index], place),
                    wanted: Self.wanted(ladders[index], place, wished.places[index])
                )
            )
        }
        tracks = Dictionary(
            zip(demands.map(\.track), states),
            uniquingKeysWith: { first, _ in first }
        )
        sought = lacking(table, plan, states, now).map { Bitrate(bitsPerSecond: $0 + taken) }
        deadline = nextChange(states, now)
        return decisions
    }

    // MARK: Who gets what

    private struct Table {
        var demands: [LayerDemand]
        var ladders: [LayerLadder]
        /// The step that is shown now.
        var held: [Int?]
        var order: [Int]
        var budget: Int64
    }

    /// `mayRise` says who may get more than it has, up to which step; `orAsleep`, whether layers count that don't come.
    private func distribute(
        _ table: Table,
        orAsleep: Bool,
        mayRise: (Int, Int) -> Bool
    ) -> Plan {
        var plan = Plan(places: table.demands.map { _ in nil })
        var isFirst = true
        for index in table.order {
            guard let floor = table.ladders[index].next(after: nil, orAsleep: orAsleep) else {
                continue
            }
            let rate = table.ladders[index].steps[floor].rate
            let stretched =
                isFirst ? Int64(Double(table.budget) * settings.floorStretch) : table.budget
            if fits(plan.total + rate, into: stretched, floor, index, table, mayRise) {
                plan.places[index] = floor
                plan.total += rate
            }
            isFirst = false
        }
        var rest = table.order[...]
        while let first = rest.first {
            let priority = table.demands[first].priority
            let peers = rest.prefix { table.demands[$0].priority == priority }
            rest = rest.dropFirst(peers.count)
            raise(Array(peers), table, orAsleep, mayRise, &plan)
        }
        return plan
    }

    /// A step each in turn, until none can be raised any more.
    private func raise(
        _ peers: [Int],
        _ table: Table,
        _ orAsleep: Bool,
        _ mayRise: (Int, Int) -> Bool,
        _ plan: inout Plan
    ) {
        var open = peers
        while !open.isEmpty {
            open.removeAll { index in
                let ladder = table.ladders[index]
                guard let place = plan.places[index],
                    let next = ladder.next(after: place, orAsleep: orAsleep)
                else { return true }
                let total = plan.total - ladder.steps[place].rate + ladder.steps[next].rate
                guard fits(total, into: table.budget, next, index, table, mayRise) else {
                    return true
                }
                plan.places[index] = next
                plan.total = total
                return false
            }
        }
    }

    private func fits(
        _ total: Int64,
        into budget: Int64,
        _ place: Int,
        _ index: Int,
        _ table: Table,
        _ mayRise: (Int, Int) -> Bool
    ) -> Bool {
        if !Self.isAbove(place, table.held[index]) { return total <= budget }
        return mayRise(index, place) && Double(total) * settings.margin <= Double(budget)
    }

    // MARK: When

    private func mayRise(
        _ track: Track,
        to choice: LayerDecision.Choice,
        _ now: Instant
    ) -> Bool {
        if track.isEager { return true }
        guard let since = track.risingSince, let most = track.risingTo else { return false }
        return choice <= most && now >= track.notBefore && now - since >= settings.sustained
    }

    private func note(
        _ track: inout Track,
        _ place: Int?,
        _ isGuess: Bool,
        held: Int?,
        _ ladder: LayerLadder,
        _ now: Instant
    ) {
        if Self.isAbove(place, held) {
            track.lastAscent = now
            track.isOnGuess = isGuess
            track.wasMisjudged = false
            track.endRise()
        } else if Self.isAbove(held, place), track.isOnGuess {
            track.isOnGuess = isGuess
            track.wasMisjudged = true
            track.endRise()
        } else if Self.isAbove(held, place) {
            // From a layer that ended `held` is already lower, and nobody has failed.
            let hasFailed = track.lastAscent.map { now - $0 < settings.trial } ?? false
            track.pause =
                hasFailed
                ? min(track.pause * settings.pauseGrowth, settings.longestPause)
                : settings.firstPause
            track.notBefore = now + track.pause
            track.endRise()
            track.lastAscent = nil
        } else if !isGuess, let ascent = track.lastAscent, now - ascent >= settings.settling {
            track.isOnGuess = false
        }
        track.shown = place.map { ladder.steps[$0].choice }
        // Not before there is something to be eager for.
        if ladder.steps.contains(where: \.isActive) { track.isEager = track.wasMisjudged }
    }

    /// What the first that lacks something would need, and all before it have.
    private func lacking(_ table: Table, _ plan: Plan, _ states: [Track], _ now: Instant) -> Int64?
    {
        for index in table.order where now >= states[index].notBefore {
            let steps = table.ladders[index].steps
            guard let top = steps.lastIndex(where: \.isActive),
                Self.isAbove(top, plan.places[index])
            else { continue }
            let rate = plan.places[index].map { steps[$0].rate } ?? 0
            let total = Double(plan.total - rate + steps[top].rate) * settings.margin
            guard total > Double(table.budget) else { continue }
            return Int64(total) + 1
        }
        return nil
    }

    private func nextChange(_ states: [Track], _ now: Instant) -> Instant? {
        states.compactMap { track in
            track.risingSince.map { max($0 + settings.sustained, track.notBefore) }
        }.filter { $0 > now }.min()
    }

    // MARK: Answers

    private static func isAbove(_ place: Int?, _ other: Int?) -> Bool {
        (place ?? -1) > (other ?? -1)
    }

    private static func outcome(
        _ demand: LayerDemand,
        _ ladder: LayerLadder,
        _ place: Int?
    ) -> LayerDecision.Outcome {
        if let place { return .show(ladder.steps[place].choice) }
        if demand.limit == .nothing { return .pause(.hidden) }
        return .pause(ladder.steps.contains { $0.isActive } ? .congested : .absent)
    }

    private static func wanted(_ ladder: LayerLadder, _ place: Int?, _ wished: Int?) -> LayerSet {
        var layers: LayerSet = ladder.steps.isEmpty ? [] : LayerSet(spatial: 0)
        for place in [place, wished] {
            if let place { layers.insert(LayerSet(spatial: ladder.steps[place].choice.spatial)) }
        }
        return layers
    }
}
