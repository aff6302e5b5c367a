/// What a viewer is to be shown of one track, and what that would cost: the input of ``LayerChoice``.
package struct LayerDemand: Equatable, Sendable {
    /// In the order in which they are served.
    package enum Priority: Int, Comparable, Sendable {
        case screen
        /// The camera of who speaks, or of whom the viewer has picked.
        case speaker
        case other

        package static func < (lhs: Priority, rhs: Priority) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    /// How much of it the viewer shows.
    package enum Limit: Comparable, Sendable {
        case nothing
        /// So many pixels, width times height.
        case pixels(Int)
        case everything
    }

    package struct Layer: Equatable, Sendable {
        package var width: Int
        package var height: Int
        package var framesPerSecond: Int
        /// Whether packets of it come. One that doesn't is a layer the publisher could send: it is
        /// asked for when it would fit, and chosen when it comes.
        package var isActive: Bool
        /// What it takes up to each temporal layer, in ascending order; one entry if there are none.
        /// Measured, or as last measured, or as announced if it never came. Of SVC, with the layers
        /// it depends on.
        package var rates: [Bitrate]
        /// Whether the rates are supposed, since it has not come for long enough to be measured.
        package var isGuess: Bool

        package init(
            width: Int,
            height: Int,
            framesPerSecond: Int = 30,
            isActive: Bool = true,
            rates: [Bitrate],
            isGuess: Bool = false
        ) {
            self.width = width
            self.height = height
            self.framesPerSecond = framesPerSecond
            self.isActive = isActive
            self.rates = rates
            self.isGuess = isGuess
        }

        var pixels: Int { width.multipliedReportingOverflow(by: height).partialValue }
    }

    /// The viewer's name for the track, constant while it is shown.
    package var track: Int
    package var priority: Priority
    package var limit: Limit
    /// From the coarsest to the finest, by the publisher's word (rid, spatial id). At most eight.
    package var layers: [Layer]

    package init(track: Int, priority: Priority, limit: Limit, layers: [Layer]) {
        self.track = track
        self.priority = priority
        self.limit = limit
        self.layers = layers
    }
}
