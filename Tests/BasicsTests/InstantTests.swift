import Basics
import Testing

@Suite struct `An instant` {
    @Test func `is moved by a duration and measured back to it`() {
        let start = Instant(nanoseconds: 5)
        let later = start + .milliseconds(3)
        #expect(later.nanoseconds == 3_000_005)
        #expect(later - start == .milliseconds(3))
        #expect(start < later)
    }
}
