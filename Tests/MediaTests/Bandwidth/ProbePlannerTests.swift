import Basics
import Media
import Testing

@Suite struct `A probe planner` {
    @Test func `plans nothing when the estimate is enough`() {
        var planner = ProbePlanner()
        planner.plan(500_000, estimate: 500_000, at: .ms(0))
        #expect(planner.isIdle)
        #expect(planner.paddingDue(at: .ms(0)) == 0)
        #expect(planner.sent(size: 1_200, at: .ms(0)) == 0, "the packet is of no probe")
    }

    /// At least 30 ms and ten packets.
    @Test(arguments: [(1_000_000.0, 12_000), (8_000_000, 33_000)])
    func `spreads a cluster over its time`(wanted: Double, bytes: Int) {
        var planner = ProbePlanner()
        planner.plan(wanted, estimate: wanted * 0.9, at: .ms(0))
        let sent = pad(&planner, from: 0, to: 200)
        let total = sent.reduce(0) { $0 + $1.size }
        #expect(total >= bytes && total <= bytes + 1_200)
        let last = sent.last?.time ?? 0
        #expect(last >= 28 && last <= 90)
        #expect(sent.allSatisfy { $0.probe == 1 })
    }

    @Test func `aims at no more than two and a half times what is known`() {
        var planner = ProbePlanner()
        planner.plan(20_000_000, estimate: 400_000, at: .ms(0))
        let sent = pad(&planner, from: 0, to: 300)
        let duration = Double(sent.last?.time ?? 0) / 1_000
        let rate = Double((sent.count - 1) * 1_200) * 8 / duration
        #expect(abs(rate - 1_000_000) < 50_000)
    }

    @Test func `counts media that leaves meanwhile`() {
        var planner = ProbePlanner()
        planner.plan(1_000_000, estimate: 500_000, at: .ms(0))
        for _ in 0..<10 { #expect(planner.sent(size: 1_200, at: .ms(1)) == 1) }
        #expect(planner.paddingDue(at: .ms(50)) == 0)
        #expect(planner.sent(size: 1_200, at: .ms(51)) == 0, "it was enough")
    }

    /// Who pads with the 255 bytes that a header can have must not go on until time is up.
    @Test func `ends in time when what leaves is small`() {
        var planner = ProbePlanner()
        planner.plan(1_000_000, estimate: 900_000, at: .ms(0))
        let sent = pad(&planner, from: 0, to: 400, size: 300)
        let total = sent.reduce(0) { $0 + $1.size }
        #expect(total >= 12_000 && total <= 13_200)
        #expect((sent.last?.time ?? 0) <= 90)
        #expect(planner.paddingDue(at: .ms(100)) == 0)
    }

    @Test(arguments: [(1.0, 1_100_000.0), (2.0, 522_500)])
    func `measures what arrives`(stretch: Double, expected: Double) {
        var planner = ProbePlanner()
        planner.plan(1_000_000, estimate: 500_000, at: .ms(0))
        let sent = pad(&planner, from: 0, to: 200)
        for packet in sent {
            planner.arrived(
                packet.probe,
                size: packet.size,
                sent: packet.time * 1_000,
                arrival: 7_000_000 + Int64(Double(packet.time) * 1_000 * stretch)
            )
        }
        guard case .measured(let rate) = planner.outcome(at: .ms(200)) else {
            Issue.record("it is complete")
            return
        }
        #expect(abs(rate - expected) < 0.05 * expected)
        #expect(planner.outcome(at: .ms(201)) == nil, "it is told once")
    }

    @Test func `is void when too little arrives`() {
        var planner = ProbePlanner()
        planner.plan(1_000_000, estimate: 500_000, at: .ms(0))
        for packet in pad(&planner, from: 0, to: 200) { planner.lost(packet.probe) }
        #expect(planner.outcome(at: .ms(200)) == .void)
        #expect(planner.nextPlan == .ms(2_200))
    }

    @Test func `pauses longer each time it measures too little`() {
        var planner = ProbePlanner()
        var now: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<6 {
            planner.plan(1_000_000, estimate: 500_000, at: .ms(now))
            #expect(!planner.isIdle)
            for packet in pad(&planner, from: now, to: now + 200) {
                planner.arrived(
                    packet.probe,
                    size: packet.size,
                    sent: packet.time * 1_000,
                    arrival: packet.time * 2_000
                )
            }
            #expect(planner.outcome(at: .ms(now + 200)) != .void)
            let next = (planner.nextPlan?.nanoseconds ?? 0) / 1_000_000
            planner.plan(1_000_000, estimate: 500_000, at: .ms(next - 1))
            #expect(planner.isIdle, "it pauses")
            pauses.append(next - now - 200)
            now = next
        }
        #expect(pauses == [2_000, 3_000, 4_500, 6_750, 10_000, 10_000])
    }

    @Test func `gives up when nothing is sent for it, or nothing told of it`() {
        var planner = ProbePlanner()
        planner.plan(1_000_000, estimate: 500_000, at: .ms(0))
        #expect(planner.deadline == .ms(0))
        #expect(planner.paddingDue(at: .ms(0)) > 0)
        #expect(planner.deadline == .ms(1), "not at once again")
        _ = planner.sent(size: 1_200, at: .ms(0))
        #expect(planner.paddingDue(at: .ms(500)) == 0)
        #expect(planner.outcome(at: .ms(501)) == nil)
        #expect(planner.deadline == .ms(2_000))
        #expect(planner.outcome(at: .ms(2_000)) == .void)
        #expect(planner.isIdle)
    }

    private func pad(
        _ planner: inout ProbePlanner,
        from begin: Int64,
        to end: Int64,
        size most: Int = 1_200
    ) -> [(time: Int64, size: Int, probe: UInt8)] {
        var sent: [(time: Int64, size: Int, probe: UInt8)] = []
        for milli in begin..<end {
            var due = planner.paddingDue(at: .ms(milli))
            while due > 0 {
                let size = min(due, most)
                sent.append((milli, size, planner.sent(size: size, at: .ms(milli))))
                due -= size
            }
        }
        return sent
    }
}
