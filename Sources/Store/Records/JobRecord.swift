package import Basics

/// A recording or transcription: what it is and how far it got.
package struct JobRecord: Hashable, Sendable {
    package var id: String
    package var type: String
    /// All else about it, as JSON. It must hold no secret in clear.
    package var state: String
    package var created: WallTime
    package var updated: WallTime

    package init(id: String, type: String, state: String, created: WallTime, updated: WallTime) {
        self.id = id
        self.type = type
        self.state = state
        self.created = created
        self.updated = updated
    }
}
