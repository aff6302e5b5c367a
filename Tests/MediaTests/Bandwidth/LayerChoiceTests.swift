import Basics
import Media
import Testing

@Suite struct `A layer choice` {
    private let camera = LayerDemand.cameras[0]

    @Test func `gives a new track at once what fits with a fifth to spare`() {
        var choice = LayerChoice()
        #expect(choice.outcome(camera, 1_000) == .show(.init(spatial: 1, temporal: 1)))
        var other = LayerChoice()
        #expect(other.outcome(camera, 599) == .show(.init(spatial: 1, temporal: 0)), "500 x 1.2")
    }

    @Test func `goes down at once and up after a second`() {
        var choice = LayerChoice()
        _ = choice.outcome(camera, 1_000, at: 0)
        #expect(choice.outcome(camera, 250, at: 20_100) == .show(.init(spatial: 0, temporal: 1)))
        // The pause after a descent is two seconds.
        #expect(choice.outcome(camera, 1_000, at: 20_200) == .show(.init(spatial: 0, temporal: 1)))
        #expect(choice.deadline == .ms(22_100))
        #expect(choice.outcome(camera, 1_000, at: 22_099) == .show(.init(spatial: 0, temporal: 1)))
        #expect(choice.outcome(camera, 1_000, at: 22_100) == .show(.init(spatial: 1, temporal: 1)))
    }

    @Test func `needs no margin to stay`() {
        var choice = LayerChoice()
        _ = choice.outcome(camera, 1_000, at: 0)
        for step in 1..<50 as Range<Int64> {
            #expect(
                choice.outcome(camera, 500, at: step * 100) == .show(.init(spatial: 1, temporal: 1))
            )
        }
    }

    @Test func `must be able to afford it for a second on end`() {
        var choice = LayerChoice()
        _ = choice.outcome(camera, 250, at: 0)
        for step in 1..<40 as Range<Int64> {
            // Every 900 ms the estimate dips.
            let estimate: Int64 = step % 9 == 0 ? 350 : 1_000
            let shown = choice.outcome(camera, estimate, at: step * 100)
            #expect(shown == .show(.init(spatial: 0, temporal: 1)))
        }
    }

    @Test func `pauses longer after each ascent that failed`() {
        var choice = LayerChoice()
        _ = choice.outcome(camera, 250, at: 0)
        var now: Int64 = 0
        var waits: [Int64] = []
        for _ in 0..<5 {
            let begin = now
            while choice.outcome(camera, 1_000, at: now) == .show(.init(spatial: 0, temporal: 1)) {
                now += 100
            }
            waits.append(now - begin)
            now += 1_000
            _ = choice.outcome(camera, 250, at: now)
        }
        #expect(waits == [1_000, 3_000, 4_500, 6_800, 10_200])
    }

    /// Three cameras that come at once are supposed to take little until they are measured.
    @Test func `holds it against nobody that a guess was wrong`() {
        func demands(_ rate: Int64, isGuess: Bool) -> [LayerDemand] {
            (0..<3).map { track in
                let layer = LayerDemand.Layer(
                    width: 640,
                    height: 360,
                    rates: [.kilobits(rate)],
                    isGuess: isGuess
                )
                return LayerDemand(
                    track: track,
                    priority: .other,
                    limit: .everything,
                    layers: [layer]
                )
            }
        }
        func shown(_ decisions: [LayerDecision]) -> Int {
            decisions.count { if case .show = $0.outcome { true } else { false } }
        }
        var choice = LayerChoice()
        let guessed = demands(100, isGuess: true)
        let measured = demands(1_000, isGuess: false)
        #expect(shown(choice.decide(guessed, estimate: .kilobits(500), at: .ms(0))) == 3)
        #expect(shown(choice.decide(measured, estimate: .kilobits(500), at: .ms(600))) == 1)
        #expect(choice.sought != nil, "at once, so that the path is asked")
        #expect(shown(choice.decide(measured, estimate: .kilobits(2_500), at: .ms(800))) == 2)
        #expect(shown(choice.decide(measured, estimate: .kilobits(4_000), at: .ms(1_000))) == 3)
        // What has been measured can fail.
        #expect(shown(choice.decide(measured, estimate: .kilobits(2_000), at: .ms(2_000))) == 2)
        #expect(shown(choice.decide(measured, estimate: .kilobits(4_000), at: .ms(3_500))) == 2)
    }

    @Test func `keeps one coarse picture up to twice what the path carries`() {
        var choice = LayerChoice()
        _ = choice.outcome(camera, 1_000, at: 0)
        #expect(choice.outcome(camera, 60, at: 100) == .show(.init(spatial: 0, temporal: 0)))
        #expect(choice.outcome(camera, 40, at: 200) == .pause(.congested))
        _ = choice.outcome(camera, 40, at: 2_200)
        #expect(choice.sought != nil, "so that there is a way back")
    }

    @Test func `says why there is nothing`() {
        var choice = LayerChoice()
        var hidden = camera
        hidden.limit = .nothing
        let decision = choice.decide([hidden], estimate: .kilobits(5_000), at: .ms(0))
        #expect(decision == [.init(track: 0, outcome: .pause(.hidden), wanted: [])])
        var absent = camera
        for index in absent.layers.indices { absent.layers[index].isActive = false }
        #expect(choice.outcome(absent, 5_000, at: 100) == .pause(.absent))
    }

    @Test(arguments: [(100, 0), (320 * 180, 0), (60_000, 0), (70_000, 1), (5_000_000, 2)])
    func `shows no more than the viewer has pixels for`(pixels: Int, spatial: Int) {
        var choice = LayerChoice()
        var demand = camera
        demand.limit = .pixels(pixels)
        let shown = choice.outcome(demand, 20_000)
        #expect(shown == .show(.init(spatial: spatial, temporal: 1)))
    }

    @Test func `follows at once when the viewer makes it larger`() {
        var choice = LayerChoice()
        var demand = camera
        demand.limit = .pixels(320 * 180)
        _ = choice.outcome(demand, 5_000, at: 0)
        demand.limit = .everything
        #expect(choice.outcome(demand, 5_000, at: 100) == .show(.init(spatial: 2, temporal: 1)))
    }

    @Test func `asks for a layer that sleeps, and takes it when it comes`() {
        var choice = LayerChoice()
        var demand = camera
        demand.layers[2].isActive = false
        let decision = choice.decide([demand], estimate: .kilobits(5_000), at: .ms(0))
        #expect(decision.first?.outcome == .show(.init(spatial: 1, temporal: 1)))
        #expect(decision.first?.wanted == LayerSet(rawValue: 0b111))
        demand.layers[2].isActive = true
        _ = choice.outcome(demand, 5_000, at: 500)
        #expect(choice.outcome(demand, 5_000, at: 1_500) == .show(.init(spatial: 2, temporal: 1)))
    }

    @Test func `does not ask for what would not fit`() {
        var choice = LayerChoice()
        let decision = choice.decide([camera], estimate: .kilobits(700), at: .ms(0))
        #expect(decision.first?.wanted == LayerSet(rawValue: 0b011))
    }

    @Test func `falls back when the publisher stops a layer, and holds it against nobody`() {
        var choice = LayerChoice()
        _ = choice.outcome(camera, 5_000, at: 0)
        var demand = camera
        demand.layers[2].isActive = false
        #expect(choice.outcome(demand, 5_000, at: 100) == .show(.init(spatial: 1, temporal: 1)))
        _ = choice.outcome(camera, 5_000, at: 200)
        #expect(choice.outcome(camera, 5_000, at: 1_200) == .show(.init(spatial: 2, temporal: 1)))
    }

    @Test func `serves the screen, then the speaker, then others`() {
        var choice = LayerChoice()
        var demands = Array(LayerDemand.cameras[0..<3])
        demands[1].priority = .speaker
        demands.append(.screen)
        let shown = choice.decide(demands, estimate: .kilobits(4_100), at: .ms(0)).map(\.outcome)
        // 2,500 for the screen's fine layer, 500 for the speaker's middle one, 200 each for the rest.
        #expect(
            shown == [
                .show(.init(spatial: 0, temporal: 1)), .show(.init(spatial: 1, temporal: 1)),
                .show(.init(spatial: 0, temporal: 1)), .show(.init(spatial: 1, temporal: 0)),
            ]
        )
        let poor = choice.decide(demands, estimate: .kilobits(750), at: .ms(100)).map(\.outcome)
        // Everybody's coarsest first; and 500 for the screen's leaves 100 each for two.
        #expect(
            poor == [
                .show(.init(spatial: 0, temporal: 0)), .show(.init(spatial: 0, temporal: 0)),
                .pause(.congested), .show(.init(spatial: 0, temporal: 0)),
            ]
        )
    }

    @Test func `treats equals equally`() {
        var choice = LayerChoice()
        let demands = LayerDemand.cameras
        let shown = choice.decide(demands, estimate: .kilobits(1_300), at: .ms(0)).map(\.outcome)
        #expect(shown == .init(repeating: .show(.init(spatial: 0, temporal: 1)), count: 5))
    }

    @Test func `moves the best place to who speaks now`() {
        var choice = LayerChoice()
        var demands = Array(LayerDemand.cameras[0..<2])
        demands[0].priority = .speaker
        _ = choice.decide(demands, estimate: .kilobits(1_000), at: .ms(0))
        demands[0].priority = .other
        demands[1].priority = .speaker
        var shown: [LayerDecision] = []
        for step in 1...20 as ClosedRange<Int64> {
            shown = choice.decide(demands, estimate: .kilobits(900), at: .ms(step * 200))
        }
        #expect(shown[1].outcome == .show(.init(spatial: 1, temporal: 1)))
        #expect(shown[0].outcome == .show(.init(spatial: 1, temporal: 0)))
    }

    @Test func `seeks what the first would need that lacks something, and no more`() {
        var choice = LayerChoice()
        _ = choice.outcome(camera, 1_000)
        #expect(choice.sought == Bitrate(bitsPerSecond: 1_800_001), "1,500 x 1.2")
        _ = choice.outcome(camera, 2_000, at: 100)
        #expect(choice.sought == nil, "it only has to wait")
    }

    @Test func `spends nothing of what is reserved`() {
        var choice = LayerChoice()
        let shown = choice.decide(
            [camera],
            estimate: .kilobits(700),
            reserved: .kilobits(350),
            at: .ms(0)
        )
        #expect(shown.first?.outcome == .show(.init(spatial: 0, temporal: 1)))
        _ = choice.decide([camera], estimate: .kilobits(-5), reserved: .kilobits(9), at: .ms(1))
    }
}

@Suite struct `A layer choice, whatever happens,` {
    /// Estimates, rates, sizes and people come and go by a seed.
    @Test(arguments: UInt64(0)..<30)
    func `stays within the estimate, but for one coarse picture`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var choice = LayerChoice()
        var demands: [LayerDemand] = []
        for step in 0..<120 as Range<Int64> {
            if step % 8 == 0 { demands = .random(using: &random) }
            let estimate = Bitrate.kilobits(.random(in: 0...6_000, using: &random))
            let decisions = choice.decide(demands, estimate: estimate, at: .ms(step * 150))
            #expect(decisions.map(\.track) == demands.map(\.track))
            var total: Int64 = 0
            var shown = 0
            for (demand, decision) in zip(demands, decisions) {
                guard case .show(let layer) = decision.outcome else { continue }
                shown += 1
                total += demand.layers[layer.spatial].rates[layer.temporal].rawValue
                #expect(demand.layers[layer.spatial].isActive)
                #expect(demand.limit != .nothing)
                #expect(decision.wanted.contains(spatial: layer.spatial))
            }
            #expect(total <= estimate.rawValue || shown == 1 && total <= 2 * estimate.rawValue)
        }
    }

    @Test(arguments: UInt64(0)..<10)
    func `comes to rest when nothing changes`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var choice = LayerChoice()
        for step in 0..<20 as Range<Int64> {
            let estimate = Bitrate.kilobits(.random(in: 0...6_000, using: &random))
            _ = choice.decide(.random(using: &random), estimate: estimate, at: .ms(step * 150))
        }
        let demands = [LayerDemand].random(using: &random)
        let estimate = Bitrate.kilobits(.random(in: 100...6_000, using: &random))
        var last: [LayerDecision] = []
        var lastChange: Int64 = 0
        for step in 20..<600 as Range<Int64> {
            let decisions = choice.decide(demands, estimate: estimate, at: .ms(step * 150))
            if decisions.map(\.outcome) != last.map(\.outcome) { lastChange = step }
            last = decisions
        }
        #expect(lastChange < 450, "after a minute at the latest")
        #expect(choice.deadline == nil)
    }

    /// The estimate swings around what the fine layer takes, as estimators do.
    @Test(arguments: UInt64(0)..<4)
    func `does not swing with the estimate`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var choice = LayerChoice()
        let camera = LayerDemand.cameras[0]
        var switches = 0
        var last: LayerDecision.Outcome?
        for step in 0..<3_000 as Range<Int64> {
            let noise = Int64.random(in: -40...40, using: &random)
            let swing: Int64 = step % 40 < 20 ? 420 : 640
            let outcome = choice.outcome(camera, swing + noise, at: step * 100)
            if last != nil, outcome != last { switches += 1 }
            last = outcome
        }
        // Five minutes. Seventy-five swings, and a pause that grows to a minute.
        #expect(switches <= 26)
    }
}

extension LayerChoice {
    fileprivate mutating func outcome(
        _ demand: LayerDemand,
        _ kilobits: Int64,
        at millis: Int64 = 0
    ) -> LayerDecision.Outcome? {
        decide([demand], estimate: .kilobits(kilobits), at: .ms(millis)).first?.outcome
    }
}

extension LayerDemand {
    /// Three layers of two temporal ones each: 100, 200; 300, 500; 900, 1,500 kbit/s.
    fileprivate static let cameras = (0..<5).map { track in
        LayerDemand(
            track: track,
            priority: .other,
            limit: .everything,
            layers: [
                .init(width: 320, height: 180, rates: [.kilobits(100), .kilobits(200)]),
                .init(width: 640, height: 360, rates: [.kilobits(300), .kilobits(500)]),
                .init(width: 1_280, height: 720, rates: [.kilobits(900), .kilobits(1_500)]),
            ]
        )
    }

    fileprivate static let screen = LayerDemand(
        track: 9,
        priority: .screen,
        limit: .everything,
        layers: [
            .init(width: 1_920, height: 1_080, framesPerSecond: 5, rates: [.kilobits(500)]),
            .init(width: 1_920, height: 1_080, framesPerSecond: 20, rates: [.kilobits(2_500)]),
        ]
    )
}

extension [LayerDemand] {
    fileprivate static func random(using random: inout SeededRandom) -> [LayerDemand] {
        (0..<Int.random(in: 0...6, using: &random)).map { track in
            let priorities: [LayerDemand.Priority] = [.screen, .speaker, .other, .other]
            let limits: [LayerDemand.Limit] = [
                .nothing, .everything, .pixels(.random(in: 0...1_000_000, using: &random)),
            ]
            var layers: [LayerDemand.Layer] = []
            var rate = Int64.random(in: 20...300, using: &random)
            for size in 1...Int.random(in: 1...3, using: &random) {
                var rates: [Bitrate] = []
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    rates.append(.kilobits(rate))
                    rate += .random(in: -20...500, using: &random)
                    rate = Swift.max(rate, 5)
                }
                layers.append(
                    LayerDemand.Layer(
                        width: size * 320,
                        height: size * 180,
                        isActive: UInt8.random(in: 0..<5, using: &random) > 0,
                        rates: rates
                    )
                )
            }
            return LayerDemand(
                track: track,
                priority: priorities.randomElement(using: &random) ?? .other,
                limit: limits.randomElement(using: &random) ?? .everything,
                layers: layers
            )
        }
    }
}
