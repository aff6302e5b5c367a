import Basics
import Media
import Testing

/// Estimate, probes and choice together, for a viewer of a screen in two layers and of a camera.
@Suite struct `In simulation, a viewer` {
    @Test(arguments: UInt64(0)..<2)
    func `gets the fine screen within 5 seconds, and for good, where it fits`(seed: UInt64) throws {
        let samples = path(capacity: { _ in 4e6 }).run(seconds: 40, seed: seed)
        let first = samples.first { $0.screen == 1 }?.time
        #expect(try #require(first) < 5)
        // A frame of the fine layer is a burst of eight times the coarse one's: a hiccup is allowed.
        #expect(samples.between(12, 40).allSatisfy { $0.screen == 1 })
        #expect(samples.switches <= 4)
    }

    @Test(arguments: UInt64(0)..<2)
    func `is not shown it by fits and starts where it does not`(seed: UInt64) {
        let samples = path(capacity: { _ in 1.8e6 }).run(seconds: 60, seed: seed)
        #expect(samples.switches <= 4)
        #expect(samples.filter { $0.screen == 0 }.count > 550)
        #expect(samples.filter { $0.queue > 0.25 }.count < 12)
    }

    @Test(arguments: UInt64(0)..<2)
    func `loses it within 3 seconds, and gets it back within 15`(seed: UInt64) throws {
        let path = path(capacity: { $0 < 15 || $0 >= 30 ? 4e6 : 1e6 })
        let samples = path.run(seconds: 60, seed: seed)
        #expect(samples.between(14, 15).allSatisfy { $0.screen == 1 })
        #expect(samples.between(18, 30).allSatisfy { $0.screen == 0 })
        let back = samples.between(30, 60).first { $0.screen == 1 }?.time
        #expect(try #require(back) < 45)
        #expect(samples.between(46, 60).allSatisfy { $0.screen == 1 })
        #expect(samples.switches <= 5)
    }

    /// Where 20 ms of jitter make a hiccup of every second.
    @Test(arguments: UInt64(0)..<2)
    func `keeps it through jitter and 2 % of loss`(seed: UInt64) {
        var path = path(capacity: { _ in 5e6 })
        path.weather.jitter = 0.02
        path.weather.loss = 0.02
        let samples = path.run(seconds: 40, seed: seed)
        // A probe of 30 ms is measured with an error, so it may take some.
        let fine = samples.between(30, 40).filter { $0.screen == 1 }
        #expect(fine.count >= 90)
    }

    @Test(arguments: UInt64(0)..<2)
    func `sees something again after a path that carried nothing`(seed: UInt64) throws {
        let path = path(capacity: { $0 < 10 || $0 >= 20 ? 3e6 : 20_000 })
        let samples = path.run(seconds: 50, seed: seed)
        #expect(samples.between(16, 20).mean { $0.sent } < 200_000)
        let back = samples.between(20, 50).first { $0.screen != nil }?.time
        #expect(try #require(back) < 28)
        #expect(samples.between(45, 50).allSatisfy { $0.screen != nil })
    }

    private func path(capacity: @escaping @Sendable (Double) -> Double) -> SimulatedPath {
        var path = SimulatedPath()
        path.framesPerSecond = 15
        path.weather.capacity = capacity
        path.demands = [
            LayerDemand(
                track: 1,
                priority: .screen,
                limit: .everything,
                layers: [
                    .init(width: 1_920, height: 1_080, rates: [.kilobits(400)]),
                    .init(width: 1_920, height: 1_080, rates: [.kilobits(2_000)]),
                ]
            ),
            LayerDemand(
                track: 2,
                priority: .other,
                limit: .everything,
                layers: [.init(width: 640, height: 360, rates: [.kilobits(250)])]
            ),
        ]
        return path
    }
}

extension SimulatedPath.Sample {
    /// The layer of the screen that is shown.
    fileprivate var screen: Int? {
        if case .show(let layer) = shown.first { layer.spatial } else { nil }
    }
}

extension [SimulatedPath.Sample] {
    fileprivate var switches: Int {
        zip(self, dropFirst()).filter { $0.screen != $1.screen }.count
    }
}
