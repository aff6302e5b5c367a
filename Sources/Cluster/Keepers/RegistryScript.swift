internal import Coordination
internal import IO

/// What Redis does in one step for the cluster, each a file of Lua in the binary, behind the gate.
enum RegistryScript: String, CaseIterable {
    case raise = "cluster-raise"
    case register = "cluster-register"
    case renew = "cluster-renew"
    case bump = "cluster-bump"
    case drain = "cluster-drain"
    case leave = "cluster-leave"
    case evict = "cluster-evict"
    case bury = "cluster-bury"
    case cards = "cluster-cards"
    case place = "cluster-place"
    case reassert = "cluster-reassert"
    case takeOver = "cluster-takeover"
    case end = "cluster-end"
    case list = "cluster-list"
    case beginMove = "cluster-move1"
    case finishMove = "cluster-move2"
    case abortMove = "cluster-abort"
    case save = "cluster-save"

    var text: RedisScript { .inBinary(named: rawValue) }
}

extension RegistryRequest {
    var script: RegistryScript {
        switch order {
        case .raise: .raise
        case .register: .register
        case .renew: .renew
        case .bump: .bump
        case .drain: .drain
        case .leave: .leave
        case .evict: .evict
        case .bury: .bury
        case .readCards: .cards
        case .place: .place
        case .reassert: .reassert
        case .takeOver: .takeOver
        case .end: .end
        case .list: .list
        case .beginMove: .beginMove
        case .finishMove: .finishMove
        case .abortMove: .abortMove
        case .save: .save
        }
    }

    /// What the script is given, in the order that its head says.
    var arguments: [[UInt8]] {
        var words = RedisWords()
        words.add("\(generation) \(run)")
        switch order {
        case .raise, .readCards: break
        case .register(let registration):
            words.add(registration.member, registration.life)
            words.add(registration.incarnation)
            words.add(registration.sequence)
            words.add(registration.load.text)
            words.add(registration.card.text)
            words.add(registration.asserted)
            if let replaced = registration.replaces {
                words.add(replaced.member, replaced.life)
                words.add(replaced.incarnation)
                words.add(replaced.sequence)
            }
        case .renew(let renewal):
            words.add(renewal.member, renewal.life)
            words.add(renewal.sequence)
            words.add(renewal.seen)
            words.add(renewal.asserted)
            words.add(renewal.load.text)
        case .bump(let member, let life, let incarnation):
            words.add(member, life)
            words.add(incarnation)
        case .drain(let member, let life, let isDraining):
            words.add(member, life)
            words.add((isDraining ? MemberRecord.State.draining : .up).rawValue)
        case .leave(let member, let life), .bury(let member, let life):
            words.add(member, life)
        case .evict(let eviction):
            words.add(eviction.member, eviction.life)
            words.add(eviction.incarnation)
            words.add(eviction.sequence)
            words.add(eviction.view)
        case .place(let channel, let member, let life, let above):
            words.add(member, life)
            words.add(channel)
            words.add(above.map { "\($0.generation)" } ?? "")
            words.add(above.map { "\($0.count)" } ?? "")
        case .reassert(let member, let life, let places):
            words.add(member, life)
            for place in places {
                words.add(place.channel)
                words.add(place.token.generation)
                words.add(place.token.count)
            }
        case .takeOver(let member, let life, let former, let channels):
            words.add(member, life)
            words.add(former)
            for channel in channels { words.add(channel) }
        case .end(let member, let place):
            words.add(member)
            words.add(place)
        case .list(let member, let cursor):
            words.add(member)
            words.add(cursor)
        case .beginMove(let place, let target, let life):
            words.add(place)
            words.add(target, life)
        case .finishMove(let place), .abortMove(let place): words.add(place)
        case .save(let place, let sequence, let picture):
            words.add(place)
            words.add(sequence)
            words.add(bytes: picture)
        }
        return words.words
    }
}

/// The arguments of a script, one after the other.
private struct RedisWords {
    private(set) var words: [[UInt8]] = []

    mutating func add(_ word: some CustomStringConvertible) {
        words.append([UInt8](word.description.utf8))
    }

    mutating func add(_ member: MemberID, _ life: Life) {
        add(member)
        add(life)
    }

    mutating func add(_ place: HostedPlace) {
        add(place.channel)
        add(place.token)
    }

    mutating func add(bytes: [UInt8]) { words.append(bytes) }
}
