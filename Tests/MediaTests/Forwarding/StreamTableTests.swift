import Media
import Testing

@Suite struct `A table of streams` {
    private func place(_ uplink: UInt32, _ layer: UInt8, _ isRepair: Bool) -> StreamTable.Place {
        StreamTable.Place(uplink: uplink, layer: layer, isRetransmission: isRepair)
    }

    @Test func `finds what was bound, and what it was bound to last`() {
        var table = StreamTable()
        #expect(table.bind(SSRC(1), place(7, 0, false)))
        #expect(table.bind(SSRC(2), place(7, 1, true)))
        #expect(table.bind(SSRC(1), place(8, 0, false)))
        #expect(table.find(SSRC(1))?.uplink == 8)
        #expect(table.find(SSRC(2))?.isRetransmission == true)
        #expect(table.find(SSRC(3)) == nil)
        #expect(table.count == 2)
    }

    @Test func `forgets a track's streams, or one encoding's, and keeps the others`() {
        var table = StreamTable()
        for number in 0..<6 as Range<UInt32> {
            _ = table.bind(SSRC(number), place(number / 3, UInt8(number % 3), false))
        }
        table.unbind(uplink: 0, layer: 1)
        #expect(table.find(SSRC(1)) == nil)
        #expect(table.find(SSRC(0)) != nil)
        table.unbind(uplink: 0)
        #expect(table.count == 3)
        #expect(table.find(SSRC(0)) == nil)
        #expect((3..<6 as Range<UInt32>).allSatisfy { table.find(SSRC($0)) != nil })
    }

    @Test func `takes so many and no more`() {
        var table = StreamTable()
        for number in 0..<UInt32(StreamTable.limit) {
            #expect(table.bind(SSRC(number), place(0, 0, false)))
        }
        #expect(!table.bind(SSRC(.max), place(0, 0, false)))
        // One that is there may still be bound anew.
        #expect(table.bind(SSRC(0), place(1, 0, false)))
    }
}
