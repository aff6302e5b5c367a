import Basics
import Testing
import roost_drill

@Suite struct `A way between two machines of a drill` {
    private var path = PacketPath()
    private var random = SeededRandom(seed: 1)

    private mutating func send(_ bytes: Int = 1_000, at milliseconds: Int64) -> PacketPath.Fate {
        path.take(bytes: bytes, at: Self.moment(milliseconds), using: &random)
    }

    private static func moment(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    @Test mutating func `lets everything pass at once, as long as nothing is done to it`() {
        #expect(send(at: 5) == .arrives(Self.moment(5)))
        #expect(path.counts.passed == 1 && path.counts.late == 0)
    }

    @Test mutating func `passes nothing until every fault that has cut it is over`() {
        path.cuts = 2
        #expect(send(at: 5) == .cut)
        path.cuts = 1
        #expect(send(at: 6) == .cut)
        path.cuts = 0
        #expect(send(at: 7) == .arrives(Self.moment(7)))
        #expect(path.counts.cut == 2 && path.counts.passed == 1)
    }

    @Test mutating func `keeps the order, however long each is on its way`() {
        path.condition.delay = .milliseconds(10)
        path.condition.jitter = .milliseconds(50)
        var last = Self.moment(0)
        for time in 0..<200 {
            guard case .arrives(let due) = send(at: Int64(time)) else {
                Issue.record("one was lost")
                return
            }
            #expect(due >= last && due >= Self.moment(Int64(time) + 10))
            last = due
        }
        #expect(path.counts.late == 200)
    }

    @Test
    mutating func `sends a thousand bytes in eight milliseconds at a megabit, one after another`() {
        path.condition.rate = 1_000_000
        #expect(send(at: 0) == .arrives(Self.moment(8)))
        #expect(send(at: 0) == .arrives(Self.moment(16)))
        #expect(send(at: 100) == .arrives(Self.moment(108)))
    }

    @Test mutating func `loses what would have to wait for more than half a second`() {
        path.condition.rate = 1_000_000
        // The 63rd begins after 496 ms, the 64th after 504.
        let fates = (0..<64).map { _ in send(at: 0) }
        #expect(fates.dropLast().allSatisfy { $0 != .overflows } && fates.last == .overflows)
        #expect(path.counts.overflowed == 1)
    }

    @Test mutating func `loses as many as it is told to`() {
        path.condition.lossThousandths = 100
        let lost = (0..<10_000).count { send(at: Int64($0)) == .lost }
        #expect(900...1_100 ~= lost)
    }
}
