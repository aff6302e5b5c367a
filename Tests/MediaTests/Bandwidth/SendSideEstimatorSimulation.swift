import Basics
import Media
import Testing

/// A viewer behind a bottleneck in virtual time; the figures of the names are promises.
@Suite struct `In simulation, an estimate` {
    @Test(arguments: UInt64(0)..<2)
    func `follows 3 Mbit/s, 500 kbit/s, 2 Mbit/s: within 2, 2 and 12 seconds`(seed: UInt64) throws {
        var path = SimulatedPath()
        path.weather.capacity = { $0 < 15 ? 3e6 : $0 < 30 ? 5e5 : 2e6 }
        path.wanted = { _ in .kilobits(5_000) }
        let samples = path.run(seconds: 60, seed: seed)
        for (begin, end, capacity, within) in [
            (0.0, 15.0, 3e6, 2.0), (15, 30, 5e5, 2), (30, 60, 2e6, 12),
        ] {
            let range = 0.7 * capacity...1.15 * capacity
            let settled = samples.between(begin, end).settles(in: range, from: begin)
            #expect(try #require(settled) <= within, "from \(begin)")
            let steady = samples.between(begin + within + 1, end)
            #expect((0.75...1.0).contains(steady.meanEstimate / capacity))
            // A step may be seen a moment late; nine tenths of the time it stays within.
            let inside = steady.filter { (0.7...1.1).contains($0.estimate / capacity) }
            #expect(Double(inside.count) >= 0.9 * Double(steady.count))
        }
        // The queue at the step down is gone after two seconds more.
        #expect(samples.between(19, 29).allSatisfy { $0.queue < 0.2 })
    }

    @Test(arguments: UInt64(0)..<1, [0.02, 0.1])
    func `reaches the capacity through random loss`(seed: UInt64, loss: Double) throws {
        var path = SimulatedPath()
        path.weather.loss = loss
        path.wanted = { _ in .kilobits(5_000) }
        let samples = path.run(seconds: 40, seed: seed)
        let settled = samples.settles(in: 1.3e6...2.5e6, from: 0)
        #expect(try #require(settled) < 25)
        #expect(samples.between(25, 40).meanEstimate > 1.3e6)
        #expect(samples.between(25, 40).meanEstimate < 2.3e6)
    }

    /// Without probes, so that nothing helps it up again.
    @Test(arguments: UInt64(0)..<1, [0.1, 0.3])
    func `never collapses under random loss`(seed: UInt64, loss: Double) {
        var path = SimulatedPath()
        path.weather.loss = loss
        let samples = path.run(seconds: 40, seed: seed)
        #expect(samples.allSatisfy { $0.estimate > 200_000 })
        #expect(samples.between(30, 40).meanEstimate > 500_000)
    }

    @Test(arguments: UInt64(0)..<2)
    func `gives way to others and takes the room again`(seed: UInt64) {
        var path = SimulatedPath()
        path.weather.crossTraffic = { $0 >= 15 && $0 < 30 ? 1e6 : 0 }
        path.wanted = { _ in .kilobits(5_000) }
        let samples = path.run(seconds: 50, seed: seed)
        #expect((1.5e6...2e6).contains(samples.between(5, 15).meanEstimate))
        #expect((0.7e6...1.1e6).contains(samples.between(18, 30).meanEstimate))
        #expect((1.5e6...2.1e6).contains(samples.between(43, 50).meanEstimate))
    }

    @Test(arguments: UInt64(0)..<1, [false, true])
    func `is not misled by 30 ms of jitter`(seed: UInt64, reorders: Bool) {
        var path = SimulatedPath()
        path.weather.jitter = 0.03
        path.weather.reorders = reorders
        path.wanted = { _ in .kilobits(5_000) }
        let samples = path.run(seconds: 30, seed: seed)
        let steady = samples.between(10, 30)
        #expect((1.4e6...2.1e6).contains(steady.meanEstimate))
        #expect(steady.allSatisfy { $0.estimate > 1e6 })
    }

    @Test(arguments: UInt64(0)..<2)
    func `survives lost reports, and five seconds without any`(seed: UInt64) {
        var path = SimulatedPath()
        path.weather.reportLoss = { $0 >= 20 && $0 < 25 ? 1 : 0.1 }
        path.wanted = { _ in .kilobits(5_000) }
        let samples = path.run(seconds: 40, seed: seed)
        #expect((1.4e6...2.1e6).contains(samples.between(10, 20).meanEstimate))
        #expect(samples.between(24, 25).allSatisfy { $0.estimate < 0.6e6 })
        #expect(samples.between(35, 40).meanEstimate > 1.4e6)
    }

    /// A shallow queue drops what a burst has too much of, and never makes anybody wait.
    @Test(arguments: UInt64(0)..<2)
    func `ends above a policer, whose losses it notices`(seed: UInt64) {
        var path = SimulatedPath()
        path.weather.capacity = { _ in 1e6 }
        path.weather.queue = 0.03
        let settings = SendSideEstimator.Settings(start: .kilobits(3_000))
        let samples = path.run(seconds: 40, seed: seed, settings: settings)
        #expect((0.5e6...1.25e6).contains(samples.between(10, 40).meanEstimate))
    }

    @Test(arguments: UInt64(0)..<1, [5.0, 30])
    func `neither grows nor falls on traffic that does not fill it`(seed: UInt64, fps: Double) {
        var path = SimulatedPath()
        path.application = { _, _ in 300_000 }
        path.framesPerSecond = fps
        path.weather.capacity = { _ in 3e6 }
        path.weather.jitter = 0.02
        let samples = path.run(seconds: 30, seed: seed)
        #expect(samples.allSatisfy { $0.estimate >= 490_000 && $0.estimate < 900_000 })
    }

    @Test(arguments: UInt64(0)..<1, [5.0, 30])
    func `finds by probing what nobody fills`(seed: UInt64, fps: Double) throws {
        var path = SimulatedPath()
        path.application = { _, _ in 300_000 }
        path.framesPerSecond = fps
        path.weather.capacity = { _ in 3e6 }
        path.wanted = { $0 >= 5 ? .kilobits(2_500) : nil }
        let samples = path.run(seconds: 20, seed: seed)
        let settled = samples.settles(in: 2.5e6...3.3e6, from: 5)
        #expect(try #require(settled) < 5)
        #expect(samples.mean { $0.sent } < 350_000, "probes are short")
    }

    @Test(arguments: UInt64(0)..<2)
    func `is not carried by probes beyond a path that is narrower`(seed: UInt64) {
        var path = SimulatedPath()
        path.application = { _, _ in 300_000 }
        path.weather.capacity = { _ in 8e5 }
        path.wanted = { _ in .kilobits(2_500) }
        let samples = path.run(seconds: 30, seed: seed)
        #expect(samples.allSatisfy { $0.estimate < 950_000 })
        #expect(samples.between(5, 30).meanEstimate > 600_000)
    }

    /// 400 kbit/s of a layer on a path that shrinks to 250: seen within two seconds.
    @Test(arguments: UInt64(0)..<2)
    func `falls under what is sent when the path does`(seed: UInt64) {
        var path = SimulatedPath()
        path.application = { _, _ in 400_000 }
        path.weather.capacity = { $0 < 10 ? 3e6 : 250_000 }
        path.wanted = { $0 < 10 ? .kilobits(2_500) : nil }
        let samples = path.run(seconds: 15, seed: seed)
        #expect(samples.between(9, 10).meanEstimate > 2e6)
        #expect(samples.between(12.5, 15).allSatisfy { $0.estimate < 400_000 })
    }
}
