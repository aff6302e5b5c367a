package import Basics

/// All that happened in a drill: what people asked and what came of it, what they heard, what was done to
/// the nodes and to Redis, and where calls were said to be.
package struct DrillHistory: Sendable {
    package struct Person: Hashable, Sendable {
        package var user: String
        package var channel: String
        /// Whether they are to be heard as long as they are in the call.
        package var speaks: Bool

        package init(user: String, channel: String, speaks: Bool = false) {
            self.user = user
            self.channel = channel
            self.speaks = speaks
        }
    }

    /// What became of something that was asked.
    package enum Outcome: Hashable, Sendable {
        case ok
        case failed(String)
        /// Nobody will ever know: the connection was lost, or no answer came.
        case unknown
    }

    package enum Happening: Hashable, Sendable {
        /// By the person of that place in the cast, under a number that its outcome has, too.
        case asked(Int, Deed, serial: Int)
        case answered(Int, Deed, serial: Int, Outcome)
        /// A websocket was greeted, under the line that it continues or begins.
        case opened(Int, line: String, node: Int, isResumed: Bool)
        case cut(Int, why: String)
        case heard(Int, line: String, HeardEvent)
        /// In the call, as that session.
        case joined(Int, session: String)
        /// The first sounds of somebody came since both are in the call, as they are in it now.
        case hears(Int, Int)
        /// Sounds of that person come again, of whom none came since.
        case hearsAgain(Int, Int, since: Instant)
        /// Whose sounds have come of late, in the quiet.
        case listens(Int, [Int])
        /// A link for media ended by itself.
        case unlinked(Int, why: String)
        /// Was in the call and is not, and has not asked for that.
        case thrownOut(Int, why: String)
        /// Something was done to a node or to Redis; the calls of these channels must go on elsewhere for it.
        case struck(Blow, node: Int?, channels: [String])
        /// It was undone: the node runs again, Redis answers.
        case mended(Blow, node: Int?)
        /// Where Redis says the call of a channel is.
        case placed(channel: String, token: String, node: String)
        /// A rebalancer has not done what it is for, or too much of it.
        case uneven(node: Int, why: String)
        /// A node ended otherwise than it should have.
        case died(node: Int, why: String)
        /// From here on nobody does anything but look.
        case quiet
        /// All have looked, and go on with what they do.
        case stirred
        /// What a claimant, by its number, had of a mutex or a place.
        case held(claimant: Int, Hold)
    }

    /// A mutex or a place, and what became of it at the moment of the entry.
    package struct Hold: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// It was given, having been asked for at that moment.
            case has(since: Instant)
            /// It may be used now.
            case uses
            case frees
            case misses
        }

        package var kind: Kind
        package var name: String
        package var fence: String

        package init(_ kind: Kind, _ name: String, _ fence: String) {
            (self.kind, self.name, self.fence) = (kind, name, fence)
        }
    }

    package struct Entry: Hashable, Sendable {
        package var at: Instant
        package var what: Happening

        package init(at: Instant, _ what: Happening) {
            self.at = at
            self.what = what
        }
    }

    package var cast: [Person]
    package var entries: [Entry] = []

    package init(cast: [Person]) {
        self.cast = cast
    }
}
