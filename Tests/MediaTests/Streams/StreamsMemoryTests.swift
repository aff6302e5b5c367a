import Basics
import CSRTP
import Media
import Testing

/// What a stream costs in memory, and that a packet costs none.
@Suite struct `The memory of a stream` {
    @Test func `does not grow with its packets`() {
        var stream = MeasuredStream()
        stream.pass(2_000)
        // Other tests take and return memory meanwhile: one quiet moment proves that packets do not.
        for _ in 0..<20_000 {
            let before = mallinfo2().uordblks
            stream.pass(200)
            if mallinfo2().uordblks == before { return }
        }
        Issue.record("each 200 packets took memory")
    }

    @Test func `is some 9 KB for each viewer of a picture`() {
        var stream = MeasuredStream()
        stream.pass(10)
        let own =
            MemoryLayout<StreamRewriter>.stride + MemoryLayout<FrameGate>.stride
            + MemoryLayout<SentPackets>.stride + MemoryLayout<ResendBudget>.stride
        #expect(own + stream.sent.allocated < 9_000)
    }

    @Test func `is less than 20 KB for one who only speaks`() {
        var history = PacketHistory(.audio)
        _ = history.keep(1, filled: 0, count: 200)
        let own =
            MemoryLayout<PacketHistory>.stride + MemoryLayout<ReceptionStatistics>.stride
            + MemoryLayout<ClockMapping>.stride
        #expect(own + history.allocated < 20_000)
    }
}

/// Everything that a packet of a picture meets, with losses and skipped frames.
private struct MeasuredStream: ~Copyable {
    var history = PacketHistory(.video)
    var nacks = NACKGenerator()
    var statistics = ReceptionStatistics(clockRate: 90_000)
    var clock = ClockMapping(clockRate: 90_000)
    var requests = KeyFrameRequests()
    var rewriter = StreamRewriter.forTests()
    var sent = SentPackets()
    var gate = FrameGate()
    var budget = ResendBudget(of: .kilobits(2_000), at: .milliseconds(0))
    private var next: UInt64 = 1_000

    mutating func pass(_ count: Int) {
        for _ in 0..<count { pass() }
    }

    private mutating func pass() {
        next += next % 97 == 0 ? 2 : 1
        let now = Instant.milliseconds(Int(next) * 5)
        let timestamp = UInt32(truncatingIfNeeded: next / 4 * 1_800)
        _ = unsafe history.reserve(1_200)
        var record = PacketRecord(
            sequence: next,
            timestamp: timestamp,
            payloadType: PayloadType(96),
            count: 1_200,
            arrival: now
        )
        record.temporalLayer = UInt8(next / 4 % 2)
        if next % 500 == 0 { record.marks.formUnion([.keyFrame, .startsFrame]) }
        _ = history.commit(record)
        nacks.received(next, startsKeyFrame: record.startsKeyFrame, at: now)
        statistics.received(next, timestamp: timestamp, at: now)
        clock.received(timestamp: timestamp, at: now)
        if record.startsKeyFrame { requests.keyFrameCame() }
        unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 16) { numbers in
            _ = unsafe nacks.take(into: numbers, roundTrip: .milliseconds(20), at: now)
        }
        let captured = clock.instant(of: timestamp) ?? now
        let packet = SourcePacket(record, source: 1, captured: captured, isVP8: true)
        switch gate.admit(FrameGate.Frame(record), hasRoom: next % 301 != 0) {
        case .begin: note(packet, rewriter.show(packet))
        case .send:
            if record.temporalLayer > 0 {
                _ = rewriter.skip(packet)
            } else if let rewritten = rewriter.forward(packet) {
                note(packet, rewritten)
            }
        case .drop:
            _ = rewriter.skip(packet)
            _ = requests.request(at: now)
        }
    }

    private mutating func note(_ packet: SourcePacket, _ rewritten: RewrittenPacket) {
        let number = UInt16(truncatingIfNeeded: rewritten.sequence)
        sent.sent(packet, as: rewritten, transportNumber: number)
        let asked = SequenceNumber(number &- 7)
        let finding = sent.find(asked, roundTrip: .milliseconds(20), at: packet.arrival)
        if case .found(let lost) = finding, budget.take(1_200, at: packet.arrival) {
            sent.resent(lost, at: packet.arrival)
        }
    }
}
