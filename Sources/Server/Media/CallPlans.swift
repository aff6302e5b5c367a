internal import Basics
internal import Crypto
internal import Media

/// The plans of a media thread's calls, and when each wants to be asked again.
///
/// A plan is a large value: it stays in one place and is changed and asked there. When it wants to be
/// asked is put into a heap whenever that has changed, so that nobody looks through all plans to know
/// which is next; an entry that was overtaken finds nothing to do.
struct CallPlans {
    private final class Place {
        var plan: CallPlan
        var booked: Instant?

        init(_ plan: CallPlan) {
            self.plan = plan
        }
    }

    private var places: [UInt64: Place] = [:]
    private var dues = TimerHeap()

    var count: Int { places.count }
    var numbers: [UInt64] { places.keys.sorted() }
    /// When to call ``advance(to:using:)`` next.
    var deadline: Instant? { dues.deadline }

    /// The sessions of a call in the order in which they came.
    func order(of call: UInt64) -> [SessionID] { places[call]?.plan.order ?? [] }

    func isEmpty(_ call: UInt64) -> Bool { places[call]?.plan.isEmpty ?? true }

    /// Begins the call unless it has begun.
    mutating func open(_ call: UInt64, shard: Int, node: PlanNode) {
        guard places[call] == nil else { return }
        places[call] = Place(CallPlan(number: call, shard: shard, node: node))
    }

    mutating func close(_ call: UInt64) {
        places[call] = nil
    }

    /// Nil if there is no such call.
    mutating func receive(
        _ event: PlanEvent,
        of call: UInt64,
        at now: Instant,
        using random: inout SecureRandom
    ) -> [PlanAction]? {
        guard let place = places[call] else { return nil }
        let actions = place.plan.receive(event, at: now, using: &random)
        book(place, call)
        return actions
    }

    /// What the next plan whose time has come wants done; nil when there is none left.
    mutating func advance(
        to now: Instant,
        using random: inout SecureRandom
    ) -> (call: UInt64, actions: [PlanAction])? {
        while let entry = dues.popDue(at: now) {
            guard let place = places[entry.token] else { continue }
            place.booked = nil
            let isDue = place.plan.deadline.map { $0 <= now } ?? false
            let actions = isDue ? place.plan.advance(to: now, using: &random) : []
            book(place, entry.token)
            if isDue { return (entry.token, actions) }
        }
        return nil
    }

    /// For those who come from now on.
    func replace(_ node: PlanNode) {
        for place in places.values { place.plan.node = node }
    }

    func countTracks(_ incoming: inout [Codec: Int], _ outgoing: inout [Codec: Int]) {
        for place in places.values { place.plan.countTracks(&incoming, &outgoing) }
    }

    private mutating func book(_ place: Place, _ call: UInt64) {
        guard let due = place.plan.deadline, place.booked.map({ due < $0 }) ?? true else { return }
        place.booked = due
        dues.insert(TimerHeap.Entry(instant: due, token: call))
    }
}
