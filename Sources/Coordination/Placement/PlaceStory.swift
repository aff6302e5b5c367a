package import Basics

/// How a call came to be where it is.
package enum PlaceOrigin: Hashable, Sendable {
    /// The first to join came to this node.
    case claimed
    /// The first to join came to a node that took no calls, and passed the claim on.
    case passedHere
    /// Redis had it noted under this node, which had not got the answer.
    case adopted
    case takenOver(from: MemberID?)
    case moved(from: MemberID)
}

/// Why a channel's call is where it is, as far as one node knows.
package enum PlaceStory: Hashable, Sendable {
    case here(Token, PlaceOrigin, since: Duration, movingTo: MemberID?)
    case there(Place, isAlive: Bool)
    /// Somebody waits for a place, and perhaps this stands in the way.
    case sought(since: Duration, PlacementFault?)
    case nowhere(PlacementFault?)
}

extension PlacementBook {
    /// What is known here of a channel.
    package func story(
        of channel: Channel,
        knowing standing: Standing,
        at now: Instant
    )
        -> PlaceStory
    {
        if let mine = hosted[channel] {
            return .here(
                mine.token,
                mine.origin,
                since: now - mine.since,
                movingTo: mine.move?.target
            )
        }
        if let claim = claims[channel] {
            return .sought(since: now - claim.began, standing.obstacle)
        }
        if let place = known[channel] {
            return .there(place, isAlive: standing.vouches(for: place))
        }
        return .nowhere(standing.obstacle)
    }
}

extension PlaceOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .claimed: "the first to join came to this node"
        case .passedHere: "the first to join came to a node that took no calls, and passed it here"
        case .adopted: "Redis had it noted under this node"
        case .takenOver(let member?): "it was taken over from \(member), which is dead"
        case .takenOver(nil): "it was taken over from a node that is dead"
        case .moved(let member): "it was moved here from \(member)"
        }
    }
}

extension PlaceStory: CustomStringConvertible {
    package var description: String {
        switch self {
        case .here(let token, let origin, let since, let target):
            "here under \(token) for \(since.components.seconds) s: \(origin)"
                + (target.map { "; it is moving to \($0)" } ?? "")
        case .there(let place, isAlive: true): "on \(place.member) under \(place.token)"
        case .there(let place, isAlive: false):
            "it was on \(place.member) under \(place.token), which is gone; who joins next, or a node "
                + "that takes over, hosts it"
        case .sought(let since, let fault):
            "a place has been sought for \(since.components.seconds) s"
                + (fault.map { ": \($0)" } ?? "")
        case .nowhere(nil): "this node knows of no call; whoever joins first starts one"
        case .nowhere(let fault?): "this node knows of no call, and can't start one: \(fault)"
        }
    }
}
