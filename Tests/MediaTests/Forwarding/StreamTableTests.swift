import Media
import Testing

@Suite struct `A table of streams` {
    private func place(_ uplink: UInt32, _ layer: UInt8, _ isRepair: Bool) -> StreamTable.Place {
        StreamTable.Place(uplink: uplink, layer: layer, isRetransmission: isRepair)
    }

    @Test func `finds what was bound, and what it was bound to last`() {
        var table = StreamTable()
        let bound = [
            table.bind(SSRC(1), place(7, 0, false)),
            table.bind(SSRC(2), place(7, 1, true)),
            table.bind(SSRC(1), place(8, 0, false)),
        ]
        let found = [table.find(SSRC(1)), table.find(SSRC(2)), table.find(SSRC(3))]
        let count = table.count
        #expect(bound == [true, true, true])
        #expect(found.map { $0?.uplink } == [8, 7, nil])
        #expect(found[1]?.isRetransmission == true)
        #expect(count == 2)
    }

    @Test func `forgets a track's streams, or one encoding's, and keeps the others`() {
        var table = StreamTable()
        for number in 0..<6 as Range<UInt32> {
            _ = table.bind(SSRC(number), place(number / 3, UInt8(number % 3), false))
        }
        table.unbind(uplink: 0, layer: 1)
        var known = (0..<6 as Range<UInt32>).map { _ in false }
        for number in known.indices { known[number] = table.find(SSRC(UInt32(number))) != nil }
        #expect(known == [true, false, true, true, true, true])
        table.unbind(uplink: 0)
        for number in known.indices { known[number] = table.find(SSRC(UInt32(number))) != nil }
        #expect(known == [false, false, false, true, true, true])
    }

    @Test func `takes so many and no more`() {
        var table = StreamTable()
        var taken = 0
        for number in 0..<UInt32(StreamTable.limit + 1) {
            taken += table.bind(SSRC(number), place(0, 0, false)) ? 1 : 0
        }
        #expect(taken == StreamTable.limit)
        // One that is there may still be bound anew.
        let isBound = table.bind(SSRC(0), place(1, 0, false))
        #expect(isBound)
    }
}
