/// The steps in which a track can be raised, each better and dearer than the one before.
///
/// Of the layers only those that the viewer has pixels for: up to the first that is as large as what
/// is shown (a tenth smaller will do), or the finest. Within each, its temporal layers.
struct LayerLadder {
    struct Step: Equatable {
        var choice: LayerDecision.Choice
        var rate: Int64
        var isActive: Bool
    }

    let steps: [Step]

    /// `current` is kept even if another is better and no dearer: two layers of a still screen take
    /// the same but for a few bits.
    init(_ demand: LayerDemand, current: LayerDecision.Choice?) {
        var steps: [Step] = []
        for (spatial, layer) in Self.useful(demand).enumerated() {
            for (temporal, rate) in layer.rates.enumerated() {
                let step = Step(
                    choice: LayerDecision.Choice(spatial: spatial, temporal: temporal),
                    rate: min(max(rate, .zero), Self.mostRate).rawValue,
                    isActive: layer.isActive
                )
                if step.isActive {
                    steps.removeAll { $0.rate >= step.rate && $0.choice != current }
                }
                steps.append(step)
            }
        }
        self.steps = steps
    }

    /// The step that is, or comes nearest below, what is shown now; nil: none does.
    func place(of current: LayerDecision.Choice?) -> Int? {
        guard let current else { return nil }
        return steps.lastIndex { $0.isActive && $0.choice <= current }
    }

    /// The next step after this one that may be taken.
    func next(after place: Int?, orAsleep: Bool) -> Int? {
        var next = (place ?? -1) + 1
        while next < steps.count {
            if steps[next].isActive || orAsleep { return next }
            next += 1
        }
        return nil
    }

    /// So that a sum of them is a number.
    private static var mostRate: Bitrate { .kilobits(1_000_000) }

    private static func useful(_ demand: LayerDemand) -> ArraySlice<LayerDemand.Layer> {
        let layers = demand.layers.prefix(8)
        switch demand.limit {
        case .nothing: return []
        case .everything: return layers
        case .pixels(let shown):
            guard
                let enough = layers.firstIndex(where: {
                    $0.pixels > 0 && $0.pixels >= shown - shown / 10
                })
            else { return layers }
            // The screen's two layers are of one size: what is as large and finer is useful too.
            let size = layers[enough].pixels
            let last = layers.lastIndex { $0.pixels <= size } ?? enough
            return layers[...max(last, enough)]
        }
    }
}
