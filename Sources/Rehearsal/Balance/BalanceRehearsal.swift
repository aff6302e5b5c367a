internal import Basics
package import Coordination

/// Members with calls, who keep their load even among themselves, in virtual time.
///
/// What others carry is heard of late; moves take time, fail, or are never heard of again; people come and go, calls
/// begin and end, members die, come and are drained. The same seed gives the same run.
package struct BalanceRehearsal: Sendable {
    package struct Weather: Sendable {
        /// How many of a thousand moves fail, and how many are not heard of again.
        package var failures = 50
        package var silences = 20
        /// The longest time, in milliseconds, until others hear what a member carries.
        package var lateness: Int64 = 1_500
        /// Whether people come and go, and calls begin and end.
        package var isBusy = true
        package var mishaps = 3

        package init() {}

        package static let calm: Weather = {
            var weather = Weather()
            (weather.failures, weather.silences, weather.mishaps) = (0, 0, 0)
            weather.isBusy = false
            return weather
        }()
    }

    /// What was seen.
    package struct Report: Hashable, Sendable {
        package var violations: [String] = []
        package var moves = 0
        package var movedPeople: UInt64 = 0
        package var declined = 0
        /// When the last call was moved, in milliseconds.
        package var lastMove: Int64 = 0
        /// How many people each member that runs has at the end.
        package var loads: [UInt64] = []
        /// How often the call that was moved most was.
        package var mostMovesOfOne = 0
    }

    enum Item: Sendable {
        case glance(Int)
        case report(Int)
        case hear(Int, of: Int, CarriedLoad, at: Int64)
        case offer(Offer)
        case answer(Offer, isAdmitted: Bool)
        case finish(Offer)
        case churn
        case mishap
        case takeOver(Int)
        case start(Int)
        case drained(Int)
    }

    /// A call on its way, and what had come to its next host and gone from its last when it was chosen.
    struct Offer: Sendable {
        var giver: Int
        var life: Int
        var target: Int
        var terms: BalanceOffer
        var call: Int
        var come: UInt64
        var gone: UInt64
    }

    struct Node: Sendable {
        var member: MemberID
        var rebalancer: Rebalancer
        /// What it has heard of the others.
        var heard: [Int: (load: CarriedLoad, at: Int64)] = [:]
        /// What it has told the others last.
        var said: CarriedLoad?
        var isUp = true
        var isDraining = false
        var life = 1
        /// How many people have come here otherwise than by being moved for the load, and gone.
        var come: UInt64 = 0
        var gone: UInt64 = 0
    }

    struct Call: Sendable {
        var channel: Channel
        var host: Int?
        var people: UInt64
        var follows: Bool
        var moved: Int64?
        var moves = 0
    }

    static let busyFor: Int64 = 400_000_000_000
    static let end: Int64 = 1_400_000_000_000

    let terms: BalanceTerms
    let weather: Weather
    let flaw: BalanceFlaw?
    var random: SeededRandom
    var agenda = Agenda<Item>()
    var now: Int64 = 0
    var nodes: [Node] = []
    var calls: [Call] = []
    package internal(set) var report = Report()

    /// - Parameter loads: The sizes of the calls that each member hosts at the beginning.
    package init(
        _ loads: [[UInt64]],
        terms: BalanceTerms = BalanceTerms(isOn: true),
        _ weather: Weather,
        seed: UInt64,
        flaw: BalanceFlaw? = nil
    ) {
        var terms = terms
        terms.isOn = true
        self.terms = terms
        self.weather = weather
        self.flaw = flaw
        random = SeededRandom(seed: seed)
        for (index, sizes) in loads.enumerated() {
            guard let name = NodeName("n\(index)") else { preconditionFailure("it is a name") }
            let member = MemberID(name: name, nonce: random.next())
            nodes.append(Node(member: member, rebalancer: Rebalancer(self.terms)))
            for size in sizes { begin(at: index, with: size) }
            note(.glance(index), in: 0...1_000)
            note(.report(index), in: 0...1_000)
        }
        if weather.isBusy { note(.churn, in: 0...500) }
        for _ in 0..<weather.mishaps { note(.mishap, in: 20_000...350_000) }
    }

    package mutating func run() -> Report {
        while let time = agenda.nextTime, time < Self.end, report.violations.isEmpty {
            guard let (time, item) = agenda.next() else { break }
            now = time
            perform(item)
        }
        report.loads = nodes.indices.filter { nodes[$0].isUp }.map(people)
        report.mostMovesOfOne = calls.map(\.moves).max() ?? 0
        if report.violations.isEmpty { judge() }
        return report
    }

    private mutating func perform(_ item: Item) {
        switch item {
        case .glance(let node):
            note(.glance(node), in: 1_000...1_000)
            if nodes[node].isUp { tell(node, .looked(picture(of: node))) }
        case .report(let node):
            note(.report(node), in: 500...500)
            guard nodes[node].isUp else { return }
            let load = load(of: node)
            guard nodes[node].said != load else { return }
            nodes[node].said = load
            for other in nodes.indices where other != node {
                note(.hear(other, of: node, load, at: now), in: 0...weather.lateness)
            }
        case .hear(let node, let other, let load, let time):
            // Each word has the whole record, and an older one is not believed after a newer.
            guard nodes[node].heard[other].map({ $0.at < time }) ?? true else { return }
            nodes[node].heard[other] = (load, time)
        case .offer(let offer): ask(offer)
        case .answer(let offer, let isAdmitted): takeAnswer(offer, isAdmitted)
        case .finish(let offer): finish(offer)
        case .churn: churn()
        case .mishap: befall()
        case .takeOver(let dead): takeOver(dead)
        case .start(let node): start(node)
        case .drained(let node): drainOn(node)
        }
    }

    // MARK: - A rebalancer's turn

    private mutating func tell(_ index: Int, _ event: BalanceEvent) {
        let instant = Instant(nanoseconds: now)
        for action in nodes[index].rebalancer.receive(event, at: instant) {
            switch action {
            case .list:
                let listed = calls.indices.filter { calls[$0].host == index }.map {
                    MovableCall(
                        channel: calls[$0].channel,
                        people: calls[$0].people,
                        follows: calls[$0].follows
                    )
                }
                tell(index, .listed(listed, picture(of: index), chance: random.next()))
            case .give(let terms, let target): give(terms, from: index, to: target)
            case .admit, .decline: break
            }
        }
    }

    private mutating func give(_ terms: BalanceOffer, from giver: Int, to member: MemberID) {
        guard let target = nodes.firstIndex(where: { $0.member == member }),
            let call = calls.firstIndex(where: { $0.channel == terms.channel })
        else { return violate("a call is given to a member that never was") }
        if unrest(of: giver) != nil { violate("a call is moved while the cluster has other cares") }
        if !calls[call].follows { violate("a call is moved whose people do not follow") }
        if target == giver { violate("a call is given to its host") }
        let offer = Offer(
            giver: giver,
            life: nodes[giver].life,
            target: target,
            terms: terms,
            call: call,
            come: nodes[target].come,
            gone: nodes[giver].gone
        )
        note(.offer(offer), in: 0...20)
    }

    private mutating func ask(_ offer: Offer) {
        guard nodes[offer.target].isUp else {
            return note(.answer(offer, isAdmitted: false), in: 0...20)
        }
        var isAdmitted = true
        if flaw != .nobodyIsAsked {
            let instant = Instant(nanoseconds: now)
            if flaw == .promisesAreForgotten {
                nodes[offer.target].rebalancer = Rebalancer(terms)
            }
            let event = BalanceEvent.offered(offer.terms, picture(of: offer.target))
            isAdmitted = nodes[offer.target].rebalancer.receive(event, at: instant) == [.admit]
        }
        note(.answer(offer, isAdmitted: isAdmitted), in: 0...20)
    }

    private mutating func takeAnswer(_ offer: Offer, _ isAdmitted: Bool) {
        guard isAdmitted else {
            report.declined += 1
            return settle(offer, .declined)
        }
        let dice = Int.random(in: 0..<1_000, using: &random)
        if dice < weather.silences { return }
        if dice < weather.silences + weather.failures { return settle(offer, .failed) }
        note(.finish(offer), in: 20...500)
    }

    private mutating func finish(_ offer: Offer) {
        guard nodes[offer.giver].isUp, nodes[offer.giver].life == offer.life,
            nodes[offer.target].isUp, !nodes[offer.target].isDraining,
            calls[offer.call].host == offer.giver
        else { return settle(offer, .failed) }
        if let last = calls[offer.call].moved, now - last < nanoseconds(terms.callRest) {
            violate("a call that has just come is moved on")
        }
        calls[offer.call].moved = now
        calls[offer.call].host = offer.target
        calls[offer.call].moves += 1
        report.moves += 1
        report.movedPeople += calls[offer.call].people
        report.lastMove = now / 1_000_000
        // People may have come there and gone here meanwhile, and into the call itself.
        let slack =
            nodes[offer.target].come - offer.come + nodes[offer.giver].gone - offer.gone
            + calls[offer.call].people - min(calls[offer.call].people, offer.terms.people)
        let (left, there) = (people(offer.giver), people(offer.target))
        if there > left + slack {
            violate("\(there) people are where a call has gone, and \(left) where it was")
        }
        arrive(offer.target, offer.call)
        settle(offer, .moved)
    }

    /// A call has come to a member, for whichever reason.
    mutating func arrive(_ target: Int, _ call: Int) {
        guard flaw != .callsDoNotRest else { return }
        tell(target, .came(calls[call].channel))
    }

    private mutating func settle(_ offer: Offer, _ outcome: BalanceEvent.Outcome) {
        guard nodes[offer.giver].isUp, nodes[offer.giver].life == offer.life else { return }
        tell(offer.giver, .settled(offer.terms.channel, outcome))
    }

    // MARK: - Judging

    /// Long after the last disturbance: nobody moves anything any more, and who has too much has nothing that would help.
    private mutating func judge() {
        if report.lastMove > (Self.end - 300_000_000_000) / 1_000_000 {
            violate("calls still move from member to member long after all has come to rest")
        }
        for node in nodes.indices where nodes[node].isUp {
            let picture = picture(of: node)
            guard picture.unrest == nil else { continue }
            switch nodes[node].rebalancer.posture {
            case .even: break
            case .stuck where !canImprove(node): break
            case let posture: violate("at the end \(nodes[node].member) \(posture)")
            }
        }
    }

    private func canImprove(_ node: Int) -> Bool {
        let targets = nodes.indices.filter {
            $0 != node && nodes[$0].isUp && !nodes[$0].isDraining
        }
        return calls.contains { call in
            call.host == node && call.follows && call.people > 0
                && targets.contains { people($0) + call.people <= people(node) - call.people }
        }
    }

    mutating func violate(_ what: String) {
        report.violations.append("at \(now / 1_000_000) ms: \(what)")
    }

    // MARK: - Small things

    mutating func begin(at host: Int, with people: UInt64, follows: Bool = true) {
        guard let channel = Channel("call\(calls.count)") else {
            preconditionFailure("it is a name")
        }
        calls.append(Call(channel: channel, host: host, people: people, follows: follows))
    }

    func people(_ node: Int) -> UInt64 {
        var sum: UInt64 = 0
        for call in calls where call.host == node { sum += call.people }
        return sum
    }

    func load(of node: Int) -> CarriedLoad { CarriedLoad(people: people(node)) }

    mutating func note(_ item: Item, in range: ClosedRange<Int64>) {
        agenda.note(item, at: now + Int64.random(in: range, using: &random) * 1_000_000)
    }

    private func nanoseconds(_ duration: Duration) -> Int64 {
        (Instant(nanoseconds: 0) + duration).nanoseconds
    }
}
