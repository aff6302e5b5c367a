import Media

/// What a ``StreamRewriter`` does, with unlimited memory and whole numbers: every packet's number is
/// written down when it is given out.
struct StreamRewriterModel {
    struct Answer: Equatable {
        var sequence: UInt64
        var picture: Int
        var baseLayer: Int
    }

    private struct Given {
        var sequence: UInt64
        var pictureShift: Int
    }

    /// Of the showing: what each packet of the source was given; nothing if it was skipped.
    private var given: [UInt64: Given] = [:]
    private var changes: [UInt64] = []
    private var highest: UInt64 = 0
    private(set) var last: UInt64
    private var lastPicture: Int
    private var lastBaseLayer: Int
    private var pictureShift = 0
    private var baseLayerShift = 0
    private var current = -1
    private var currentTimestamp: UInt32 = 0
    private var skipsCurrent = false

    init(sequence: UInt64, picture: Int, baseLayer: Int) {
        last = sequence - 1
        lastPicture = picture
        lastBaseLayer = baseLayer
    }

    mutating func show(_ packet: ModelPacket) -> Answer {
        given = [:]
        changes = []
        highest = packet.sequence - 1
        pictureShift = lastPicture + 1 - packet.picture
        baseLayerShift = lastBaseLayer + 1 - packet.baseLayer
        return take(packet)
    }

    mutating func forward(_ packet: ModelPacket) -> Answer? {
        guard packet.sequence > highest else {
            guard let given = given[packet.sequence], !isOutOfReach(packet) else { return nil }
            lastPicture = max(lastPicture, packet.picture + given.pictureShift)
            lastBaseLayer = max(lastBaseLayer, packet.baseLayer + baseLayerShift)
            return answer(packet, given)
        }
        if packet.sequence - highest > 512 { leap(to: packet) }
        return take(packet)
    }

    mutating func skip(_ packet: ModelPacket) -> UInt64? {
        guard packet.sequence > highest else {
            return isOutOfReach(packet) ? nil : given[packet.sequence]?.sequence
        }
        if packet.sequence - highest > 512 { leap(to: packet) }
        let isSameFrame = skipsCurrent && currentTimestamp == packet.timestamp
        if isSameFrame {
            change(from: highest + 1, to: packet.sequence + 1)
        } else {
            giveGap(before: packet.sequence)
            change(from: packet.sequence, to: packet.sequence + 1)
        }
        if packet.picture != current {
            pictureShift -= 1
            current = packet.picture
            skipsCurrent = true
        }
        highest = packet.sequence
        currentTimestamp = packet.timestamp
        return nil
    }

    mutating func insert() -> UInt64 {
        last += 1
        change(from: highest + 1, to: highest + 1)
        return last
    }

    /// How many changes were made behind that packet; after sixteen it may be refused.
    func changes(after sequence: UInt64) -> Int {
        changes.count { $0 > sequence }
    }

    private mutating func take(_ packet: ModelPacket) -> Answer {
        giveGap(before: packet.sequence)
        last += 1
        let mine = Given(sequence: last, pictureShift: pictureShift)
        given[packet.sequence] = mine
        highest = packet.sequence
        current = packet.picture
        skipsCurrent = false
        lastPicture = max(lastPicture, packet.picture + pictureShift)
        lastBaseLayer = max(lastBaseLayer, packet.baseLayer + baseLayerShift)
        return answer(packet, mine)
    }

    private mutating func giveGap(before sequence: UInt64) {
        for missing in highest + 1..<sequence {
            last += 1
            given[missing] = Given(sequence: last, pictureShift: pictureShift)
        }
        highest = sequence - 1
    }

    private mutating func leap(to packet: ModelPacket) {
        given = [:]
        changes = []
        last += 1
        highest = packet.sequence - 1
    }

    /// Changes that touch are one; they are written down by where they end.
    private mutating func change(from start: UInt64, to end: UInt64) {
        if changes.last == start { changes.removeLast() }
        changes.append(end)
    }

    private func isOutOfReach(_ packet: ModelPacket) -> Bool {
        highest - packet.sequence >= StreamRewriter.reach
    }

    private func answer(_ packet: ModelPacket, _ given: Given) -> Answer {
        Answer(
            sequence: given.sequence,
            picture: packet.picture + given.pictureShift,
            baseLayer: packet.baseLayer + baseLayerShift
        )
    }
}

/// A packet whose counts never wrap.
struct ModelPacket {
    var sequence: UInt64
    var frame: Int
    var timestamp: UInt32
    var picture: Int
    var baseLayer: Int
    var temporalLayer: Int
    var isFirst: Bool
    var isKey: Bool
    var captured: Int
}
