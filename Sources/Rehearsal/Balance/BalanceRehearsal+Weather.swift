internal import Basics
internal import Coordination

/// What befalls members, and what they see of it.
extension BalanceRehearsal {
    func picture(of node: Int) -> LoadPicture {
        let others = nodes.indices.filter {
            $0 != node && nodes[$0].isUp && !nodes[$0].isDraining
        }
        var entries = nodes.indices.filter { nodes[$0].isUp }.map {
            LoadPicture.Roll.Entry(member: nodes[$0].member, life: life($0))
        }
        if flaw == .unrestIsIgnored { entries = [] }
        return LoadPicture(
            own: LoadPicture.Carrier(
                member: nodes[node].member,
                load: load(of: node),
                mayTake: !nodes[node].isDraining
            ),
            others: others.map { other in
                LoadPicture.Carrier(
                    member: nodes[other].member,
                    load: nodes[node].heard[other]?.load ?? CarriedLoad(people: 0),
                    mayTake: true
                )
            },
            unrest: flaw == .unrestIsIgnored ? nil : unrest(of: node),
            roll: LoadPicture.Roll(generation: Generation(1), entries: entries)
        )
    }

    func unrest(of node: Int) -> LoadPicture.Unrest? {
        if nodes[node].isDraining { return .ownDrain }
        if calls.contains(where: { $0.host.map { !nodes[$0].isUp } ?? false }) { return .death }
        let isDrained = nodes.indices.contains {
            $0 != node && nodes[$0].isUp && nodes[$0].isDraining && people($0) > 0
        }
        return isDrained ? .drain : nil
    }

    private func life(_ node: Int) -> Life { Life(rawValue: UInt64(nodes[node].life)) }

    // MARK: - People

    mutating func churn() {
        guard now < Self.busyFor else { return }
        note(.churn, in: 50...800)
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            guard calls.count < 400 else { break }
            let up = nodes.indices.filter { nodes[$0].isUp && !nodes[$0].isDraining }
            guard let host = up.randomElement(using: &random) else { break }
            // Most calls begin where most people come in: at the first.
            let first = up.contains(0) && Int.random(in: 0..<3, using: &random) > 0 ? 0 : host
            let follows = Int.random(in: 0..<8, using: &random) > 0
            begin(at: first, with: 1, follows: follows)
            nodes[first].come += 1
        case 1:
            guard let call = calls.indices.randomElement(using: &random) else { break }
            change(call, to: 0)
        case 2...6:
            guard let call = calls.indices.randomElement(using: &random) else { break }
            let more = UInt64.random(in: 1...3, using: &random)
            if calls[call].people > 0 { change(call, to: calls[call].people + more) }
        default:
            guard let call = calls.indices.randomElement(using: &random) else { break }
            if calls[call].people > 0 { change(call, to: calls[call].people - 1) }
        }
    }

    private mutating func change(_ call: Int, to people: UInt64) {
        let old = calls[call].people
        calls[call].people = people
        guard let host = calls[call].host else { return }
        nodes[host].come += people - min(people, old)
        nodes[host].gone += old - min(people, old)
        if people == 0 { calls[call].host = nil }
    }

    // MARK: - Members

    mutating func befall() {
        let up = nodes.indices.filter { nodes[$0].isUp && !nodes[$0].isDraining }
        guard up.count > 1, let node = up.randomElement(using: &random) else { return }
        if Bool.random(using: &random) {
            nodes[node].isUp = false
            note(.takeOver(node), in: 20...2_000)
            note(.start(node), in: 3_000...60_000)
        } else {
            nodes[node].isDraining = true
            note(.drained(node), in: 20...100)
        }
    }

    /// A call goes to another member for another reason than the load.
    private mutating func send(_ call: Int, from node: Int) {
        let up = nodes.indices.filter { $0 != node && nodes[$0].isUp && !nodes[$0].isDraining }
        guard let heir = up.randomElement(using: &random) else { return }
        calls[call].host = heir
        nodes[node].gone += calls[call].people
        nodes[heir].come += calls[call].people
        arrive(heir, call)
    }

    mutating func takeOver(_ dead: Int) {
        for call in calls.indices where calls[call].host == dead { send(call, from: dead) }
        // Nobody was there to take them.
        if calls.contains(where: { $0.host == dead }) { note(.takeOver(dead), in: 100...500) }
    }

    mutating func start(_ node: Int) {
        guard !calls.contains(where: { $0.host == node }) else {
            return note(.start(node), in: 500...1_000)
        }
        nodes[node].isUp = true
        nodes[node].isDraining = false
        nodes[node].life += 1
        nodes[node].rebalancer = Rebalancer(terms)
        nodes[node].heard = [:]
        // Whoever comes is told what all carry.
        for other in nodes.indices { nodes[other].said = nil }
    }

    mutating func drainOn(_ node: Int) {
        guard nodes[node].isUp else { return }
        if let call = calls.indices.first(where: { calls[$0].host == node }) {
            send(call, from: node)
            return note(.drained(node), in: 20...100)
        }
        nodes[node].isUp = false
        note(.start(node), in: 1_000...60_000)
    }
}
