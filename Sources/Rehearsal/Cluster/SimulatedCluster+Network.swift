internal import Basics
internal import Coordination

/// What lies between nodes, Redis and Sentinels: delay, loss, cuts, and what comes too late.
extension SimulatedCluster {
    // MARK: - Between nodes

    mutating func send(_ message: PeerMessage, from index: Int, to peer: MemberID) {
        guard let other = running.firstIndex(of: peer),
            links[pair(index, other)] != nil, cuts[index][other] == 0
        else { return }
        agenda.note(
            .toNode(
                other,
                boot: nodes[other].boot,
                .heard(message, from: nodes[index].id),
                from: index
            ),
            at: now + delay()
        )
    }

    mutating func lookAtLinks() {
        agenda.note(.lookAtLinks, at: now + 50_000_000)
        keepHistory()
        for one in nodes.indices where nodes[one].isRunning {
            for other in nodes.indices where other > one && nodes[other].isRunning {
                let isOpen = cuts[one][other] == 0 && cuts[other][one] == 0
                let key = pair(one, other)
                if let link = links[key] {
                    if isOpen {
                        links[key]?.brokenSince = nil
                    } else if now - (link.brokenSince ?? now) > 1_000_000_000 {
                        links[key] = nil
                        deliver(.unlinked(link.other), to: one)
                        deliver(.unlinked(link.one), to: other)
                    } else {
                        links[key]?.brokenSince = link.brokenSince ?? now
                    }
                } else if isOpen, now >= nodes[one].frozenUntil, now >= nodes[other].frozenUntil,
                    nodes[one].knows.contains(nodes[other].id)
                        || nodes[other].knows.contains(nodes[one].id)
                {
                    links[key] = Link(one: nodes[one].id, other: nodes[other].id)
                    deliver(.linked(nodes[other].id), to: one)
                    deliver(.linked(nodes[one].id), to: other)
                }
            }
        }
    }

    /// Mostly quick; some slow, and a fifth of those much too late.
    mutating func delay() -> Int64 {
        let usual = milliseconds(0...2) + 50_000
        guard now < moments.healed else { return usual }
        let dice = Int.random(in: 0..<5_000, using: &random)
        if dice < scenario.lateThousandths { return milliseconds(200...3_000) }
        if dice < scenario.lateThousandths * 5 { return milliseconds(20...220) }
        return usual
    }

    // MARK: - Redis

    mutating func ask(_ request: RegistryRequest, from index: Int) {
        let sent = nodes[index].clock(at: now)
        guard nodes[index].isConnected else {
            agenda.note(
                .toNode(
                    index,
                    boot: nodes[index].boot,
                    .failed(.unanswered, request, sentAt: sent),
                    from: nil
                ),
                at: now
            )
            return
        }
        nodes[index].lastRequest += 1
        let number = nodes[index].lastRequest
        nodes[index].pending.append(
            SimulatedNode.Pending(number: number, request: request, sent: sent)
        )
        // One connection carries everything in order, however late.
        let arrival = max(nodes[index].lastArrival, now + delay())
        nodes[index].lastArrival = arrival
        let connection = nodes[index].connection
        let boot = nodes[index].boot
        agenda.note(
            .toRedis(
                Errand(
                    node: index,
                    server: nodes[index].server,
                    connection: connection,
                    boot: boot,
                    number: number,
                    request: request
                )
            ),
            at: arrival
        )
        agenda.note(
            .timeout(index, connection: connection, boot: boot, request: number),
            at: now + moments.requestTimeout
        )
    }

    mutating func serve(_ errand: Errand) {
        guard silences[errand.server] == 0 else {
            // A process that stands still does later what has come meanwhile.
            return agenda.note(.toRedis(errand), at: now + 50_000_000)
        }
        let index = errand.node
        guard redisCuts[index] == 0, servers[errand.server].run == errand.request.run else {
            return
        }
        let answer = servers[errand.server].answer(errand.request)
        register(answer, to: errand.request)
        guard nodes[index].boot == errand.boot, nodes[index].connection == errand.connection
        else { return }
        let slowness = slow[index] > 0 ? milliseconds(220...298) : 0
        let arrival = max(nodes[index].lastReply, now + delay() + slowness)
        nodes[index].lastReply = arrival
        agenda.note(
            .fromRedis(
                index,
                connection: errand.connection,
                boot: errand.boot,
                request: errand.number,
                answer
            ),
            at: arrival
        )
    }

    mutating func receive(
        _ answer: RegistryAnswer,
        _ index: Int,
        _ connection: Int,
        _ boot: Int,
        _ number: UInt64
    ) {
        guard nodes[index].boot == boot, nodes[index].connection == connection,
            redisCuts[index] == 0, let pending = nodes[index].takePending(number)
        else { return }
        var answer = answer
        if flaws.contains(.claimsAreNotAdopted) {
            if case .table(let table, _) = answer {
                answer = .table(table, owned: UInt64(nodes[index].node.book.hostedCount))
            }
            if case .occupied(let place) = answer, place.member == nodes[index].id {
                answer = .refused
            }
        }
        deliver(.answered(answer, to: pending.request, sentAt: pending.sent), to: index)
    }

    mutating func breakConnection(of index: Int) {
        guard nodes[index].isConnected else { return }
        nodes[index].isConnected = false
        nodes[index].connection += 1
        let lost = nodes[index].pending
        nodes[index].pending = []
        for pending in lost {
            deliver(
                .failed(.unanswered, pending.request, sentAt: pending.sent),
                to: index
            )
        }
        deliver(.disconnected, to: index)
        agenda.note(
            .reconnect(index, boot: nodes[index].boot),
            at: now + milliseconds(20...120)
        )
    }

    mutating func connect(_ index: Int) {
        guard nodes[index].isRunning, !nodes[index].isConnected else { return }
        let server = scenario.hasSentinels ? nodes[index].server : master
        guard now >= nodes[index].frozenUntil, redisCuts[index] == 0, silences[server] == 0 else {
            agenda.note(
                .reconnect(index, boot: nodes[index].boot),
                at: now + milliseconds(50...150)
            )
            return
        }
        nodes[index].isConnected = true
        nodes[index].connection += 1
        nodes[index].server = server
        nodes[index].lastArrival = now
        nodes[index].lastReply = now
        deliver(.connected(servers[server].run), to: index)
    }

    // MARK: - Sentinels

    mutating func askSentinels(_ index: Int, _ boot: Int) {
        guard nodes[index].boot == boot else { return }
        agenda.note(.askSentinels(index, boot: boot), at: now + 150_000_000)
        guard sentinelCuts[index] == 0, now >= nodes[index].frozenUntil else { return }
        agenda.note(
            .sentinelsSay(
                index,
                boot: boot,
                epoch: epoch,
                server: master,
                sent: nodes[index].clock(at: now)
            ),
            at: now + delay()
        )
    }

    mutating func hearSentinels(
        _ index: Int,
        _ boot: Int,
        _ epoch: UInt64,
        _ server: Int,
        _ sent: Instant
    ) {
        guard nodes[index].boot == boot, sentinelCuts[index] == 0,
            now >= nodes[index].frozenUntil
        else { return }
        guard nodes[index].server == server else {
            guard server > nodes[index].server else { return }
            nodes[index].server = server
            if nodes[index].isConnected { breakConnection(of: index) }
            return
        }
        guard nodes[index].isConnected else { return }
        deliver(.confirmed(epoch: epoch, sentAt: sent), to: index)
    }
}
