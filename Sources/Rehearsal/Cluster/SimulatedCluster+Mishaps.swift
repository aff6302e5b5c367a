internal import Basics
internal import Coordination

extension SimulatedCluster {
    mutating func begin(_ mishap: Mishap, _ index: Int) {
        isDisturbed = true
        let end = min(now + Moments.nanoseconds(mishap.length), moments.healed)
        agenda.note(.mend(index), at: end)
        switch mishap.kind {
        case .kill(let node, let isSeen):
            kill(node, isSeen: isSeen)
            agenda.note(.start(node), at: end)
        case .freeze(let node):
            nodes[node].frozenUntil = max(nodes[node].frozenUntil, end)
            agenda.note(.thaw(node), at: end)
        case .cut, .cutOneWay, .cutFromRedis, .isolate: cut(mishap.kind, by: 1)
        case .slowRedis(let node): slow[node] += 1
        case .silenceRedis: silences[master] += 1
        case .restartRedis(let lost):
            let data = past(lost)
            restart(with: data.restarted(as: nextRun(), keepingData: true))
        case .emptyRedis:
            restart(with: servers[master].restarted(as: nextRun(), keepingData: false))
        case .stopRedis:
            restart(with: servers[master].restarted(as: nextRun(), keepingData: true))
            silences[master] += 1
        case .failOver(let lost, let left):
            failOver(losing: lost, leaving: left)
        case .drain(let node): deliver(.drain(true), to: node)
        case .join:
            let node = nodes.count
            add(node)
        case .leave(let node):
            deliver(.leave, to: node)
            kill(node, isSeen: false)
            agenda.note(.start(node), at: end)
        }
    }

    mutating func mend(_ mishap: Mishap) {
        switch mishap.kind {
        case .cut, .cutOneWay, .cutFromRedis, .isolate: cut(mishap.kind, by: -1)
        case .silenceRedis:
            for server in silences.indices where silences[server] > 0 && server == master {
                silences[server] -= 1
            }
        case .failOver(_, let left):
            part(left, by: -1)
        case .drain(let node): deliver(.drain(false), to: node)
        case .slowRedis(let node): slow[node] -= 1
        case .stopRedis(let isEmptied):
            guard silences[master] > 0 else { return }
            silences[master] -= 1
            if isEmptied {
                restart(with: servers[master].restarted(as: nextRun(), keepingData: false))
            }
        case .kill, .freeze, .restartRedis, .emptyRedis, .join, .leave: break
        }
    }

    private mutating func cut(_ kind: Mishap.Kind, by count: Int) {
        switch kind {
        case .cut(let one, let other):
            cuts[one][other] += count
            cuts[other][one] += count
        case .cutOneWay(let from, let to): cuts[from][to] += count
        case .cutFromRedis(let node): redisCuts[node] += count
        case .isolate(let node):
            redisCuts[node] += count
            sentinelCuts[node] += count
            for other in 0..<capacity where other != node {
                cuts[node][other] += count
                cuts[other][node] += count
            }
        default: break
        }
    }

    private mutating func restart(with next: SimulatedRedis) {
        servers[master] = next
        for index in nodes.indices
        where nodes[index].isConnected && nodes[index].server == master && redisCuts[index] == 0
            && now >= nodes[index].frozenUntil
        {
            breakConnection(of: index)
        }
    }

    /// The replica becomes the master. Who can't hear of it stays with the old one.
    private mutating func failOver(losing lost: Duration, leaving left: [Int]) {
        let data = past(lost)
        let old = master
        servers.append(data.restarted(as: nextRun(), keepingData: true))
        silences.append(0)
        master = servers.count - 1
        epoch += 1
        part(left, by: 1)
        if left.isEmpty { silences[old] += 1_000 }
    }

    /// Cuts these nodes from all others and from the Sentinels, or mends that.
    private mutating func part(_ left: [Int], by count: Int) {
        for node in left {
            sentinelCuts[node] += count
            for other in 0..<capacity where !left.contains(other) {
                cuts[node][other] += count
                cuts[other][node] += count
            }
        }
    }

    /// What Redis had this long ago.
    private func past(_ lost: Duration) -> SimulatedRedis {
        let time = now - Moments.nanoseconds(lost)
        guard lost > .zero else { return servers[master] }
        return history.last { $0.time <= time }?.redis ?? servers[master]
    }

    mutating func keepHistory() {
        guard now <= moments.lastLookBack else { return }
        if history.last?.redis.run != servers[master].run { history = [] }
        history.append((now, servers[master]))
        if history.count > 24 { history.removeFirst() }
    }
}
