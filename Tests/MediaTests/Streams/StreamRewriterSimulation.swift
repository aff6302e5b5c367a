import Basics
import Media
import Testing

/// Layers of one camera through a network that loses, overtakes and doubles, to a viewer who changes
/// its mind about what to see.
@Suite struct `A stream rewriter beside its model` {
    /// Ten seeds a case: 2,000 histories.
    @Test(arguments: UInt64(0)..<200)
    func `gives every packet the number that the model wrote down`(block: UInt64) {
        for seed in block * 10..<block * 10 + 10 {
            var history = RewriterHistory(seed: seed)
            history.run()
            if let fault = history.fault {
                Issue.record("seed \(seed): \(fault)")
                return
            }
        }
    }

    @Test func `comes to every kind of event`() {
        var total = RewriterHistory.Events()
        for seed in UInt64(0)..<100 {
            var history = RewriterHistory(seed: seed)
            history.run()
            total.add(history.events)
        }
        let rarest = [
            total.shown, total.late, total.closed, total.skipped, total.holes, total.inserted,
            total.doubled, total.leaps, total.pauses,
        ]
        #expect(rarest.allSatisfy { $0 >= 20 }, "\(total)")
    }
}

struct RewriterHistory {
    struct Events {
        var shown = 0
        var late = 0
        var closed = 0
        var skipped = 0
        var holes = 0
        var inserted = 0
        var doubled = 0
        var leaps = 0
        var pauses = 0

        mutating func add(_ other: Events) {
            shown += other.shown
            late += other.late
            closed += other.closed
            skipped += other.skipped
            holes += other.holes
            inserted += other.inserted
            doubled += other.doubled
            leaps += other.leaps
            pauses += other.pauses
        }
    }

    private struct Layer {
        var sequence: UInt64
        var timestamp: UInt32
        var picture: Int
        var baseLayer: Int
        var isLong: Bool
        /// Everything that came, to show a key frame's packets that came before its first.
        var arrived: [UInt64: ModelPacket] = [:]
    }

    private var random: SeededRandom
    private var layers: [Layer] = []
    private var rewriter: StreamRewriter
    private var model: StreamRewriterModel
    private var shown: Int?
    private var limit = 3
    private var decisions: [Int: Bool] = [:]
    private var used: [UInt64: UInt64] = [:]
    private var lastTimestamp: UInt32
    private var lastCaptured = 0
    private var lastArrival = 0
    private var shift: UInt32?
    private(set) var events = Events()
    private(set) var fault: String?

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        let begin = StreamRewriter.Beginning(using: &random)
        rewriter = StreamRewriter(kind: .video, clockRate: 90_000, begin: begin)
        model = StreamRewriterModel(
            sequence: UInt64(begin.sequence),
            picture: Int(begin.picture),
            baseLayer: Int(begin.baseLayer)
        )
        lastTimestamp = begin.timestamp
        for _ in 0..<2 {
            layers.append(
                Layer(
                    sequence: .random(in: 60_000...70_000, using: &random),
                    timestamp: UInt32(truncatingIfNeeded: random.next()),
                    picture: .random(in: 0..<40_000, using: &random),
                    baseLayer: .random(in: 0..<256, using: &random),
                    isLong: random.happens(70)
                )
            )
        }
    }

    mutating func run() {
        let loss = random.happens(70) ? Int.random(in: 0...15, using: &random) : 0
        let reordering = random.happens(70) ? Int.random(in: 0...20, using: &random) : 0
        var queue: [(due: Int, layer: Int, packet: ModelPacket)] = []
        for frame in 0..<40 {
            for layer in layers.indices {
                for packet in packets(of: layer, frame: frame) where !random.happens(loss) {
                    let isSlow = random.happens(reordering)
                    let delay = isSlow ? Int.random(in: 0...8, using: &random) : 0
                    queue.append((frame + delay, layer, packet))
                    if random.happens(2) { queue.append((frame + delay + 1, layer, packet)) }
                }
                if random.happens(1) { layers[layer].sequence += random.happens(50) ? 400 : 3_000 }
            }
            if random.happens(3) { pause() }
            if random.happens(5) { insert() }
            if random.happens(10) { limit = .random(in: 1...3, using: &random) }
            let now = queue.filter { $0.due <= frame }
            queue.removeAll { $0.due <= frame }
            for arrival in now {
                receive(arrival.packet, of: arrival.layer, at: frame * 33 + 50)
                if fault != nil { return }
            }
        }
    }

    private mutating func packets(of layer: Int, frame: Int) -> [ModelPacket] {
        let isKey = frame % 20 == layer * 7
        let temporalLayer = isKey ? 0 : [0, 2, 1, 2][frame % 4]
        layers[layer].picture += 1
        if temporalLayer == 0 { layers[layer].baseLayer += 1 }
        let count = Int.random(in: 1...(isKey ? 5 : 2), using: &random)
        return (0..<count).map { index in
            layers[layer].sequence += 1
            return ModelPacket(
                sequence: layers[layer].sequence,
                frame: frame,
                timestamp: layers[layer].timestamp &+ UInt32(frame * 2_970),
                picture: layers[layer].picture,
                baseLayer: layers[layer].baseLayer,
                temporalLayer: temporalLayer,
                isFirst: index == 0,
                isKey: isKey,
                captured: frame * 33
            )
        }
    }

    private mutating func receive(_ packet: ModelPacket, of layer: Int, at now: Int) {
        let isDouble = layers[layer].arrived.updateValue(packet, forKey: packet.sequence) != nil
        if shown == layer {
            if isDouble { events.doubled += 1 }
            pass(packet, of: layer, at: now)
        } else if packet.isKey, packet.isFirst, shown == nil || random.happens(50) {
            show(packet, of: layer, at: now)
            let early = layers[layer].arrived.values.filter { $0.sequence > packet.sequence }
            for packet in early.sorted(by: { $0.sequence < $1.sequence }) {
                pass(packet, of: layer, at: now)
            }
        }
    }

    private mutating func show(_ packet: ModelPacket, of layer: Int, at now: Int) {
        events.shown += 1
        shown = layer
        decisions = [packet.frame: true]
        used = [:]
        let answer = rewriter.show(source(packet, layer, now))
        let expected = model.show(packet)
        check(answer, expected, packet, layer)
        let step = Int32(bitPattern: answer.timestamp &- lastTimestamp)
        if events.shown > 1 {
            let captured = (packet.captured - lastCaptured) * 90
            let most = (now - lastArrival) * 90 + 90_000
            if step != max(3_000, min(captured, most)) {
                fault = "timestamp \(step) later, captured \(captured) later"
            }
        }
        shift = answer.timestampShift
        note(answer, packet, now)
    }

    private mutating func pass(_ packet: ModelPacket, of layer: Int, at now: Int) {
        let isWanted = decisions[packet.frame] ?? (packet.temporalLayer < limit)
        decisions[packet.frame] = isWanted
        let newest = rewriter.newest
        let source = source(packet, layer, now)
        guard isWanted else {
            let hole = rewriter.skip(source)
            let expected = model.skip(packet)
            events.skipped += 1
            if hole != nil { events.holes += 1 }
            if hole != expected, hole != nil || model.changes(after: packet.sequence) < 16 {
                fault = "hole \(hole as Any) instead of \(expected as Any)"
            }
            return
        }
        let answer = rewriter.forward(source)
        let expected = model.forward(packet)
        guard let answer else {
            events.closed += 1
            if expected != nil, model.changes(after: packet.sequence) < 16 {
                fault = "packet \(packet.sequence) is refused instead of \(expected as Any)"
            }
            return
        }
        if let newest, answer.sequence < newest { events.late += 1 }
        if let newest, answer.sequence == newest + 2 { events.leaps += 1 }
        check(answer, expected, packet, layer)
        if answer.timestampShift != shift { fault = "the shift of timestamps changed" }
        note(answer, packet, now)
    }

    private mutating func check(
        _ answer: RewrittenPacket,
        _ expected: StreamRewriterModel.Answer?,
        _ packet: ModelPacket,
        _ layer: Int
    ) {
        let mask = layers[layer].isLong ? 0x7FFF : 0x7F
        let picture = (packet.picture + Int(answer.pictureShift)) & mask
        let baseLayer = UInt8(truncatingIfNeeded: packet.baseLayer) &+ answer.baseLayerShift
        guard let expected, answer.sequence == expected.sequence,
            picture == expected.picture & mask,
            baseLayer == UInt8(truncatingIfNeeded: expected.baseLayer)
        else {
            fault = "\(packet): \(answer) instead of \(expected as Any)"
            return
        }
        if let other = used[answer.sequence], other != packet.sequence {
            fault = "\(other) and \(packet.sequence) are both sent as \(answer.sequence)"
        }
        used[answer.sequence] = packet.sequence
        if rewriter.newest != model.last { fault = "the newest number is another" }
    }

    private mutating func note(_ answer: RewrittenPacket, _ packet: ModelPacket, _ now: Int) {
        if Int32(bitPattern: answer.timestamp &- lastTimestamp) >= 0 {
            lastTimestamp = answer.timestamp
            lastCaptured = packet.captured
        }
        lastArrival = max(lastArrival, now)
    }

    private mutating func pause() {
        guard shown != nil else { return }
        events.pauses += 1
        shown = nil
        rewriter.close()
    }

    private mutating func insert() {
        guard shown != nil else { return }
        events.inserted += 1
        let number = rewriter.insert()?.sequence
        let expected = model.insert()
        if number != expected { fault = "inserted \(number as Any) instead of \(expected)" }
    }

    private func source(_ packet: ModelPacket, _ layer: Int, _ now: Int) -> SourcePacket {
        SourcePacket(
            source: UInt16(layer),
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            arrival: .milliseconds(now),
            captured: .milliseconds(packet.captured),
            picture: layers[layer].isLong
                ? .long(UInt16(packet.picture & 0x7FFF)) : .short(UInt8(packet.picture & 0x7F)),
            baseLayerIndex: UInt8(packet.baseLayer & 0xFF)
        )
    }
}
