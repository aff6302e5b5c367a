import Calls
import Testing
import Wire

@Suite struct `What a line has heard` {
    private func stamp(_ origin: UInt64, _ number: UInt64) -> EventStamp {
        EventStamp(origin: origin, number: number)
    }

    @Test func `is not told to it again, wherever it goes`() throws {
        var marks = LineMarks()
        let told = [(1, 1), (1, 2), (1, 5), (2, 1)].map { marks.admits(stamp($0, $1)) }
        #expect(told == [true, true, true, true])
        var moved = try LineMarks(packed: marks.packed)
        #expect(moved == marks)
        #expect([5, 4, 1].map { moved.admits(stamp(1, $0)) } == [false, false, false])
        #expect(
            moved.admits(stamp(1, 6)) && !moved.admits(stamp(2, 1)) && moved.admits(stamp(3, 1))
        )
    }

    @Test func `of nodes that are long gone is forgotten`() {
        var marks = LineMarks()
        for origin in 0..<1_000 as Range<UInt64> { _ = marks.admits(stamp(origin, 7)) }
        let isNew = marks.admits(stamp(999, 7))
        #expect(!isNew)
        #expect(marks.packed.count < 3_000)
    }
}
