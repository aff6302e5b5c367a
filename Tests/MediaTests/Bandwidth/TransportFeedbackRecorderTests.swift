import Basics
import Media
import Testing

@Suite struct `A transport feedback recorder` {
    @Test func `has nothing to tell before a packet came`() {
        var recorder = TransportFeedbackRecorder()
        #expect(recorder.deadline == nil)
        #expect(recorder.take(at: .ms(5)) == nil)
    }

    @Test func `tells 100 ms after the first packet, and each report once`() {
        var recorder = TransportFeedbackRecorder()
        recorder.received(7, at: .ms(640))
        recorder.received(8, at: .ms(641))
        recorder.received(10, at: .ms(700))
        #expect(recorder.deadline == .ms(740))
        let report = recorder.take(at: .ms(740))
        #expect(report?.base == 7)
        #expect(report?.count == 4)
        #expect(report?.referenceTime == 10)
        #expect(report?.number == 0)
        #expect(recorder.arrivals(report) == [0, 4, nil, 240])
        #expect(recorder.deadline == nil)
        #expect(recorder.take(at: .ms(741)) == nil)

        recorder.received(11, at: .ms(800))
        let next = recorder.take(at: .ms(900))
        #expect(next?.base == 11)
        #expect(next?.number == 1)
    }

    @Test func `goes back to a packet that came after its report`() {
        var recorder = TransportFeedbackRecorder()
        for sequence in [1, 2, 4, 5] as [UInt16] { recorder.received(sequence, at: .ms(64)) }
        #expect(recorder.arrivals(recorder.take(at: .ms(164))) == [0, 0, nil, 0, 0])
        recorder.received(3, at: .ms(170))
        let report = recorder.take(at: .ms(270))
        #expect(report?.base == 3)
        // Relative to the reference time, which is that of the first of them.
        #expect(recorder.arrivals(report) == [168, -256, -256])
    }

    @Test func `counts the first of two arrivals, and no packet twice`() {
        var recorder = TransportFeedbackRecorder()
        recorder.received(1, at: .ms(64))
        recorder.received(1, at: .ms(90))
        #expect(recorder.ignored == 1)
        #expect(recorder.arrivals(recorder.take(at: .ms(164))) == [0])
        recorder.received(1, at: .ms(190))
        #expect(recorder.deadline == nil, "there is nothing new")
    }

    /// A voice alone, fifty packets a second: a report a fifth of a second would be one for every five.
    @Test func `waits up to 250 ms for sixteen when few come, and 100 again when many do`() {
        var recorder = TransportFeedbackRecorder()
        var (now, sequence) = (Int64(0), UInt16(0))
        func run(_ spacing: Int64, until end: Int64) -> [Int] {
            var reports: [Int] = []
            while now < end {
                recorder.received(sequence, at: .ms(now))
                sequence += 1
                now += spacing
                while let due = recorder.deadline, due <= .ms(now) {
                    if let report = recorder.take(at: .ms(now)) { reports.append(report.count) }
                }
            }
            return reports
        }
        #expect(run(20, until: 2_000).suffix(4) == [13, 13, 13, 13])
        #expect(run(2, until: 4_000).suffix(4) == [50, 50, 50, 50])
    }

    @Test func `does not wait when there is plenty to tell`() {
        var recorder = TransportFeedbackRecorder()
        for sequence in 0..<400 as Range<UInt16> { recorder.received(sequence, at: .ms(10)) }
        #expect(recorder.deadline == .ms(10))
    }

    @Test func `tells of at most 400 arrivals at once`() {
        var recorder = TransportFeedbackRecorder()
        for sequence in 0..<900 as Range<UInt16> { recorder.received(sequence, at: .ms(10)) }
        var counts: [Int] = []
        while let report = recorder.take(at: .ms(20)) { counts.append(report.count) }
        #expect(counts == [400, 400, 100])
    }

    @Test func `begins another report where a difference would not fit 16 bits`() {
        var recorder = TransportFeedbackRecorder()
        recorder.received(1, at: .ms(0))
        recorder.received(2, at: .ms(9_000))
        let first = recorder.take(at: .ms(9_000))
        #expect(first?.count == 1)
        #expect(recorder.deadline == .ms(9_000))
        let second = recorder.take(at: .ms(9_000))
        #expect(second?.base == 2)
        #expect(second?.referenceTime == 140)
        #expect(recorder.arrivals(second) == [160])
    }

    @Test func `believes a number from far away when its successor comes`() {
        var recorder = TransportFeedbackRecorder()
        recorder.received(5_000, at: .ms(1))
        recorder.received(100, at: .ms(2))
        #expect(recorder.ignored == 1)
        #expect(recorder.take(at: .ms(101))?.base == 5_000)
        recorder.received(101, at: .ms(110))
        #expect(recorder.take(at: .ms(210))?.base == 101)
    }

    @Test func `drops what it has no room for, and keeps the newest`() {
        var recorder = TransportFeedbackRecorder()
        recorder.received(0, at: .ms(1))
        recorder.received(30_000, at: .ms(2))
        let report = recorder.take(at: .ms(3))
        #expect(report?.base == 28_977)
        #expect(report?.count == 1_024)
        #expect(recorder.arrivals(report).compactMap(\.self) == [8])
    }

    @Test func `gives up a packet of which it can't know whether it came`() {
        var recorder = TransportFeedbackRecorder()
        for number in UInt16(0)..<300 where number != 100 {
            recorder.received(number, at: .ms(Int64(number) * 20))
            if number % 10 == 9 { _ = recorder.take(at: .ms(Int64(number) * 20 + 1)) }
        }
        recorder.received(172, at: .ms(6_000))
        recorder.received(100, at: .ms(6_001))
        #expect(recorder.ignored == 2)
        #expect(recorder.deadline == nil)
    }

    /// Against a dictionary that forgets nothing: packets that are lost, late and doubled, over several
    /// laps of the sixteen bits.
    @Test(arguments: UInt64(0)..<20)
    func `tells what came, and when`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var recorder = TransportFeedbackRecorder()
        let begin = UInt64.random(in: 0..<1 << 16, using: &random)
        var model: [UInt64: Int64] = [:]
        var told: [UInt64: Int64] = [:]
        var newest = begin
        var millis = Int64.random(in: 0..<1 << 26, using: &random)
        let lateness = Int.random(in: 1...200, using: &random)
        for step in 0..<2_000 {
            millis += .random(in: 0...3, using: &random)
            let place: UInt64
            switch Int.random(in: 0..<20, using: &random) {
            case 0 where step > 0:
                let back = UInt64.random(in: 0..<UInt64(lateness), using: &random)
                place = newest >= begin + back ? newest - back : newest
            case 1: place = newest + .random(in: 1...50, using: &random)
            default: place = newest + 1
            }
            newest = max(newest, place)
            recorder.received(UInt16(truncatingIfNeeded: place), at: .ms(millis))
            if model[place] == nil { model[place] = millis * 4 }
            guard let deadline = recorder.deadline, deadline <= .ms(millis) else { continue }
            while let report = recorder.take(at: .ms(millis)) {
                let sequence = SequenceNumber(report.base)
                let base = sequence.extended(near: newest)
                for (index, arrival) in recorder.arrivals(report).enumerated() {
                    let place = base + UInt64(index)
                    guard let arrival else {
                        #expect(model[place] == nil, "\(place) came")
                        continue
                    }
                    let tick = Int64(report.referenceTime) << 8 + Int64(arrival)
                    // The reference time has 24 bits.
                    #expect(tick == model[place].map { $0 & 0xFFFF_FFFF }, "\(place)")
                    told[place] = tick
                }
            }
        }
        while recorder.take(at: .ms(millis)) != nil {}
        #expect(Double(told.count) > Double(model.count) * 0.9)
    }
}

extension TransportFeedbackRecorder {
    fileprivate func arrivals(_ report: TransportFeedbackReport?) -> [Int?] {
        guard let report else { return [] }
        var arrivals: [Int?] = []
        for index in 0..<report.count { arrivals.append(arrival(of: index, in: report)) }
        return arrivals
    }
}

extension Instant {
    static func ms(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000) }
}
