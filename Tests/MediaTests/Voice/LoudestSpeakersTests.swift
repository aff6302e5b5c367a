import Basics
import Media
import Testing

@Suite struct `The loudest speakers` {
    @Test func `are everybody while there are few, and with a limit of zero`() {
        let few = Room(people: 3)
        let off = Room(people: 40, limit: 0)
        for step in 0..<20 as Range<Int64> {
            for person in 0..<3 { #expect(few.heard(person, 127, step * 20) == .forward) }
            for person in 0..<40 { #expect(off.heard(person, 127, step * 20) == .forward) }
        }
    }

    @Test func `are nobody while nobody speaks`() {
        let room = Room(people: 4)
        for person in 0..<4 { #expect(room.heard(person, 127, 0) == .drop) }
    }

    @Test func `get in at the first packet while there is room`() {
        let room = Room(people: 5)
        #expect(room.heard(2, 40, 0) == .forward)
        #expect(room.heard(0, 127, 1) == .drop)
        #expect(room.heard(2, 120, 20) == .forward, "a quiet packet of one who is in")
    }

    @Test func `keep their places against equals`() {
        let room = Room(people: 6)
        for step in 0..<200 as Range<Int64> {
            for person in 0..<6 {
                let isIn = room.heard(person, 40, step * 20 + Int64(person)) == .forward
                #expect(isIn == (person < 3))
            }
        }
    }

    @Test func `give way to a louder one at the second packet`() {
        let room = Room(people: 4)
        for step in 0..<50 as Range<Int64> {
            for person in 0..<3 { _ = room.heard(person, 50 - UInt8(person), step * 20) }
        }
        #expect(room.heard(3, 30, 1_000) == .drop)
        #expect(room.heard(3, 30, 1_020) == .admit(from: .ms(1_000)))
        #expect(room.heard(3, 30, 1_040) == .forward)
        #expect(room.heard(0, 50, 1_041) == .drop, "the least loud")
        #expect(room.heard(1, 49, 1_042) == .forward)
    }

    @Test func `give way soon after they fell silent, and no first syllable is lost`() {
        let room = Room(people: 4)
        for step in 0..<50 as Range<Int64> {
            for person in 0..<3 { _ = room.heard(person, 40, step * 20) }
        }
        // One of three stops; a fourth, no louder than they were, begins.
        var admitted: (at: Int64, from: Instant)?
        for step in 50..<70 as Range<Int64> where admitted == nil {
            for person in 0..<2 { _ = room.heard(person, 40, step * 20) }
            _ = room.heard(2, 127, step * 20)
            if case .admit(let from) = room.heard(3, 40, step * 20) {
                admitted = (step * 20, from)
            }
        }
        #expect(admitted.map { $0.at <= 1_140 } == true)
        #expect(admitted?.from == .ms(1_000), "its first packet")
    }

    @Test func `look back 200 ms at most, and at nothing that was passed on`() {
        let room = Room(people: 4)
        // 6 dB louder is not enough, so the fourth speaks for long before it gets in.
        for step in 0..<100 as Range<Int64> {
            for person in 0..<3 { _ = room.heard(person, 40, step * 20) }
            #expect(room.heard(3, 36, step * 20) == .drop)
        }
        #expect(room.heard(3, 20, 2_000) == .admit(from: .ms(1_800)))
        // It is pushed out, and comes back at once.
        for step in 0..<30 as Range<Int64> {
            for person in 0..<3 { _ = room.heard(person, 5, 2_001 + step * 20) }
            _ = room.heard(3, 20, 2_001 + step * 20)
        }
        #expect(!room.isForwarded(3))
        for person in 0..<3 { room.leave(person) }
        for _ in 0..<4 { room.enter() }
        let back = room.heard(3, 20, 2_620)
        guard case .admit(let from) = back else {
            Issue.record("there is room again: \(back)")
            return
        }
        #expect(from >= .ms(2_420))
    }

    @Test func `take noise for less than voice`() {
        let room = Room(people: 4)
        for step in 0..<50 as Range<Int64> {
            for person in 0..<3 { _ = room.heard(person, 50, step * 20) }
            let keyboard = LoudestSpeakers.Sound(level: 38, hasVoice: false, size: 80)
            #expect(room.heard(3, keyboard, step * 20) == .drop)
        }
    }

    @Test func `are told by the size without levels`() {
        let room = Room(people: 4)
        let silence = LoudestSpeakers.Sound(level: nil, size: 3)
        let speech = LoudestSpeakers.Sound(level: nil, size: 90)
        #expect(room.heard(0, silence, 0) == .drop)
        #expect(room.heard(0, speech, 20) == .forward)
    }

    @Test func `leave their places`() {
        let room = Room(people: 5)
        for person in 0..<3 { _ = room.heard(person, 40, 0) }
        _ = room.heard(3, 45, 0)
        room.leave(1)
        #expect(room.heard(3, 45, 20) == .admit(from: .ms(0)))
        #expect(room.heard(1, 10, 21) == .drop, "it is not there")
        room.leave(1)
        room.leave(77)
        room.leave(-1)
        #expect(room.count == 4)
    }

    @Test func `come from up to so many people`() {
        var speakers = LoudestSpeakers(limit: 3, capacity: 16)
        var slots: [Int?] = []
        for _ in 0..<17 { slots.append(speakers.enter()) }
        #expect(slots == Array(0..<16) + [nil])
        speakers.leave(5)
        let again = speakers.enter()
        #expect(again == 5)
        let stranger = speakers.heard(16, .init(level: 1, size: 9), at: .ms(0))
        #expect(stranger == .drop)
    }

    /// Whoever comes and goes: never more than the limit, a place only from someone less loud, nothing
    /// replayed twice, and who speaks alone is heard.
    @Test(arguments: UInt64(0)..<30)
    func `are at most so many, and among them whoever speaks alone`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let people = Int.random(in: 4...30, using: &random)
        let limit = Int.random(in: 1...3, using: &random)
        let room = Room(people: people, limit: limit)
        var levels = [UInt8](repeating: 127, count: people)
        var sentUntil = [Int64](repeating: -1, count: people)
        var alone: Int64 = 0
        for step in 0..<400 as Range<Int64> {
            if step % 25 == 0 {
                let speakers = Int.random(in: 0...5, using: &random)
                levels = .init(repeating: 127, count: people)
                for _ in 0..<speakers {
                    let person = Int.random(in: 0..<people, using: &random)
                    levels[person] = .random(in: 20...60, using: &random)
                }
                alone = 0
            }
            alone += 1
            let speaking = levels.indices.filter { levels[$0] < 127 }
            for person in 0..<people {
                let now = step * 20_000 + Int64(person)
                let answer = room.heard(person, levels[person], micros: now)
                switch answer {
                case .drop:
                    #expect(
                        !(speaking == [person] && alone > 25 * 4 / 5),
                        "\(person) speaks alone"
                    )
                    continue
                case .forward: break
                case .admit(let from):
                    #expect(from.nanoseconds > sentUntil[person] * 1_000)
                    #expect(from.nanoseconds >= now * 1_000 - 200_000_000)
                }
                sentUntil[person] = now
            }
            let isIn = (0..<people).filter { room.isForwarded($0) }
            #expect(isIn.count <= limit)
            guard speaking.count <= limit, alone > 20 else { continue }
            #expect(speaking.allSatisfy(isIn.contains), "all who speak have a place")
        }
    }
}

/// People by number, whose packets come at milliseconds.
private final class Room {
    private var speakers: LoudestSpeakers
    private var slots: [Int] = []

    init(people: Int, limit: Int = 3) {
        speakers = LoudestSpeakers(limit: limit)
        for _ in 0..<people { enter() }
    }

    var count: Int { speakers.count }

    func enter() {
        if let slot = speakers.enter() { slots.append(slot) }
    }

    func leave(_ person: Int) {
        speakers.leave(slots.indices.contains(person) ? slots[person] : person)
    }

    func isForwarded(_ person: Int) -> Bool { speakers.isForwarded(slots[person]) }

    func heard(_ person: Int, _ level: UInt8, _ millis: Int64) -> LoudestSpeakers.Answer {
        heard(person, .init(level: level, hasVoice: true, size: 80), millis)
    }

    func heard(
        _ person: Int,
        _ sound: LoudestSpeakers.Sound,
        _ millis: Int64
    ) -> LoudestSpeakers.Answer {
        speakers.heard(slots[person], sound, at: .ms(millis))
    }

    func heard(
        _ person: Int,
        _ level: UInt8,
        micros: Int64
    ) -> LoudestSpeakers.Answer {
        speakers.heard(
            slots[person],
            .init(level: level, hasVoice: true, size: 80),
            at: Instant(nanoseconds: micros * 1_000)
        )
    }
}
