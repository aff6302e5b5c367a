package import Basics

/// What each layer of a track takes, measured over the last second, since what a publisher announces
/// is neither what it sends nor constant: a screen that stands still costs a fiftieth of one that
/// scrolls.
///
/// What is wanted to choose by is not the last second alone, or a viewer would be given a still
/// screen's fine layer and lose it at the first scroll: a rate that falls is forgotten slowly, by a
/// tenth a second.
///
/// `count` is on the path of every packet: no allocation. Up to four spatial by four temporal layers;
/// finer ones count for the last. 1 KiB.
package struct LayerRates: Sendable {
    private struct Cell {
        var meter = RateMeter()
        /// In bits a second, and when it was so much.
        var peak = 0.0
        var peakTime: Int64 = 0
    }

    private static let spatialLayers = 4
    private static let temporalLayers = 4
    private static let forgetting = 0.1

    private var cells = InlineArray<16, Cell>(repeating: Cell())

    package init() {}

    package mutating func count(bytes: Int, spatial: Int, temporal: Int, at now: Instant) {
        cells[Self.place(spatial, temporal)].meter.count(bytes: bytes, at: now)
    }

    /// What a spatial layer takes up to and with a temporal layer. To be asked every 100 to 500 ms, so
    /// that no peak is missed. Nil until it has been seen for a second, and when nothing came for a
    /// second: the publisher has stopped it.
    package mutating func rate(spatial: Int, temporal: Int, at now: Instant) -> Bitrate? {
        var sum = 0.0
        var isKnown = false
        for layer in 0...min(max(temporal, 0), Self.temporalLayers - 1) {
            let place = Self.place(spatial, layer)
            guard let rate = cells[place].meter.rate(at: now) else { continue }
            if rate > .zero { isKnown = true }
            sum += peak(at: place, rate.fraction, now.nanoseconds)
        }
        return isKnown ? Bitrate(fraction: sum) : nil
    }

    /// The last second alone.
    package func current(spatial: Int, temporal: Int, at now: Instant) -> Bitrate? {
        var sum = 0.0
        var isKnown = false
        for layer in 0...min(max(temporal, 0), Self.temporalLayers - 1) {
            guard let rate = cells[Self.place(spatial, layer)].meter.rate(at: now) else { continue }
            isKnown = true
            sum += rate.fraction
        }
        return isKnown ? Bitrate(fraction: sum) : nil
    }

    /// The track's source began anew.
    package mutating func forget(spatial: Int) {
        for temporal in 0..<Self.temporalLayers { cells[Self.place(spatial, temporal)] = Cell() }
    }

    private mutating func peak(at place: Int, _ rate: Double, _ now: Int64) -> Double {
        let elapsed = Double(now &- cells[place].peakTime) / 1e9
        let faded = cells[place].peak * max(1 - Self.forgetting * max(elapsed, 0), 0)
        cells[place].peak = max(rate, faded)
        cells[place].peakTime = now
        return cells[place].peak
    }

    private static func place(_ spatial: Int, _ temporal: Int) -> Int {
        min(max(spatial, 0), spatialLayers - 1) * temporalLayers
            + min(max(temporal, 0), temporalLayers - 1)
    }
}
