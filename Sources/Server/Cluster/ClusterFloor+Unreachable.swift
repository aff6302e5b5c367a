internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import IO

// What becomes of people whose call is on a node that lives and can't be reached from here, not even through
// a third: nothing that they say would be heard. They are sent to look for another node, which may reach it.
extension ClusterFloor {
    /// `since`: which members have been out of reach from when on.
    func sendAwayLater(
        _ calls: CallDirectory,
        _ hall: SocketHall,
        _ parts: Parts,
        _ since: [MemberID: Instant]
    ) {
        parts.loop.execute { [weak self] in
            parts.loop.schedule(at: parts.loop.now + Self.reachRound) { [weak self] in
                guard let self else { return }
                let now = parts.loop.now
                let others = parts.keeper.assumeIsolated { $0.overview }.others
                var unreached: [MemberID: Instant] = [:]
                for other in others where other.isAlive && !other.isLinked {
                    unreached[other.member] = since[other.member] ?? now
                }
                for (member, start) in unreached where now - start >= Self.reachPatience {
                    self.sendAway(from: member, calls, hall)
                }
                self.sendAwayLater(calls, hall, parts, unreached)
            }
        }
    }

    private func sendAway(from member: MemberID, _ calls: CallDirectory, _ hall: SocketHall) {
        let connections = calls.connections(ofCallsAt: member)
        guard !connections.isEmpty else { return }
        log.warning(
            "people are sent to another node, for that of their call can't be reached from here",
            ["node": .string(member.description), "connections": .int(connections.count)]
        )
        for connection in connections {
            hall.sendAway(connection, "\(member.name) can't be reached from here; connect again")
        }
    }

    private static let reachRound = Duration.milliseconds(500)
    /// By then a node that is dead is known to be, and its calls go on elsewhere.
    private static let reachPatience = Duration.seconds(5)
}
