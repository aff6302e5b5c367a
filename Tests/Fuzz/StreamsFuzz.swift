import Basics
import Media

/// What a repetition carries is inside it, and written again it is the same bytes.
let fuzzRTX: FuzzTarget = { bytes in
    guard bytes.count >= 2 else { return }
    let headerCount = Int(bytes[0] & 0x7F)
    let rtx = Array(bytes.dropFirst())
    var packet = rtx + [0xAA, 0xAA, 0xAA]
    let answer = unsafe packet.withUnsafeMutableBytes { memory -> (SequenceNumber, Int)? in
        guard let start = memory.baseAddress else { return nil }
        return unsafe RTXPacket.unwrap(
            start,
            count: rtx.count,
            headerCount: headerCount,
            ssrc: SSRC(7),
            payloadType: PayloadType(96)
        )
    }
    precondition(packet.suffix(3).allSatisfy { $0 == 0xAA }, "nothing is written behind a packet")
    guard let (sequence, count) = answer else {
        precondition(packet.prefix(rtx.count).elementsEqual(rtx), "what is refused is left alone")
        return
    }
    precondition(headerCount >= 12 && count >= headerCount && count <= rtx.count - 2)
    precondition(packet[0] & 0x20 == 0 && packet[0] | 0x20 == rtx[0] | 0x20)
    precondition(packet[1] == rtx[1] & 0x80 | 96)
    precondition(packet[2...3].elementsEqual(rtx[headerCount..<headerCount + 2]))
    precondition(packet[12..<headerCount].elementsEqual(rtx[12..<headerCount]))
    let payload = rtx[headerCount + 2..<count + 2]
    precondition(packet[headerCount..<count].elementsEqual(payload))

    let size = unsafe packet.withUnsafeMutableBytes { memory -> Int? in
        guard let start = memory.baseAddress else { return nil }
        return unsafe RTXPacket.wrap(
            start,
            count: count,
            headerCount: headerCount,
            capacity: rtx.count,
            ssrc: SSRC(9),
            payloadType: PayloadType(rtx[1]),
            sequence: SequenceNumber(UInt16(rtx[2]) << 8 | UInt16(rtx[3]))
        )
    }
    precondition(size == count + 2, "what was taken out has room to go back")
    precondition(packet[1..<4].elementsEqual(rtx[1..<4]))
    precondition(packet[headerCount..<count + 2].elementsEqual(rtx[headerCount..<count + 2]))
    _ = sequence
}

/// A publisher and a viewer that do anything at all: each number of the viewer's stream is one
/// packet's for good, and only what is missing is asked for.
let fuzzStreams: FuzzTarget = { bytes in
    var run = StreamsRun()
    var index = 0
    while index + 2 < bytes.count {
        run.step(bytes[index], UInt16(bytes[index + 1]) << 8 | UInt16(bytes[index + 2]))
        index += 3
    }
}

private struct StreamsRun: ~Copyable {
    private var history = PacketHistory(.audio)
    private var nacks = NACKGenerator()
    private var statistics = ReceptionStatistics(clockRate: 90_000)
    private var publisher = PublisherClock()
    private var clock = ClockMapping(clockRate: 90_000)
    private var rewriter = StreamRewriter(
        kind: .video,
        clockRate: 90_000,
        begin: StreamRewriter.Beginning(sequence: 5, timestamp: 9, picture: 3, baseLayer: 1)
    )
    private var sent = SentPackets()
    private var gate = FrameGate()
    private var source: UInt16 = 0
    private var now: Int64 = 0
    private var newest: UInt64 = 100_000
    private var timestamp: UInt32 = 0
    private var given: [UInt64: RewrittenPacket] = [:]
    private var origin: [UInt64: UInt64] = [:]

    mutating func step(_ order: UInt8, _ value: UInt16) {
        let moment = Instant(nanoseconds: now)
        switch order & 7 {
        case 0: receive(newest &+ 1, order)
        case 1: receive(newest &+ UInt64(value & 0x3FF), order)
        case 2: receive(newest &- min(newest, UInt64(value & 0x3FF)), order)
        case 3:
            now += Int64(value) * 10_000
            timestamp &+= UInt32(value) &* UInt32(order)
        case 4: askAgain(at: moment)
        case 5: resend(value, at: moment)
        case 6:
            clock.reported(
                ntp: UInt64(order) << 32 | UInt64(value) << 16,
                timestamp: timestamp &+ UInt32(value),
                clock: &publisher,
                at: moment
            )
            let report = statistics.takeReport(at: moment)
            precondition(report?.cumulativeLost ?? 0 <= 0x7F_FFFF)
        default: change(order, value)
        }
    }

    private mutating func change(_ order: UInt8, _ value: UInt16) {
        switch order >> 3 & 3 {
        case 0: rewriter.close()
        case 1: source = value & 3
        case 2: gate.close()
        default:
            guard let own = rewriter.insert() else { return }
            precondition(given[own.sequence] == nil && origin[own.sequence] == nil)
            origin[own.sequence] = .max
            sent.sentPadding(own.sequence, timestamp: own.timestamp, transportNumber: value)
        }
    }

    private mutating func receive(_ sequence: UInt64, _ order: UInt8) {
        let moment = Instant(nanoseconds: now)
        let isAdmitted = history.admits(sequence)
        let count = Int(order) * 6 + 1
        guard let room = unsafe history.reserve(count) else {
            preconditionFailure("there is room for \(count) bytes")
        }
        unsafe room.storeBytes(of: UInt8(truncatingIfNeeded: sequence), as: UInt8.self)
        var record = PacketRecord(
            sequence: sequence,
            timestamp: timestamp,
            payloadType: PayloadType(96),
            count: count,
            arrival: moment
        )
        record.temporalLayer = order >> 6
        record.pictureID = UInt16(truncatingIfNeeded: timestamp)
        record.baseLayerIndex = order
        if order & 0x20 != 0 { record.marks.formUnion([.keyFrame, .startsFrame]) }
        record.marks.formUnion(order & 0x10 == 0 ? [.pictureID, .longPictureID] : [.pictureID])
        record.marks.insert(.baseLayerIndex)
        guard history.commit(record) == .stored else {
            precondition(!isAdmitted)
            return
        }
        precondition(isAdmitted)
        newest = max(newest, sequence)
        nacks.received(sequence, startsKeyFrame: record.startsKeyFrame, at: moment)
        statistics.received(sequence, timestamp: timestamp, at: moment)
        clock.received(timestamp: timestamp, at: moment)
        guard let captured = clock.instant(of: timestamp) else {
            preconditionFailure("a packet came, so there is a clock")
        }
        guard let found = history.record(sequence) else {
            preconditionFailure("what was stored is found")
        }
        let first = unsafe history.packet(found).load(as: UInt8.self)
        precondition(first == UInt8(truncatingIfNeeded: sequence), "each packet has its own bytes")
        show(SourcePacket(found, source: source, captured: captured, isVP8: true), found, order)
    }

    private mutating func show(_ packet: SourcePacket, _ record: PacketRecord, _ order: UInt8) {
        switch gate.admit(FrameGate.Frame(record), hasRoom: order & 8 != 0) {
        case .begin: note(packet, rewriter.show(packet))
        case .send:
            if let rewritten = rewriter.forward(packet) { note(packet, rewritten) }
        case .drop:
            if let hole = rewriter.skip(packet) {
                precondition(given[hole] == nil && origin[hole] == nil, "a hole is nobody's number")
                origin[hole] = .max
            }
        }
        if let history = history.sinceKeyFrame(limit: 32) { precondition(history.count <= 32) }
    }

    private mutating func note(_ packet: SourcePacket, _ rewritten: RewrittenPacket) {
        precondition(origin[rewritten.sequence] == nil, "no number is used twice")
        origin[rewritten.sequence] = packet.sequence
        given[rewritten.sequence] = rewritten
        precondition(rewritten.sequence <= rewriter.newest ?? 0)
        sent.sent(packet, as: rewritten, transportNumber: UInt16(truncatingIfNeeded: now))
    }

    private mutating func resend(_ number: UInt16, at moment: Instant) {
        let finding = sent.find(
            SequenceNumber(number),
            roundTrip: .milliseconds(20),
            at: moment
        )
        guard case .found(let packet) = finding else { return }
        sent.resent(packet, at: moment)
        precondition(packet.resends < SentPackets.mostResends)
        guard case .packet(_, let low, let shift, let picture, let baseLayer) = packet.content
        else {
            precondition(origin[packet.sequence] == .max)
            return
        }
        guard let first = given[packet.sequence] else {
            preconditionFailure("only what was sent is sent again")
        }
        precondition(origin[packet.sequence].map { UInt32(truncatingIfNeeded: $0) } == low)
        precondition(shift == first.timestampShift && picture == first.pictureShift)
        precondition(baseLayer == first.baseLayerShift)
    }

    private mutating func askAgain(at moment: Instant) {
        let count = unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 600) {
            numbers in
            let count = unsafe nacks.take(into: numbers, roundTrip: .milliseconds(20), at: moment)
            for index in 0..<count {
                let number = history.extended(SequenceNumber(unsafe numbers[index]))
                precondition(number < newest && history.record(number) == nil)
            }
            return count
        }
        precondition(count <= NACKGenerator.capacity)
        if let deadline = nacks.deadline { precondition(deadline > moment) }
    }
}
