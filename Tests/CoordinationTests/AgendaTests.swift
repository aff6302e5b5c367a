import Basics
import Testing

@testable import Rehearsal

@Suite struct `An agenda` {
    @Test(arguments: UInt64(0)..<20)
    func `gives what was noted earliest first, and in the order noted among equals`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var agenda = Agenda<Int>()
        var model: [(time: Int64, item: Int)] = []
        for item in 0..<600 {
            let time = Int64.random(in: 0..<40, using: &random)
            agenda.note(item, at: time)
            let place = model.firstIndex { $0.time > time } ?? model.count
            model.insert((time, item), at: place)
            while !model.isEmpty, Int.random(in: 0..<5, using: &random) < 2 {
                #expect(agenda.nextTime == model[0].time)
                let next = agenda.next()
                #expect(next?.time == model[0].time)
                #expect(next?.item == model[0].item)
                model.removeFirst()
            }
        }
        for (_, item) in model { #expect(agenda.next()?.item == item) }
        #expect(agenda.next() == nil)
        #expect(agenda.nextTime == nil)
    }
}
