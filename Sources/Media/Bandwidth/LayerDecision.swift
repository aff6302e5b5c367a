/// What ``LayerChoice`` decides for one track of a viewer.
package struct LayerDecision: Equatable, Sendable {
    package struct Choice: Hashable, Comparable, Sendable {
        package var spatial: Int
        /// Up to and with this temporal layer.
        package var temporal: Int

        package init(spatial: Int, temporal: Int) {
            self.spatial = spatial
            self.temporal = temporal
        }

        package static func < (lhs: Choice, rhs: Choice) -> Bool {
            (lhs.spatial, lhs.temporal) < (rhs.spatial, rhs.temporal)
        }
    }

    package enum Pause: Equatable, Sendable {
        /// The viewer doesn't show it.
        case hidden
        /// The publisher sends nothing.
        case absent
        /// The path doesn't carry it.
        case congested
    }

    package enum Outcome: Equatable, Sendable {
        case show(Choice)
        case pause(Pause)
    }

    package var track: Int
    package var outcome: Outcome
    /// What the publisher should be sending for this viewer: what is shown, what would be if it came,
    /// and the coarsest to fall back to.
    package var wanted: LayerSet

    package init(track: Int, outcome: Outcome, wanted: LayerSet) {
        self.track = track
        self.outcome = outcome
        self.wanted = wanted
    }
}
