package import Basics

/// A point in time on both clocks: one to measure by, one to tell people.
package struct Moment: Hashable, Sendable {
    package var instant: Instant
    package var wall: WallTime

    package init(instant: Instant, wall: WallTime) {
        self.instant = instant
        self.wall = wall
    }
}
