import Basics
import Media

/// A viewer behind a bottleneck, in virtual time: frames leave at a rate that follows the estimate, a
/// queue of limited length serves them at the capacity of the moment, some are lost, delayed or
/// overtaken, and the viewer's reports come back, or don't.
struct SimulatedPath {
    struct Weather {
        /// Bits a second at a time in seconds.
        var capacity: @Sendable (Double) -> Double = { _ in 2e6 }
        /// What others send through the same queue.
        var crossTraffic: @Sendable (Double) -> Double = { _ in 0 }
        /// Longest wait in the queue, in seconds; more is dropped.
        var queue = 0.3
        var delay = 0.025
        var loss = 0.0
        /// Up to so much more delay for each packet, in seconds.
        var jitter = 0.0
        /// Whether packets overtake each other by their jitter.
        var reorders = false
        /// The share of reports that is lost.
        var reportLoss: @Sendable (Double) -> Double = { _ in 0 }
    }

    /// What leaves, given the time in seconds and the estimate in bits a second.
    var application: @Sendable (Double, Double) -> Double = { _, estimate in estimate }
    var framesPerSecond = 30.0
    /// If there are any, what leaves is what of them is chosen, and what is sought is what is lacking.
    var demands: [LayerDemand] = []
    /// What is sought by probing.
    var wanted: @Sendable (Double) -> Bitrate? = { _ in nil }
    var weather = Weather()

    struct Sample {
        var time: Double
        var estimate: Double
        var sent: Double
        var arrived: Double
        /// Seconds of waiting in the queue.
        var queue: Double
        /// What is shown of each of the demands.
        var shown: [LayerDecision.Outcome] = []
    }

    /// A sample each 100 ms.
    func run(
        seconds: Double,
        seed: UInt64,
        settings: SendSideEstimator.Settings = .init()
    ) -> [Sample] {
        var run = SimulatedRun(self, seed: seed, settings: settings)
        for milli in 0..<Int64(seconds * 1_000) { run.step(milli) }
        return run.samples
    }
}

/// One life of a ``SimulatedPath``, a millisecond at a time.
private struct SimulatedRun: ~Copyable {
    private struct Arrival {
        var time: Int64
        var sequence: UInt16
    }

    private struct Report {
        var time: Int64
        var reference: UInt32
        var base: UInt16
        var offsets: [Int?] = []
    }

    private let path: SimulatedPath
    private var random: SeededRandom
    private var estimator: SendSideEstimator
    private var recorder = TransportFeedbackRecorder()
    private var choice = LayerChoice()
    private var chosenRate = 0.0
    /// The clocks have nothing to do with each other.
    private let skew: Int64 = 1_234_567_000_000
    private var pending: [(time: Double, size: Int)] = []
    private var arrivals: [Arrival] = []
    private var reports: [Report] = []
    private var busyUntil = 0.0
    private var lastArrival: Int64 = 0
    private var nextFrame = 0.0
    private var sentBytes = 0
    private var arrivedBytes = 0
    private(set) var samples: [SimulatedPath.Sample] = []

    init(_ path: SimulatedPath, seed: UInt64, settings: SendSideEstimator.Settings) {
        self.path = path
        random = SeededRandom(seed: seed)
        estimator = SendSideEstimator(settings)
    }

    mutating func step(_ milli: Int64) {
        let time = Double(milli) / 1_000
        let now = Instant(nanoseconds: milli * 1_000_000)
        let cross = path.weather.crossTraffic(time) / 1_000
        if cross > 0, busyUntil - time < path.weather.queue {
            busyUntil = max(busyUntil, time) + cross / path.weather.capacity(time)
        }
        beginFrame(time)
        while let next = pending.first, next.time < time + 0.001 {
            pending.removeFirst()
            transmit(next.size, time)
        }
        if let deadline = estimator.deadline, deadline <= now {
            estimator.advance(to: now)
            var padding = estimator.paddingDue(at: now)
            while padding > 0 {
                transmit(min(max(padding, 200), 1_200), time)
                padding -= 1_200
            }
        }
        deliver(now, time)
        hear(now)
        var shown: [LayerDecision.Outcome] = []
        if milli % 100 == 99, !path.demands.isEmpty { shown = choose(now) }
        guard milli % 100 == 99 else { return }
        samples.append(
            SimulatedPath.Sample(
                time: time,
                estimate: estimator.estimate.fraction,
                sent: Double(sentBytes) * 80,
                arrived: Double(arrivedBytes) * 80,
                queue: max(busyUntil - time, 0),
                shown: shown
            )
        )
        sentBytes = 0
        arrivedBytes = 0
    }

    /// The publisher paces: a frame takes a third of its time.
    private mutating func beginFrame(_ time: Double) {
        guard time >= nextFrame else { return }
        let rate =
            path.demands.isEmpty
            ? path.application(time, estimator.estimate.fraction) : chosenRate
        let share = Double.random(in: 0.8..<1.2, using: &random)
        var bytes = Int(rate / path.framesPerSecond / 8 * share)
        let count = max((bytes + 1_199) / 1_200, 1)
        for index in 0..<count where bytes > 0 {
            let gap = Double(index) / Double(count) / path.framesPerSecond / 3
            pending.append((time + gap, min(bytes, 1_200)))
            bytes -= 1_200
        }
        nextFrame += 1 / path.framesPerSecond
    }

    private mutating func transmit(_ size: Int, _ time: Double) {
        let weather = path.weather
        let sequence = estimator.sent(size: size, at: Instant(nanoseconds: Int64(time * 1e9)))
        sentBytes += size
        guard !chance(weather.loss), busyUntil - time < weather.queue else { return }
        busyUntil = max(busyUntil, time) + Double(size) * 8 / weather.capacity(time)
        let extra = weather.jitter > 0 ? Double.random(in: 0..<weather.jitter, using: &random) : 0
        var arrival = Int64((busyUntil + weather.delay + extra) * 1e9)
        if !weather.reorders { arrival = max(arrival, lastArrival) }
        lastArrival = arrival
        arrivedBytes += size
        let place = arrivals.lastIndex { $0.time <= arrival }.map { $0 + 1 } ?? 0
        arrivals.insert(Arrival(time: arrival, sequence: sequence), at: place)
    }

    private mutating func deliver(_ now: Instant, _ time: Double) {
        while let arrival = arrivals.first, arrival.time < now.nanoseconds + 1_000_000 {
            arrivals.removeFirst()
            recorder.received(arrival.sequence, at: Instant(nanoseconds: arrival.time + skew))
        }
        let there = Instant(nanoseconds: now.nanoseconds + 1_000_000 + skew)
        guard let deadline = recorder.deadline, deadline <= there else { return }
        while let taken = recorder.take(at: there) {
            var report = Report(
                time: now.nanoseconds + Int64(path.weather.delay * 1e9),
                reference: taken.referenceTime,
                base: taken.base
            )
            for index in 0..<taken.count {
                report.offsets.append(recorder.arrival(of: index, in: taken))
            }
            if !chance(path.weather.reportLoss(time)) { reports.append(report) }
        }
    }

    private mutating func hear(_ now: Instant) {
        while let report = reports.first, report.time <= now.nanoseconds {
            reports.removeFirst()
            estimator.beginFeedback(referenceTime: report.reference, at: now)
            for (index, offset) in report.offsets.enumerated() {
                let sequence = report.base &+ UInt16(truncatingIfNeeded: index)
                estimator.acknowledge(sequence, offset: offset)
            }
            estimator.endFeedback(at: now)
            guard path.demands.isEmpty else { continue }
            estimator.seek(path.wanted(Double(now.nanoseconds) / 1e9), at: now)
        }
    }

    private mutating func choose(_ now: Instant) -> [LayerDecision.Outcome] {
        let decisions = choice.decide(path.demands, estimate: estimator.estimate, at: now)
        estimator.seek(choice.sought, at: now)
        chosenRate = 0
        for (demand, decision) in zip(path.demands, decisions) {
            guard case .show(let layer) = decision.outcome else { continue }
            chosenRate += demand.layers[layer.spatial].rates[layer.temporal].fraction
        }
        return decisions.map(\.outcome)
    }

    private mutating func chance(_ share: Double) -> Bool {
        share > 0 && Double.random(in: 0..<1, using: &random) < share
    }
}

extension [SimulatedPath.Sample] {
    /// What came between two moments.
    func between(_ begin: Double, _ end: Double) -> [SimulatedPath.Sample] {
        filter { $0.time >= begin && $0.time < end }
    }

    var meanEstimate: Double { mean { $0.estimate } }

    func mean(_ value: (SimulatedPath.Sample) -> Double) -> Double {
        reduce(0) { $0 + value($1) } / Double(Swift.max(count, 1))
    }

    /// The first moment from which on the estimate stays within `range` for a second.
    func settles(in range: ClosedRange<Double>, from begin: Double) -> Double? {
        var since: Double?
        for sample in self where sample.time >= begin {
            guard range.contains(sample.estimate) else {
                since = nil
                continue
            }
            let start = since ?? sample.time
            since = start
            if sample.time - start >= 1 { return start - begin }
        }
        return nil
    }
}
