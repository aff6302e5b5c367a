import Media
import Testing
import roost_drill

@Suite struct `A hall of media in memory` {
    @Test func `shows a screen to everybody else, packet for packet`() throws {
        var hall = try MediaHall(.init(people: 5, screens: 1))
        try hall.open()
        let before = hall.counts
        hall.run(for: .seconds(1))
        let shown = hall.counts.packetsOut - before.packetsOut
        // 1.6 Mbit/s in packets of 1,200 bytes, to four.
        #expect(4 * 160...4 * 172 ~= shown)
        #expect(hall.counts.replayed == before.replayed)
    }

    @Test func `shows it to those on another board as well, whither each packet goes once`() throws
    {
        var hall = try MediaHall(.init(people: 5, screens: 1, isSpread: true))
        try hall.open()
        let before = hall.counts
        hall.run(for: .seconds(1))
        let shown = hall.counts.packetsOut - before.packetsOut
        #expect(4 * 160...4 * 172 ~= shown)
        #expect(hall.counts.mirrored - before.mirrored == shown / 4)
        #expect(hall.counts.mirroredDropped == 0)
    }

    @Test func `lets the two of each call hear each other`() throws {
        var hall = try MediaHall(.init(calls: 3, people: 2, voices: 2))
        try hall.open()
        let before = hall.counts.packetsOut
        hall.run(for: .seconds(1))
        #expect(6 * 48...6 * 52 ~= hall.counts.packetsOut - before)
    }
}
