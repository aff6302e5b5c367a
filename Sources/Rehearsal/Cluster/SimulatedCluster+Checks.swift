internal import Basics
internal import Coordination

/// Clients, and what must never happen to them.
extension SimulatedCluster {
    // MARK: - Clients

    mutating func act(asClientOf channel: Int) {
        agenda.note(.client(channel), at: now + milliseconds(100...400))
        let isCalm = now >= moments.healed
        let hosts = hosting.indices.filter { hosting[$0][channel] != nil && now < holds[$0] }
        let dice = Int.random(in: 0..<40, using: &random)
        if !isCalm, dice < scenario.restlessness, let host = hosts.first,
            let token = hosting[host][channel]
        {
            let place = HostedPlace(channel: channels[channel], token: token)
            if dice % 2 == 0 { return deliver(.end(place), to: host) }
            let target = Int.random(in: nodes.indices, using: &random)
            return deliver(.beginMove(place, to: nodes[target].id), to: host)
        }
        let running = nodes.indices.filter { nodes[$0].isRunning }
        guard let node = running.randomElement(using: &random) else { return }
        claim(channel, at: node, isProbe: false)
    }

    private mutating func claim(_ channel: Int, at node: Int, isProbe: Bool) {
        lastClaim += 1
        claims[lastClaim] = (channel, node, isProbe)
        deliver(
            .claim(
                channels[channel],
                above: over[channel],
                number: lastClaim,
                chance: random.next()
            ),
            to: node
        )
    }

    mutating func hear(_ answer: ClaimAnswer, to number: UInt64) {
        guard let claim = claims.removeValue(forKey: number) else { return }
        if claim.isProbe { answers.append((claim.channel, claim.node, answer)) }
        switch answer {
        case .mine: report.placed += 1
        case .theirs(let member, let token):
            // Whoever is sent to a node that doesn't host says so when they ask again.
            guard let host = running.firstIndex(of: member) else { return }
            if hosting[host][claim.channel].map({ $0 < token }) ?? true {
                over[claim.channel] = token
            }
        case .refused: break
        }
    }

    mutating func probe() {
        answers = []
        for channel in channels.indices {
            for node in nodes.indices where nodes[node].isRunning {
                claim(channel, at: node, isProbe: true)
            }
        }
    }

    // MARK: - Checks

    /// Notes what a node hosts and until when, after it has done something.
    mutating func note(_ index: Int, until: Instant?) {
        if flaws.contains(.gateIsIgnored), until == nil, nodes[index].hasHeld {
            // It goes on with what it had.
            holds[index] = .max
            return
        }
        nodes[index].hasHeld = until != nil
        guard let until else {
            holds[index] = 0
            return
        }
        holds[index] = until.nanoseconds == .max ? .max : nodes[index].time(of: until)
        let revision = nodes[index].node.book.revision
        if nodes[index].seen != revision {
            nodes[index].seen = revision
            for channel in channels.indices {
                hosting[index][channel] = nodes[index].node.book.token(of: channels[channel])
            }
        }
        assert(hosting[index] == channels.map { nodes[index].node.book.token(of: $0) })
    }

    mutating func check(_ index: Int) {
        guard now < holds[index] else { return }
        for channel in channels.indices {
            guard let token = hosting[index][channel] else { continue }
            if let since = vacant[channel] {
                vacant[channel] = nil
                report.vacancy = max(report.vacancy, (now - since) / 1_000_000)
            }
            for other in nodes.indices
            where other != index && now < holds[other] && now >= nodes[other].frozenUntil
                && nodes[other].isRunning && hosting[other][channel] != nil
            {
                let overlap = (min(holds[index], holds[other]) - now) / 1_000_000
                report.overlap = max(report.overlap, overlap)
                guard !moments.mayOverlap || overlap > moments.confirmation / 1_000_000
                else { continue }
                report.violations.append(
                    .twoHosts(
                        channels[channel],
                        nodes[index].id,
                        nodes[other].id,
                        milliseconds: now / 1_000_000
                    )
                )
            }
            if let last = latest[channel], token < last.token, last.node != index,
                !moments.mayOverlap
            {
                report.violations.append(
                    .tokenFell(channels[channel], from: last.token, to: token)
                )
            }
            if latest[channel].map({ $0.token < token }) ?? true {
                latest[channel] = (token, index)
            }
        }
    }

    /// Looks at what Redis issues.
    mutating func register(_ answer: RegistryAnswer, to request: RegistryRequest) {
        switch (request.order, answer) {
        case (.place(let channel, let member, let life, _), .placed(let token)):
            issue(channel, Place(token: token, member: member, life: life))
        case (.takeOver(let member, let life, _, _), .taken(let places)),
            (.place(_, let member, let life, _), .taken(let places)):
            for place in places {
                issue(place.channel, Place(token: place.token, member: member, life: life))
            }
        default: break
        }
    }

    private mutating func issue(_ channel: Channel, _ place: Place) {
        if let old = issued[channel, default: [:]].updateValue(place, forKey: place.token),
            old != place
        {
            report.violations.append(.tokenIssuedTwice(channel, place.token))
        }
    }

    /// At the end, long after everything was mended: one host for each, to which every claim leads.
    mutating func judge() {
        for channel in channels.indices {
            let hosts = hosting.indices.filter {
                hosting[$0][channel] != nil && now < holds[$0] && nodes[$0].isRunning
            }
            guard hosts.count == 1, let host = hosts.first else {
                report.violations.append(.hosts(channels[channel], count: hosts.count))
                continue
            }
            for node in nodes.indices where nodes[node].isRunning {
                let isRight = answers.contains {
                    guard $0.channel == channel, $0.node == node else { return false }
                    return switch $0.answer {
                    case .mine: node == host
                    case .theirs(let member, _): member == nodes[host].id
                    case .refused: false
                    }
                }
                if !isRight {
                    report.violations.append(
                        .claimLeadsAstray(
                            channels[channel],
                            from: nodes[node].name,
                            answers.last { $0.channel == channel && $0.node == node }?.answer
                        )
                    )
                }
            }
        }
    }
}
