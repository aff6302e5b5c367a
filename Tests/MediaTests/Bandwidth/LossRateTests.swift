import Basics
import Media
import Testing

@Suite struct `A loss rate` {
    @Test func `asks for nothing while little is lost`() {
        var rate = LossRate(range: 30_000...20_000_000)
        for _ in 0..<50 { #expect(rate.update(window(lost: 1), rate: 1_000_000) == false) }
        #expect(rate.limit == nil)
    }

    @Test func `cuts by half of what is lost, and not below what arrives`() {
        var rate = LossRate(range: 30_000...20_000_000)
        #expect(rate.update(window(lost: 40), rate: 1_000_000) == true)
        #expect(rate.limit == 800_000)
        #expect(rate.update(window(lost: 60), rate: 1_000_000) == true)
        #expect(rate.limit == 560_000)
    }

    @Test func `starts from twice what is sent when the estimate is not filled`() {
        var rate = LossRate(range: 30_000...20_000_000)
        #expect(rate.update(window(lost: 20, sending: 300_000), rate: 3_000_000) == true)
        #expect(rate.limit == 540_000)
    }

    @Test func `lets go when nothing is lost any more`() {
        var rate = LossRate(range: 30_000...20_000_000)
        _ = rate.update(window(lost: 40), rate: 1_000_000)
        for _ in 0..<20 { _ = rate.update(window(lost: 0), rate: 1_000_000) }
        #expect(rate.limit == nil)
    }

    /// The same share is lost of much and of little: it is the path's own.
    @Test(arguments: UInt64(0)..<10, [0.05, 0.1, 0.2, 0.3])
    func `finds out what the path loses by itself`(seed: UInt64, own: Double) {
        var random = SeededRandom(seed: seed)
        var rate = LossRate(range: 30_000...20_000_000)
        for _ in 0..<12 {
            let sending = Double.random(in: 500_000..<1_000_000, using: &random)
            _ = rate.update(window(share: own, sending: sending, using: &random), rate: 1_000_000)
        }
        #expect(abs(rate.own - own) <= 0.1)
    }

    /// What exceeds 600 kbit/s is lost: it is not the path's own.
    @Test(arguments: UInt64(0)..<10)
    func `tells a full path from one that loses by itself`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var rate = LossRate(range: 30_000...20_000_000)
        for _ in 0..<12 {
            let sending = Double.random(in: 500_000..<1_000_000, using: &random)
            let share = max(1 - 600_000 / sending, 0)
            _ = rate.update(window(share: share, sending: sending, using: &random), rate: 1_000_000)
        }
        #expect(rate.own <= 0.05)
        #expect(rate.limit.map { $0 < 950_000 } == true)
    }

    private func window(lost: Int, sending: Double = 1_000_000) -> LossRate.Window {
        LossRate.Window(packets: 100, lost: lost, seconds: 1, sending: sending)
    }

    private func window(
        share: Double,
        sending: Double,
        using random: inout SeededRandom
    ) -> LossRate.Window {
        var lost = 0
        for _ in 0..<80 where Double.random(in: 0..<1, using: &random) < share { lost += 1 }
        return LossRate.Window(packets: 80, lost: lost, seconds: 1, sending: sending)
    }
}

@Suite struct `A remote estimate` {
    @Test func `is what the viewer says, within the settings`() {
        var remote = RemoteEstimate(.init(start: .kilobits(400), most: .kilobits(5_000)))
        #expect(remote.estimate(at: .ms(0)) == .kilobits(400))
        remote.received(.kilobits(900), at: .ms(0))
        #expect(remote.estimate(at: .ms(1)) == .kilobits(900))
        remote.received(.kilobits(90_000), at: .ms(10))
        #expect(remote.estimate(at: .ms(11)) == .kilobits(5_000))
        remote.received(.kilobits(1), at: .ms(20))
        #expect(remote.estimate(at: .ms(21)) == .kilobits(30))
    }

    @Test func `forgets what was said ten seconds ago`() {
        var remote = RemoteEstimate(.init(start: .kilobits(400)))
        remote.received(.kilobits(900), at: .ms(0))
        #expect(remote.estimate(at: .ms(10_000)) == .kilobits(400))
    }

    @Test func `grows by reports without losses, but not beyond half more than is sent`() {
        var remote = RemoteEstimate(.init(start: .kilobits(400)))
        for second in 1...60 as ClosedRange<Int64> {
            remote.received(
                packets: 100,
                lost: 0,
                sending: .kilobits(500),
                at: .ms(second * 1_000)
            )
        }
        #expect(remote.estimate(at: .ms(60_000)) == .kilobits(760))
    }

    @Test func `is cut by losses whatever the viewer says`() {
        var remote = RemoteEstimate(.init(start: .kilobits(1_000)))
        remote.received(.kilobits(3_000), at: .ms(0))
        remote.received(packets: 100, lost: 40, sending: .kilobits(1_000), at: .ms(1_000))
        #expect(remote.estimate(at: .ms(1_001)) == .kilobits(800))
    }

    @Test func `puts up with reports that make no sense`() {
        var remote = RemoteEstimate()
        remote.received(packets: 0, lost: 5, sending: .kilobits(500), at: .ms(1_000))
        remote.received(packets: 10, lost: -5, sending: .kilobits(500), at: .ms(2_000))
        remote.received(packets: 10, lost: 50, sending: .kilobits(500), at: .ms(2_000))
        #expect(remote.estimate(at: .ms(2_000)) >= .kilobits(30))
    }
}
