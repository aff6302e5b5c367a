package import Coordination
package import Wire

/// The arguments of `registry.lua`: the gate's two, the verb, and what it takes, in its order.
struct RegistryWords {
    private(set) var all: [[UInt8]] = []

    private mutating func write(_ text: some CustomStringConvertible) {
        all.append([UInt8](text.description.utf8))
    }

    mutating func write(_ request: RegistryRequest) {
        write(request.generation)
        write(request.run)
        switch request.order {
        case .raise: write("raise")
        case .register(let registration): write(registration)
        case .renew(let renewal): write(renewal)
        case .bump(let member, let life, let incarnation):
            write("bump", member, life)
            write(incarnation)
        case .drain(let member, let life, let wants):
            write("drain", member, life)
            write(wants ? "1" : "0")
        case .leave(let member, let life): write("leave", member, life)
        case .evict(let eviction):
            write("evict", eviction.member, eviction.life)
            write(eviction.incarnation)
            write(eviction.sequence)
            write(eviction.view)
        case .bury(let member, let life): write("bury", member, life)
        case .readCards: write("cards")
        case .place(let channel, let member, let life, let above):
            write("place")
            write(channel)
            write(member)
            write(life)
            write(above?.generation.description ?? "")
            write(above?.count.description ?? "")
        case .reassert(let member, let life, let places):
            write("reassert", member, life)
            write(places.count)
            for place in places { write(place) }
        case .takeOver(let member, let life, let former, let channels):
            write("takeover", member, life)
            write(former)
            write(channels.count)
            for channel in channels { write(channel) }
        case .end(let member, let place):
            write("end")
            write(member)
            write(place)
        case .list(let member, let from):
            write("list")
            write(member)
            write(from)
        case .beginMove(let place, let target, let life):
            write("move-begin")
            write(place)
            write(target)
            write(life)
        case .finishMove(let place):
            write("move-finish")
            write(place)
        case .abortMove(let place):
            write("move-abort")
            write(place)
        case .save(let place, _, let snapshot):
            write("save")
            write(place)
            all.append(snapshot)
        }
    }

    private mutating func write(_ verb: String, _ member: MemberID, _ life: Life) {
        write(verb)
        write(member)
        write(life)
    }

    private mutating func write(_ place: HostedPlace) {
        write(place.channel)
        write(place.token.generation)
        write(place.token.count)
    }

    private mutating func write(_ registration: Registration) {
        write("register", registration.member, registration.life)
        write(registration.incarnation)
        write(registration.sequence)
        write(registration.load.line)
        all.append(registration.card.packed)
        let replaced = registration.replaces
        write(replaced?.member.description ?? "")
        write(replaced?.life.description ?? "")
        write(replaced?.incarnation.description ?? "")
        write(replaced?.sequence.description ?? "")
    }

    private mutating func write(_ renewal: Renewal) {
        write("renew", renewal.member, renewal.life)
        write(renewal.incarnation)
        write(renewal.sequence)
        write(renewal.seen)
        write(renewal.asserted)
        write(renewal.load.line)
    }
}

extension MemberLoad {
    /// As a member's record ends.
    var line: String {
        """
        \(calls) \(sessions) \(callLimit) \(sessionLimit) \(busyThousandths) \(isMarked ? 1 : 0)
        """
    }

    init?(_ words: ArraySlice<Substring>) {
        let numbers = words.compactMap { UInt32($0) }
        guard words.count == 6, numbers.count == 6, numbers[5] <= 1 else { return nil }
        self.init(
            calls: numbers[0],
            sessions: numbers[1],
            callLimit: numbers[2],
            sessionLimit: numbers[3],
            busyThousandths: numbers[4],
            isMarked: numbers[5] == 1
        )
    }
}

extension MemberCard: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(cluster)
            record.write(web)
            record.write(media)
            record.write(UInt64(oldestVersion))
            record.write(UInt64(newestVersion))
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            MemberCard(
                cluster: try record.read(),
                web: try record.read(),
                media: try record.read(),
                oldestVersion: UInt16(clamping: try record.number()),
                newestVersion: UInt16(clamping: try record.number())
            )
        }
    }
}
