internal import Basics

/// Moving a call to another member while both are alive.
extension PlacementBook {
    mutating func beginMove(
        _ place: HostedPlace,
        to target: MemberID,
        _ standing: Standing
    ) {
        guard hosted[place.channel]?.token == place.token, hosted[place.channel]?.move == nil,
            let member = standing[target], member.isAlive, member.isFit
        else { return outbox.append(.tell(.moveRefused(place))) }
        ask(.beginMove(place, to: target, member.life))
    }

    mutating func takeMoveBegun(
        _ answer: RegistryAnswer,
        _ place: HostedPlace,
        _ target: MemberID,
        _ life: Life
    ) {
        guard case .done = answer, hosted[place.channel]?.token == place.token else {
            return outbox.append(.tell(.moveRefused(place)))
        }
        hosted[place.channel]?.move = Move(target: target, life: life)
        outbox.append(.tell(.moveBegun(place, to: target)))
    }

    mutating func finishMove(_ place: HostedPlace) {
        guard hosted[place.channel]?.token == place.token, hosted[place.channel]?.move != nil
        else { return outbox.append(.tell(.moveRefused(place))) }
        hosted[place.channel]?.move?.isSwitching = true
        ask(.finishMove(place))
    }

    mutating func takeMoveFinished(
        _ answer: RegistryAnswer,
        _ place: HostedPlace,
        _ standing: Standing,
        _ now: Instant
    ) {
        census.changed = now
        guard let entry = hosted[place.channel], entry.token == place.token, let move = entry.move
        else { return }
        switch answer {
        case .placed(let token):
            hosted[place.channel] = nil
            learn(place.channel, Place(token: token, member: move.target, life: move.life))
            let moved = HostedPlace(channel: place.channel, token: token)
            send(.handedOver(move.life, moved), to: move.target)
            outbox.append(.tell(.moved(place, to: move.target, token)))
        case .occupied(let other) where other.member == move.target:
            hosted[place.channel] = nil
            learn(place.channel, other)
            let moved = HostedPlace(channel: place.channel, token: other.token)
            send(.handedOver(other.life, moved), to: move.target)
            outbox.append(.tell(.moved(place, to: move.target, other.token)))
        case .occupied(let other): lose(place.channel, to: other, now)
        case .stale: retry(at: now + standing.pace.renewal)
        default:
            hosted[place.channel]?.move = nil
            outbox.append(.tell(.moveRefused(place)))
        }
    }

    mutating func abortMove(_ place: HostedPlace) {
        guard let entry = hosted[place.channel], entry.token == place.token, let move = entry.move,
            !move.isSwitching
        else { return }
        hosted[place.channel]?.move = nil
        ask(.abortMove(place))
    }

    /// The answers to switches may have been lost; asking twice does nothing twice.
    mutating func retryMoves(_ standing: Standing, _ now: Instant) {
        for channel in hosted.keys.sorted() {
            guard let entry = hosted[channel], entry.move?.isSwitching == true else { continue }
            ask(.finishMove(HostedPlace(channel: channel, token: entry.token)))
            retry(at: now + standing.pace.renewal)
        }
    }

    /// Another member has made this one the host. Such words may come late, when the call is somebody
    /// else's again, so Redis is asked; and gives a new token if it is so.
    mutating func receiveMoved(
        _ place: HostedPlace,
        _ life: Life,
        _ standing: Standing,
        _ now: Instant
    ) {
        guard life == standing.life, standing.holds, hosted[place.channel] == nil,
            ending[place.channel] == nil
        else { return }
        census.changed = now
        ask(.takeOver(standing.me, standing.life, from: standing.me, [place.channel]))
    }
}
