internal import Basics
internal import Calls
internal import Coordination
internal import Synchronization

// Calls as operators see them.
extension CallDirectory {
    /// The calls that roost here, in the order of their channels, and how many there are in all.
    func hosted(
        upTo limit: Int,
        _ journal: CallJournal
    ) async -> ([NodeStatus.Call], count: Int) {
        let actors = state.withLock { $0.own }.sorted { $0.channel < $1.channel }
        var calls: [NodeStatus.Call] = []
        for actor in actors.prefix(limit) {
            guard let picture = await actor.picture(for: nil) else { continue }
            calls.append(
                NodeStatus.Call(
                    channel: actor.channel,
                    call: actor.id,
                    token: actor.fence,
                    began: picture.beginning.started.milliseconds,
                    participants: picture.participants.count,
                    arrival: journal.arrival(of: actor.channel)
                )
            )
        }
        return (calls, actors.count)
    }

    /// The calls of other nodes that people are in whose websockets are here.
    func relayed(upTo limit: Int) -> [NodeStatus.Relay] {
        let (calls, counts) = state.withLock { state in
            var counts: [ChannelID: Int] = [:]
            for place in state.places.values { counts[place.call.channel, default: 0] += 1 }
            return (state.running.values.compactMap { $0 as? RelayedCall }, counts)
        }
        return calls.sorted { $0.channel < $1.channel }.prefix(limit).compactMap { call in
            guard let connections = counts[call.channel] else { return nil }
            return NodeStatus.Relay(
                channel: call.channel,
                host: call.member,
                token: call.token,
                connections: connections
            )
        }
    }

    /// The calls that roost here, for who may give some of them away.
    func movable() async -> [MovableCall] {
        var calls: [MovableCall] = []
        for actor in state.withLock({ $0.own }) {
            if let call = await actor.movable { calls.append(call) }
        }
        return calls
    }
}
