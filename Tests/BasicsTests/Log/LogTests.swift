import Basics
import Synchronization
import Testing

@Suite struct `A log` {
    private let sink = MemoryLogSink(at: WallTime(seconds: 1_000))

    @Test func `hands its sink what it is told, with the sink's time`() {
        let log = Log("http", levels: LogLevels(.trace), sink: sink)
        log.warning("slow", ["took": .duration(.seconds(2)), "path": "/x"])
        let expected = LogRecord(
            time: WallTime(seconds: 1_000),
            level: .warning,
            room: "http",
            message: "slow",
            fields: ["took": .duration(.seconds(2)), "path": .string("/x")]
        )
        #expect(sink.records == [expected])
    }

    @Test func `does not build a line that nobody wants`() {
        let log = Log("http", levels: LogLevels(.warning), sink: sink)
        let built = Atomic(0)
        func costly() -> String {
            built.add(1, ordering: .relaxed)
            return "costly"
        }
        log.info(costly(), ["field": .string(costly())])
        #expect(built.load(ordering: .relaxed) == 0)
        log.warning(costly(), ["field": .string(costly())])
        #expect(built.load(ordering: .relaxed) == 2)
        #expect(sink.messages == ["costly"])
    }

    @Test(arguments: LogLevel.allCases)
    func `writes its level and what is above it`(level: LogLevel) {
        let log = Log("x", levels: LogLevels(level), sink: sink)
        log.trace("trace")
        log.debug("debug")
        log.info("info")
        log.warning("warning")
        log.error("error")
        #expect(sink.messages == LogLevel.allCases.filter { $0 >= level }.map(\.name))
    }

    @Test func `follows the levels when they change, each room its own`() {
        let levels = LogLevels(.info, rooms: ["store": .debug])
        let http = Log("http", levels: levels, sink: sink)
        let store = Log("store", levels: levels, sink: sink)
        http.debug("1")
        store.debug("2")
        levels.set(.debug, rooms: ["store": .error])
        http.debug("3")
        store.warning("4")
        #expect(sink.messages == ["2", "3"])
    }

    @Test func `tells how many lines a limiter has held back`() {
        let log = Log("http", levels: LogLevels(), sink: sink)
        var limiter = LogLimiter(linesPerSecond: 2)
        for step in 0..<314 {
            log.limited(.info, by: &limiter, at: Instant(nanoseconds: Int64(step)), "refused")
        }
        #expect(sink.messages == ["refused", "refused"])
        log.closeLimits(.info, of: &limiter, at: Instant(nanoseconds: 1_000_000_000))
        #expect(sink.messages.last == "refused: and 312 more")
        #expect(limiter.deadline == nil)
    }
}

@Suite struct `A log limiter` {
    @Test func `starts a new second with the first line after the old one`() {
        var limiter = LogLimiter(linesPerSecond: 1)
        #expect(limiter.admit("a", at: at(0)) == .write(held: 0))
        #expect(limiter.admit("a", at: at(999)) == .hold)
        #expect(limiter.deadline == at(1_000))
        #expect(limiter.admit("a", at: at(1_000)) == .write(held: 1))
        #expect(limiter.admit("b", at: at(1_000)) == .write(held: 0))
    }

    @Test func `shares one second among the kinds beyond its limit`() {
        var limiter = LogLimiter(linesPerSecond: 1, kindLimit: 2)
        #expect(limiter.admit("a", at: at(0)) == .write(held: 0))
        #expect(limiter.admit("b", at: at(0)) == .write(held: 0))
        #expect(limiter.admit("c", at: at(0)) == .write(held: 0))
        #expect(limiter.admit("d", at: at(0)) == .hold)
        let told = limiter.close(at: at(1_000))
        #expect(told.map(\.kind) == [LogLimiter.overflow])
        #expect(told.map(\.held) == [1])
    }

    /// A limiter, against a list of all lines: none is lost from the counts.
    @Test(arguments: UInt64(0)..<100)
    func `writes, holds and tells as many lines as it was asked about`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var limiter = LogLimiter(linesPerSecond: 3, kindLimit: 4)
        var (asked, written, told) = (0, 0, 0)
        var now = Instant(nanoseconds: 0)
        for _ in 0..<2_000 {
            now = now + .milliseconds(Int.random(in: 0...200, using: &random))
            if let deadline = limiter.deadline, now >= deadline {
                told += limiter.close(at: now).map(\.held).reduce(0, +)
            }
            asked += 1
            let kind = "\(Int.random(in: 0...6, using: &random))"
            if case .write(let held) = limiter.admit(kind, at: now) {
                written += 1
                told += held
            }
        }
        told += limiter.close(at: now + .seconds(2)).map(\.held).reduce(0, +)
        #expect(written + told == asked, "seed \(seed)")
        #expect(limiter.deadline == nil)
    }

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }
}
