package import Wire

extension HostOrder: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .makeHost(let person):
            writer.write(byte: 1)
            writer.write(person)
        case .mute(let participant): write(2, participant, into: &writer)
        case .muteOthers: writer.write(byte: 3)
        case .stopScreen(let participant): write(4, participant, into: &writer)
        case .lowerHand(let participant): write(5, participant, into: &writer)
        case .remove(let participant): write(6, participant, into: &writer)
        case .endForAll: writer.write(byte: 7)
        }
    }

    private func write(
        _ kind: UInt8,
        _ participant: ParticipantID,
        into writer: inout PackWriter
    ) {
        writer.write(byte: kind)
        writer.write(participant)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1: self = .makeHost(try reader.read())
        case 2: self = .mute(try reader.read())
        case 3: self = .muteOthers
        case 4: self = .stopScreen(try reader.read())
        case 5: self = .lowerHand(try reader.read())
        case 6: self = .remove(try reader.read())
        case 7: self = .endForAll
        default: throw .badValue("an order of kind \(kind)")
        }
    }
}

extension OrderOutcome: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .done: writer.write("")
        case .refused(let refusal): writer.write(refusal.rawValue)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let text: String = try reader.read()
        guard !text.isEmpty else {
            self = .done
            return
        }
        guard let refusal = OrderRefusal(rawValue: text) else { throw .badValue("a refusal") }
        self = .refused(refusal)
    }
}

extension Expulsion: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(rawValue) }

    package init(from reader: inout PackReader) throws(PackFault) {
        guard let expulsion = Expulsion(rawValue: try reader.read()) else {
            throw .badValue("an expulsion")
        }
        self = expulsion
    }
}

extension CallEnding: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(rawValue) }

    package init(from reader: inout PackReader) throws(PackFault) {
        guard let ending = CallEnding(rawValue: try reader.read()) else {
            throw .badValue("an ending")
        }
        self = ending
    }
}
