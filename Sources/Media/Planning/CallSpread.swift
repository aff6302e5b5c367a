/// On which of a node's media threads each of a call's people is.
///
/// A small call is on one, its home: to be on two costs each packet its way to the other, and gains nothing
/// before one thread is busy. A call that outgrows that is on all of them: whoever comes goes where the
/// fewest of its people are, and stays there for good, since their connection is known by where it is.
package struct CallSpread: Sendable, Hashable {
    /// How many threads there are.
    package var shards: Int
    /// So many people of a call stay together at its home.
    package var gathering: Int

    package init(shards: Int = 1, gathering: Int = CallSpread.usualGathering) {
        self.shards = max(shards, 1)
        self.gathering = max(gathering, 0)
    }

    /// Thirty-two viewers of a packet take some thirty times what its way to another thread does.
    package static var usualGathering: Int { 32 }

    /// Where the next one goes, who finds so many people of the call on each shard.
    func shard(home: Int, people: [Int]) -> Int {
        let atHome = people.indices.contains(home) ? people[home] : 0
        guard shards > 1, atHome >= gathering else { return home }
        // From the home on, so that calls with the same number of people are uneven in different places.
        var chosen = home
        for step in 0..<shards {
            let shard = (home + step) % shards
            guard people[shard] < people[chosen] else { continue }
            chosen = shard
        }
        return chosen
    }
}
