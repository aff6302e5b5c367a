package import Basics

/// One call, while it runs and after: the history.
package struct CallRecord: Hashable, Sendable {
    package var id: String
    package var channel: String
    package var started: WallTime
    /// When it ended, or nil while it runs.
    package var ended: WallTime?
    package var title: String
    /// The user who started it.
    package var owner: String
    /// How long a screen was shared, or nil if none was.
    package var screenSeconds: Int?
    /// How long cameras were on, of all participants together, or nil if none was.
    package var videoSeconds: Int?

    package init(
        id: String,
        channel: String,
        started: WallTime,
        ended: WallTime? = nil,
        title: String = "",
        owner: String,
        screenSeconds: Int? = nil,
        videoSeconds: Int? = nil
    ) {
        self.id = id
        self.channel = channel
        self.started = started
        self.ended = ended
        self.title = title
        self.owner = owner
        self.screenSeconds = screenSeconds
        self.videoSeconds = videoSeconds
    }

    /// Where a page of the history ended, for the next one to go on from.
    package struct Place: Hashable, Sendable {
        package var started: WallTime
        package var id: String

        package init(started: WallTime, id: String) {
            self.started = started
            self.id = id
        }
    }

    package var place: Place { Place(started: started, id: id) }
}
