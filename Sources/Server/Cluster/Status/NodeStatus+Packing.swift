internal import Calls
internal import Cluster
internal import Coordination
package import Wire

// Each is a record, so that nodes of neighbouring versions can still be looked at side by side.
extension NodeStatus: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(member)
            record.write(version)
            record.write(began)
            record.write(life)
            record.write(generation)
            record.write(state.rawValue)
            record.write(holdsFor)
            record.write(obstacle)
            record.write(load)
            record.write(clusterAddress)
            record.write(webAddress)
            record.write(mediaAddress)
            record.write(redisSince)
            record.write(redisSilence)
            record.write(links)
            record.write(callCount)
            record.write(calls)
            record.write(relays)
            record.write(moves)
            record.write(names)
            record.write(rebalance)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            var status = NodeStatus(
                member: try record.read(),
                version: try record.read(),
                began: try record.read(),
                life: try record.read(),
                generation: try record.read(),
                state: try Self.state(&record),
                holdsFor: try record.read(),
                obstacle: try record.read(),
                load: try record.read(),
                clusterAddress: try record.read(),
                webAddress: try record.read(),
                mediaAddress: try record.read(),
                redisSince: try record.read(),
                redisSilence: try record.read(),
                links: try record.read(),
                callCount: try record.read(),
                calls: try record.read(),
                relays: try record.read(),
                moves: try record.read(),
                names: try record.read()
            )
            // Nodes that know of no rebalancer end here.
            if record.hasMore { status.rebalance = try record.read() }
            return status
        }
    }

    private static func state(_ reader: inout PackReader) throws(PackFault) -> Overview.State {
        let text: String = try reader.read()
        guard let state = Overview.State(rawValue: text) else {
            throw .badValue("a node's state of \(text.utf8.count) bytes")
        }
        return state
    }
}

extension NodeStatus.Link: Packable {
    func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(member)
            record.write(isLinked)
            record.write(roundTripMicroseconds)
            record.write(third?.description)
            record.write(trouble)
        }
    }

    init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            var link = NodeStatus.Link(
                member: try record.read(),
                isLinked: try record.read(),
                roundTripMicroseconds: try record.read()
            )
            // Nodes that speak version 1 of the links end here.
            guard record.hasMore else { return link }
            let third: String? = try record.read()
            link.third = third.flatMap { NodeName($0) }
            link.trouble = try record.read()
            return link
        }
    }
}

extension NodeStatus.Call: Packable {
    func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(channel)
            record.write(call)
            record.write(token)
            record.write(began)
            record.write(participants)
            record.write(arrival)
        }
    }

    init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            NodeStatus.Call(
                channel: try record.read(),
                call: try record.read(),
                token: try record.read(),
                began: try record.read(),
                participants: try record.read(),
                arrival: try record.read()
            )
        }
    }
}

extension NodeStatus.Relay: Packable {
    func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(channel)
            record.write(host)
            record.write(token)
            record.write(connections)
        }
    }

    init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            NodeStatus.Relay(
                channel: try record.read(),
                host: try record.read(),
                token: try record.read(),
                connections: try record.read()
            )
        }
    }
}

extension NodeStatus.Name: Packable {
    func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(channel)
            record.write(name)
        }
    }

    init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            NodeStatus.Name(channel: try record.read(), name: try record.read())
        }
    }
}

extension CallJournal.Entry: Packable {
    func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(at)
            record.write(channel)
            record.write(turn)
            record.write(turn.isForLoad)
        }
    }

    init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            var entry = CallJournal.Entry(
                at: try record.read(),
                channel: try record.read(),
                turn: try record.read()
            )
            guard record.hasMore, try record.read() else { return entry }
            switch entry.turn {
            case .came(.some(let member)): entry.turn = .cameForLoad(from: member)
            case .went(let member): entry.turn = .wentForLoad(to: member)
            case .landed, .asked, .inherited, .came, .cameForLoad, .wentForLoad, .givenUp: break
            }
            return entry
        }
    }
}

extension CallJournal.Turn: Packable {
    func pack(into writer: inout PackWriter) {
        switch self {
        case .landed: writer.write(byte: 1)
        case .asked(let member):
            writer.write(byte: 2)
            writer.write(member)
        case .inherited(let member):
            writer.write(byte: 3)
            writer.write(member)
        case .came(let member):
            writer.write(byte: 4)
            writer.write(member)
        // What it was for follows, where older nodes don't look.
        case .cameForLoad(let member):
            writer.write(byte: 4)
            writer.write(MemberID?.some(member))
        case .went(let member), .wentForLoad(let member):
            writer.write(byte: 5)
            writer.write(member)
        case .givenUp(let why):
            writer.write(byte: 6)
            writer.write(byte: why.rawValue)
        }
    }

    init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1: self = .landed
        case 2: self = .asked(by: try reader.read())
        case 3: self = .inherited(from: try reader.read())
        case 4: self = .came(from: try reader.read())
        case 5: self = .went(to: try reader.read())
        case 6:
            guard let why = CallJournal.GivingUp(rawValue: try reader.byte()) else {
                throw .badValue("a reason to give up a call")
            }
            self = .givenUp(why)
        default: throw .badValue("a turn of kind \(kind)")
        }
    }
}

extension Verdict: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(isDone)
        writer.write(text)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        isDone = try reader.read()
        text = try reader.read()
    }
}
