package import Coordination
package import Wire

extension PeerMessage: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .heartbeat(let heartbeat):
            writer.write(byte: 1)
            writer.record { record in
                record.write(heartbeat.number)
                record.write(heartbeat.life.rawValue)
                record.write(heartbeat.incarnation.rawValue)
                record.write(heartbeat.generation.rawValue)
            }
        case .heartbeatAnswer(let answer):
            writer.write(byte: 2)
            writer.record { record in
                record.write(answer.number)
                record.write(answer.life.rawValue)
                record.write(answer.incarnation.rawValue)
                record.write(byte: answer.verdict.rawValue)
                record.write(answer.answererLife.rawValue)
            }
        case .voteRequest(let member, let life, let incarnation):
            writer.write(byte: 3)
            write(member, life, incarnation, into: &writer)
        case .vote(let member, let life, let incarnation):
            writer.write(byte: 4)
            write(member, life, incarnation, into: &writer)
        case .certificate(let member, let life):
            writer.write(byte: 5)
            writer.write(member)
            writer.write(life.rawValue)
        case .viewChanged(let view):
            writer.write(byte: 6)
            writer.write(view)
        case .generationRequest(let generation):
            writer.write(byte: 7)
            writer.write(generation.rawValue)
        case .generationAnswer(let generation, let isGranted, let newest):
            writer.write(byte: 8)
            writer.write(generation.rawValue)
            writer.write(isGranted)
            writer.write(newest.rawValue)
        case .hosting(let life, let places):
            writer.write(byte: 9)
            writer.write(life.rawValue)
            writer.write(places)
        case .ended(let places):
            writer.write(byte: 10)
            writer.write(places)
        case .whoHosts(let channel, let number):
            writer.write(byte: 11)
            writer.write(channel)
            writer.write(number)
        case .knownHost(let number, let place):
            writer.write(byte: 12)
            writer.write(number)
            writer.write(place)
        case .handedOver(let life, let place):
            writer.write(byte: 13)
            writer.write(life.rawValue)
            writer.write(place)
        case .passClaim(let channel, let above, let number):
            writer.write(byte: 14)
            writer.write(channel)
            writer.write(above)
            writer.write(number)
        case .passedClaim(let number, let outcome):
            writer.write(byte: 15)
            writer.write(number)
            switch outcome {
            case .placed(let place):
                writer.write(byte: 1)
                writer.write(place)
            case .refused(let fault):
                writer.write(byte: 2)
                writer.write(fault)
            }
        }
    }

    private func write(
        _ member: MemberID,
        _ life: Life,
        _ incarnation: Incarnation,
        into writer: inout PackWriter
    ) {
        writer.write(member)
        writer.write(life.rawValue)
        writer.write(incarnation.rawValue)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1:
            self = try reader.record { (record) throws(PackFault) in
                .heartbeat(
                    Heartbeat(
                        number: try record.number(),
                        life: Life(try record.number()),
                        incarnation: Incarnation(try record.number()),
                        generation: Generation(try record.number())
                    )
                )
            }
        case 2: self = try reader.record(Self.answer)
        case 3:
            self = .voteRequest(
                try reader.read(),
                Life(try reader.number()),
                Incarnation(try reader.number())
            )
        case 4:
            self = .vote(
                try reader.read(),
                Life(try reader.number()),
                Incarnation(try reader.number())
            )
        case 5: self = .certificate(try reader.read(), Life(try reader.number()))
        case 6: self = .viewChanged(try reader.number())
        case 7: self = .generationRequest(Generation(try reader.number()))
        case 8:
            self = .generationAnswer(
                Generation(try reader.number()),
                isGranted: try reader.read(),
                newest: Generation(try reader.number())
            )
        case 9: self = .hosting(Life(try reader.number()), try Self.places(&reader))
        case 10: self = .ended(try Self.places(&reader))
        case 11: self = .whoHosts(try reader.read(), number: try reader.number())
        case 12: self = .knownHost(number: try reader.number(), try reader.read())
        case 13: self = .handedOver(Life(try reader.number()), try reader.read())
        case 14:
            self = .passClaim(
                try reader.read(),
                above: try reader.read(),
                number: try reader.number()
            )
        case 15: self = .passedClaim(number: try reader.number(), try Self.outcome(&reader))
        default: throw .badValue("a word of members of kind \(kind)")
        }
    }

    private static func answer(_ record: inout PackReader) throws(PackFault) -> PeerMessage {
        let number = try record.number()
        let life = Life(try record.number())
        let incarnation = Incarnation(try record.number())
        guard let verdict = HeartbeatAnswer.Verdict(rawValue: try record.byte()) else {
            throw .badValue("a verdict")
        }
        return .heartbeatAnswer(
            HeartbeatAnswer(
                number: number,
                life: life,
                incarnation: incarnation,
                verdict: verdict,
                answererLife: Life(try record.number())
            )
        )
    }

    private static func places(_ reader: inout PackReader) throws(PackFault) -> [HostedPlace] {
        let places: [HostedPlace] = try reader.read()
        guard places.count <= batchLimit else { throw .tooMany(limit: batchLimit) }
        return places
    }

    private static func outcome(_ reader: inout PackReader) throws(PackFault) -> PassedClaim {
        switch try reader.byte() {
        case 1: .placed(try reader.read())
        case 2: .refused(try reader.read())
        case let other: throw .badValue("an outcome of kind \(other)")
        }
    }
}

extension Channel: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(description) }

    package init(from reader: inout PackReader) throws(PackFault) {
        guard let channel = Channel(try reader.read(String.self)) else {
            throw .badValue("a channel's name")
        }
        self = channel
    }
}

extension HostedPlace: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(channel)
        writer.write(token)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self.init(channel: try reader.read(), token: try reader.read())
    }
}

extension Place: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(token)
        writer.write(member)
        writer.write(life.rawValue)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self.init(
            token: try reader.read(),
            member: try reader.read(),
            life: Life(try reader.number())
        )
    }
}

extension PlacementFault: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .fenced: writer.write(byte: 1)
        case .notJoined: writer.write(byte: 2)
        case .redisUnreachable(let since):
            writer.write(byte: 3)
            writer.write(since)
        case .redisUnwilling(let why):
            writer.write(byte: 4)
            writer.write(why)
        case .isolated(let reached, let count):
            writer.write(byte: 5)
            writer.write(reached)
            writer.write(count)
        case .settling: writer.write(byte: 6)
        case .masterUnconfirmed: writer.write(byte: 7)
        case .noneFit: writer.write(byte: 8)
        case .unanswered: writer.write(byte: 9)
        case .tooMany: writer.write(byte: 10)
        case .leaving: writer.write(byte: 11)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1: self = .fenced
        case 2: self = .notJoined
        case 3: self = .redisUnreachable(since: try reader.read())
        case 4: self = .redisUnwilling(try reader.read())
        case 5: self = .isolated(reached: try reader.read(), of: try reader.read())
        case 6: self = .settling
        case 7: self = .masterUnconfirmed
        case 8: self = .noneFit
        case 9: self = .unanswered
        case 10: self = .tooMany
        case 11: self = .leaving
        default: throw .badValue("a fault of placement of kind \(kind)")
        }
    }
}
