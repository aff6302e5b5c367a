import Basics
import Testing

@testable import IO

@Suite struct `A loop's pace` {
    @Test func `knows no rest while turns are few`() {
        var pace = TurnPace(rest: .microseconds(500))
        for turn in 0..<200 {
            let now = Instant.ms(3 * turn)
            pace.began(at: now)
            #expect(pace.pause(at: now) == nil)
        }
    }

    @Test
    func `has a rest between two turns once they come by the thousand, for as long as they do`() {
        var (pace, now) = paced()
        #expect(pace.isPaced)
        pace.began(at: now)
        #expect(pace.pause(at: now) == .microseconds(500))
        #expect(pace.pause(at: now + .microseconds(100)) == .microseconds(400))
        #expect(pace.pause(at: now + .microseconds(480)) == nil, "not worth it")
        #expect(pace.pause(at: now + .milliseconds(30)) == nil, "nothing has come for long")
    }

    /// Where resting itself makes turns fewer, it must not end the rest.
    @Test func `stays at rest at the rate that its rests leave`() {
        var (pace, now) = paced()
        for _ in 0..<500 {
            pace.began(at: now)
            #expect(pace.isPaced)
            now = now + (pace.pause(at: now) ?? .zero) + .milliseconds(2)
        }
    }

    @Test func `ends its rests when turns become few`() {
        var (pace, now) = paced()
        for _ in 0..<10 {
            pace.began(at: now)
            now = now + .milliseconds(6)
        }
        #expect(!pace.isPaced)
    }

    /// After turns that came by the thousand.
    private func paced() -> (TurnPace, Instant) {
        var pace = TurnPace(rest: .microseconds(500))
        var now = Instant.ms(0)
        for _ in 0..<100 {
            pace.began(at: now)
            now = now + .microseconds(200)
        }
        return (pace, now)
    }

    @Test func `never rests when it is told not to`() {
        var pace = TurnPace(rest: .zero)
        for turn in 0..<1_000 { pace.began(at: Instant(nanoseconds: Int64(turn) * 1_000)) }
        #expect(pace.pause(at: .ms(1)) == nil)
    }
}

extension Instant {
    fileprivate static func ms(_ count: Int) -> Instant {
        Instant(nanoseconds: Int64(count) * 1_000_000)
    }
}
