import Basics
import Cluster
import Testing

@Suite struct `A guard that sees its node stand still` {
    private var watch = StallWatch(
        stoppedLimit: .milliseconds(780),
        at: Instant(nanoseconds: 0)
    )
    private var now = Instant(nanoseconds: 0)

    /// Looks each 50 ms for so long. The first moment at which the node is to be ended.
    private mutating func look(_ time: Duration, isStopped: Bool) -> Duration? {
        let start = now
        while now - start < time {
            now = now + StallWatch.pause
            if watch.isStalled(isStopped: isStopped, at: now) { return now - start }
        }
        return nil
    }

    @Test mutating func `ends one that is stopped once it can't host any more, and not before`() {
        watch.heard(at: now)
        #expect(look(.seconds(5), isStopped: true) == .milliseconds(800))
    }

    @Test mutating func `lets one live that goes on in time`() {
        watch.heard(at: now)
        #expect(look(.milliseconds(750), isStopped: true) == nil)
        watch.heard(at: now)
        #expect(look(.milliseconds(750), isStopped: true) == nil)
    }

    @Test mutating func `gives one that is merely silent ten seconds`() {
        watch.heard(at: now)
        #expect(look(.seconds(20), isStopped: false) == .seconds(10))
    }

    @Test mutating func `counts nothing that came before it was held up itself`() {
        watch.heard(at: now)
        #expect(look(.milliseconds(700), isStopped: true) == nil)
        now = now + .seconds(30)
        let isStalled = watch.isStalled(isStopped: true, at: now)
        #expect(!isStalled)
        #expect(look(.milliseconds(750), isStopped: true) == nil)
        #expect(look(.milliseconds(50), isStopped: true) == .milliseconds(50))
    }

    @Test mutating func `does not take one for stopped that was seen so once`() {
        watch.heard(at: now)
        #expect(look(.milliseconds(900), isStopped: false) == nil)
        #expect(look(.milliseconds(50), isStopped: true) == nil)
        #expect(look(.milliseconds(50), isStopped: false) == nil)
    }
}
