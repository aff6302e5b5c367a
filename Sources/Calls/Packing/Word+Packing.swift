package import Wire

extension Word: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .leave: writer.write(byte: 1)
        case .mute: writer.write(byte: 2)
        case .unmute: writer.write(byte: 3)
        case .raiseHand: writer.write(byte: 4)
        case .lowerHand: writer.write(byte: 5)
        case .react(let reaction):
            writer.write(byte: 6)
            writer.record { record in
                record.write(reaction.name)
                record.write(reaction.unified)
                record.write(reaction.skin)
                record.write(reaction.literal)
            }
        case .screenOn(let stream):
            writer.write(byte: 7)
            writer.write(stream)
        case .screenOff: writer.write(byte: 8)
        case .videoOn(let stream):
            writer.write(byte: 9)
            writer.write(stream)
        case .videoOff: writer.write(byte: 10)
        case .description(let description):
            writer.write(byte: description.kind == .offer ? 11 : 12)
            writer.write(description.sdp)
        case .caption(let caption):
            writer.write(byte: 13)
            writer.record { record in
                record.write(caption.speaker)
                record.write(caption.text)
                record.write(caption.newAudio)
            }
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1: self = .leave
        case 2: self = .mute
        case 3: self = .unmute
        case 4: self = .raiseHand
        case 5: self = .lowerHand
        case 6:
            self = try reader.record { (record) throws(PackFault) in
                .react(
                    Reaction(
                        name: try record.read(),
                        unified: try record.read(),
                        skin: try record.read(),
                        literal: try record.read()
                    )
                )
            }
        case 7: self = .screenOn(stream: try reader.read())
        case 8: self = .screenOff
        case 9: self = .videoOn(stream: try reader.read())
        case 10: self = .videoOff
        case 11: self = .description(MediaDescription(.offer, try reader.read()))
        case 12: self = .description(MediaDescription(.answer, try reader.read()))
        case 13:
            self = try reader.record { (record) throws(PackFault) in
                .caption(
                    Caption(
                        speaker: try record.read(),
                        text: try record.read(),
                        newAudio: try record.read()
                    )
                )
            }
        default: throw .badValue("a word of kind \(kind)")
        }
    }
}
