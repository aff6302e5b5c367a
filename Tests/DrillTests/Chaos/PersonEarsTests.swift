import Basics
import Testing
import roost_drill

@Suite struct `A person's ears` {
    private var ears = PersonEars()
    private let start = Instant(nanoseconds: 0)

    private mutating func hear(_ session: String, at milliseconds: Int) -> PersonEars.News? {
        ears.hear(session, at: start + .milliseconds(milliseconds))
    }

    @Test mutating func `say when a voice is there, and when it comes again after more than 40 ms`()
    {
        #expect(hear("a", at: 0) == .first)
        #expect(hear("a", at: 20) == nil)
        #expect(hear("a", at: 60) == nil)
        #expect(hear("b", at: 61) == .first)
        #expect(hear("a", at: 101) == .again(since: start + .milliseconds(60)))
    }

    @Test mutating func `know whom they have heard within half a second`() {
        _ = hear("a", at: 0)
        _ = hear("b", at: 300)
        #expect(ears.heard(at: start + .milliseconds(500)) == ["a", "b"])
        #expect(ears.heard(at: start + .milliseconds(501)) == ["b"])
    }

    @Test mutating func `count no more than a thousand voices`() {
        for number in 0..<1_000 { #expect(hear("\(number)", at: number) == .first) }
        #expect(hear("one more", at: 1_000) == nil)
    }
}
