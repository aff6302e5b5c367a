package import Basics

/// Which layers of a publisher's track anybody wants, so that it can be told to send no others.
///
/// A layer is wanted as soon as one viewer wants it, and until some seconds after the last one did:
/// whoever turns a page comes back, and a layer that starts costs a key frame.
package struct WantedLayers: Sendable {
    private let hold: Duration
    private var viewers: [Int: LayerSet] = [:]
    private var counts = InlineArray<8, Int>(repeating: 0)
    private var ends = InlineArray<8, Instant?>(repeating: nil)
    /// What the publisher should send.
    package private(set) var layers: LayerSet = []

    package init(hold: Duration = .seconds(3)) {
        self.hold = hold
    }

    /// When a layer ends unless somebody wants it again.
    package var deadline: Instant? {
        var earliest: Instant?
        for index in ends.indices {
            if let end = ends[index] { earliest = min(earliest ?? end, end) }
        }
        return earliest
    }

    /// A viewer wants these from now on; none when it leaves. Says whether ``layers`` changed.
    package mutating func want(_ wanted: LayerSet, by viewer: Int, at now: Instant) -> Bool {
        let before = viewers[viewer] ?? []
        viewers[viewer] = wanted.isEmpty ? nil : wanted
        let old = layers
        for spatial in 0..<8 {
            switch (before.contains(spatial: spatial), wanted.contains(spatial: spatial)) {
            case (false, true):
                counts[spatial] += 1
                ends[spatial] = nil
                layers.insert(LayerSet(spatial: spatial))
            case (true, false):
                counts[spatial] -= 1
                if counts[spatial] == 0 { ends[spatial] = now + hold }
            case (true, true), (false, false): break
            }
        }
        return layers != old
    }

    /// Time passes. Says whether ``layers`` changed.
    package mutating func advance(to now: Instant) -> Bool {
        let old = layers
        for spatial in 0..<8 {
            guard let end = ends[spatial], now >= end else { continue }
            ends[spatial] = nil
            layers.remove(LayerSet(spatial: spatial))
        }
        return layers != old
    }
}
