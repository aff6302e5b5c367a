import Basics
import Media
import Testing

@Suite struct `Sent packets` {
    @Test func `are made again of what they were made of`() {
        var sent = SentPackets()
        sent.note(
            1_000,
            source: 3,
            of: 0x1_0000_0007,
            shift: 5,
            picture: 9,
            baseLayer: 2,
            number: 77
        )
        #expect(
            sent.find(1_000)
                == .found(
                    SentPacket(
                        content: .packet(
                            source: 3,
                            low: 7,
                            timestampShift: 5,
                            pictureShift: 9,
                            baseLayerShift: 2
                        ),
                        sequence: 1_000,
                        transportNumber: 77,
                        resends: 0
                    )
                )
        )
    }

    @Test func `are unknown before they are sent, when lost on the way here, and 512 later`() {
        var sent = SentPackets()
        #expect(sent.find(5) == .unknown)
        sent.note(1_000, of: 1)
        sent.note(1_002, of: 3)
        #expect(sent.find(999) == .unknown && sent.find(1_001) == .unknown)
        #expect(sent.find(1_003) == .unknown)
        sent.note(1_000 + 511, of: 5)
        #expect(sent.source(1_000) == 1)
        sent.note(1_000 + 512, of: 6)
        #expect(sent.find(1_000) == .unknown)
    }

    @Test func `are not taken for others whose numbers look alike`() {
        var sent = SentPackets()
        sent.note(1_000, of: 1)
        sent.note(1_000 + 65_536 + 1, of: 2)
        #expect(sent.find(1_000) == .unknown)
    }

    @Test func `are found across the wrap`() {
        var sent = SentPackets()
        for number in UInt64(65_530)..<65_545 { sent.note(number, of: number) }
        #expect(sent.source(65_530) == 65_530 && sent.source(3) == 65_539)
    }

    @Test func `are repeated three times at most`() {
        var sent = SentPackets()
        sent.note(1_000, of: 1)
        for time in [0, 100, 200] { #expect(sent.repeats(1_000, at: time) == true) }
        #expect(sent.find(1_000, at: 300) == .exhausted)
    }

    @Test(arguments: [(5, 10), (80, 40), (10_000, 1_000)])
    func `are not repeated within half a round trip`(roundTrip: Int, interval: Int) {
        var sent = SentPackets()
        sent.note(1_000, of: 1)
        #expect(sent.repeats(1_000, at: 60) == true)
        #expect(sent.find(1_000, roundTrip: roundTrip, at: 60 + interval - 1) == .tooSoon)
        #expect(sent.find(1_000, roundTrip: roundTrip, at: 60 + interval) != .tooSoon)
    }

    @Test func `that were padding are padding again`() {
        var sent = SentPackets()
        sent.note(1_000, of: 1)
        sent.sentPadding(1_001, timestamp: 99, transportNumber: 5)
        guard case .found(let packet) = sent.find(1_001) else {
            Issue.record("padding is unknown")
            return
        }
        #expect(packet.content == .padding(timestamp: 99) && packet.transportNumber == 5)
    }

    @Test func `of the last sixteen showings are known`() {
        var sent = SentPackets()
        for showing in UInt16(0)..<17 {
            sent.note(1_000 + UInt64(showing), source: showing, of: UInt64(showing))
        }
        #expect(sent.find(1_000) == .unknown)
        for showing in UInt64(1)..<17 {
            #expect(sent.source(UInt16(1_000 + showing)) == UInt32(showing))
        }
    }

    @Test func `take 8 KB, from the first on`() {
        var sent = SentPackets()
        #expect(sent.allocated == 0)
        sent.note(1_000, of: 1)
        #expect(sent.allocated == 8_192)
    }

    /// The one thing that must never happen: another packet under a number that was used.
    @Test(arguments: UInt64(0)..<200)
    func `are the same when they are made again, or unknown`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var sent = SentPackets()
        var all: [UInt64: (packet: SourcePacket, rewritten: RewrittenPacket, number: UInt16)] = [:]
        var next = UInt64.random(in: 0..<70_000, using: &random)
        var source = SourcePacket.packet(.random(in: 0..<1 << 33, using: &random))
        var shifts = RewrittenPacket(
            sequence: 0,
            timestamp: 0,
            timestampShift: 0,
            pictureShift: 0,
            baseLayerShift: 0
        )
        var wrong: [UInt64] = []
        for step in 0..<200 {
            if random.happens(8) {
                source.source = .random(in: 0...3, using: &random)
                shifts.timestampShift = UInt32(truncatingIfNeeded: random.next())
                shifts.baseLayerShift = UInt8(truncatingIfNeeded: random.next())
            }
            shifts.pictureShift &+= random.happens(30) ? 1 : 0
            source.sequence += .random(in: 1...3, using: &random)
            next += random.happens(5) ? .random(in: 1...600, using: &random) : 1
            shifts.sequence = next
            shifts.timestamp = source.timestamp &+ shifts.timestampShift
            sent.sent(source, as: shifts, transportNumber: UInt16(step))
            all[next] = (source, shifts, UInt16(step))
            let asked = next - min(next, .random(in: 0...700, using: &random))
            guard case .found(let found) = sent.find(UInt16(truncatingIfNeeded: asked)) else {
                continue
            }
            guard let original = all[asked],
                found.content
                    == .packet(
                        source: original.packet.source,
                        low: UInt32(truncatingIfNeeded: original.packet.sequence),
                        timestampShift: original.rewritten.timestampShift,
                        pictureShift: original.rewritten.pictureShift,
                        baseLayerShift: original.rewritten.baseLayerShift
                    ),
                found.transportNumber == original.number, found.sequence == asked
            else {
                wrong.append(asked)
                continue
            }
        }
        #expect(wrong == [], "seed \(seed)")
    }
}

extension SentPackets {
    fileprivate mutating func note(
        _ sequence: UInt64,
        source: UInt16 = 0,
        of sourceSequence: UInt64,
        shift: UInt32 = 0,
        picture: UInt16 = 0,
        baseLayer: UInt8 = 0,
        number: UInt16 = 0
    ) {
        sent(
            .packet(sourceSequence, source: source),
            as: RewrittenPacket(
                sequence: sequence,
                timestamp: shift,
                timestampShift: shift,
                pictureShift: picture,
                baseLayerShift: baseLayer
            ),
            transportNumber: number
        )
    }

    fileprivate func find(_ number: UInt16, roundTrip: Int = 20, at time: Int = 0) -> Finding {
        find(
            SequenceNumber(number),
            roundTrip: .milliseconds(roundTrip),
            at: .milliseconds(time)
        )
    }

    fileprivate func source(_ number: UInt16) -> UInt32? {
        guard case .found(let packet) = find(number) else { return nil }
        guard case .packet(_, let low, _, _, _) = packet.content else { return nil }
        return low
    }

    fileprivate mutating func repeats(_ number: UInt16, at time: Int) -> Bool {
        guard case .found(let packet) = find(number, at: time) else { return false }
        resent(packet, at: .milliseconds(time))
        return true
    }
}
