import Basics
import Testing
import Wire

@Suite struct `A link's ledger` {
    /// Two members and a connection that breaks, again and again, with whatever is on it.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `delivers every parcel once and in order, however often the link breaks`(
        seed: UInt64
    )
        throws
    {
        var random = SeededRandom(seed: seed)
        var sender = LinkLedger()
        var receiver = LinkLedger()
        var onTheWay: [UInt8] = []
        var wordsBack: [UInt64] = []
        var arrived: [UInt8] = []
        var next: UInt8 = 0
        while arrived.count < 200 {
            switch UInt8.random(in: 0..<10, using: &random) {
            case 0..<4 where next < 200:
                let isKept = sender.keep([next])
                #expect(isKept)
                onTheWay.append(next)
                next += 1
            case 4..<7:
                guard !onTheWay.isEmpty else { continue }
                arrived.append(onTheWay.removeFirst())
                if receiver.count(bytes: 1), let word = receiver.acknowledgement() {
                    wordsBack.append(word)
                }
            case 7:
                if let word = receiver.acknowledgement() { wordsBack.append(word) }
            case 8:
                guard !wordsBack.isEmpty else { continue }
                try sender.settle(wordsBack.removeFirst())
            default:
                // The connection breaks; what was on it is lost both ways.
                onTheWay = []
                wordsBack = []
                _ = try receiver.resume(0)
                onTheWay = try sender.resume(receiver.received).map { $0[0] }
            }
        }
        #expect(arrived == Array(0..<200))
        try sender.settle(receiver.received)
        #expect(sender.keptCount == 0)
    }

    @Test func `takes no more than its limit`() {
        var ledger = LinkLedger(limits: .init(parcels: 2, bytes: 100))
        #expect([[1], [2], [3]].map { ledger.keep($0) } == [true, true, false])
        var heavy = LinkLedger(limits: .init(parcels: 100, bytes: 10))
        #expect([[UInt8](repeating: 0, count: 12), [1]].map { heavy.keep($0) } == [true, false])
    }

    @Test func `believes nobody who has more than was sent, or wants what is gone`() throws {
        var ledger = LinkLedger()
        _ = ledger.keep([1])
        #expect(throws: LinkLedger.Fault.nonsense) { try ledger.settle(2) }
        try ledger.settle(1)
        #expect(throws: LinkLedger.Fault.nonsense) { try ledger.resume(0) }
    }
}
