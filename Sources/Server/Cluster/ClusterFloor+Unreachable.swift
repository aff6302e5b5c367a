internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import IO

// What becomes of people whose call is on a node that lives and can't be reached from here, not even through
// a third: nothing that they say would be heard. They are sent to look for another node, which may reach it. So
// is everybody, from a node that has lost its right to host and does not come back: where their calls go on
// it can't know.
extension ClusterFloor {
    /// Who has been out of reach since when.
    struct Absences: Sendable {
        var members: [MemberID: Instant] = [:]
        /// Since when this node has not been in the cluster itself.
        var own: Instant?
    }

    func sendAwayLater(
        _ calls: CallDirectory,
        _ hall: SocketHall,
        _ parts: Parts,
        _ since: Absences = Absences()
    ) {
        parts.loop.execute { [weak self] in
            parts.loop.schedule(at: parts.loop.now + Self.reachRound) { [weak self] in
                guard let self else { return }
                let now = parts.loop.now
                let others = parts.keeper.assumeIsolated { $0.overview }.others
                var absent = Absences()
                for other in others where other.isAlive && !other.isLinked {
                    absent.members[other.member] = since.members[other.member] ?? now
                }
                for (member, start) in absent.members where now - start >= Self.reachPatience {
                    self.sendAway(from: member, calls, hall)
                }
                if !self.isJoined {
                    let start = since.own ?? now
                    absent.own = start
                    if now - start >= Self.ownPatience { self.sendAllAway(calls, hall) }
                }
                self.sendAwayLater(calls, hall, parts, absent)
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

    private func sendAllAway(_ calls: CallDirectory, _ hall: SocketHall) {
        let connections = calls.connectionsInCalls
        guard !connections.isEmpty else { return }
        log.warning(
            "people are sent to another node, for this one is not in the cluster",
            ["connections": .int(connections.count)]
        )
        for connection in connections {
            hall.sendAway(connection, "this node is cut off from the others; connect again")
        }
    }

    private static let reachRound = Duration.milliseconds(500)
    /// Who has lost its right by a moment's silence is back by then.
    private static let ownPatience = Duration.seconds(1)
    /// By then a node that is dead is known to be, and its calls go on elsewhere.
    private static let reachPatience = Duration.seconds(5)
}
