package import Basics
package import Callers

/// Somebody of a load as far as words go: what they say to a server so that media flows, and what they do
/// then. A value that is told what happens; whoever has the websocket and the ``Caller`` does what it says.
package protocol LoadGuest: Sendable {
    mutating func receive(_ event: LoadEvent, at now: Instant) -> [LoadAction]
    /// When it wants to be told ``LoadEvent/due``.
    var deadline: Instant? { get }
    /// In the call, with media.
    var isIn: Bool { get }
}

package enum LoadEvent: Sendable {
    case due
    case opened
    case heard([UInt8])
    case ended(why: String)
    /// A description of the caller's, as it was asked for.
    case offered(String)
    case answered(String)
    case media(CallerEvent)
    /// The caller made nothing of a description.
    case misunderstood(String)
    /// No more deeds, but stay.
    case rest
    case leave
}

package enum LoadAction: Equatable, Sendable {
    /// With the line to resume, empty for none, and the number that is due on it.
    case connect(line: String, expected: Int)
    case hangUp
    case say(String)
    case sayBinary([UInt8])
    /// Another caller takes the place of the last; with a data channel or without.
    case beginMedia(channel: Bool)
    case endMedia
    case publish(LoadTrack, stream: String)
    case offer
    case answer(String)
    case accept(String)
    case sayOnChannel([UInt8])
    /// Whether the voice is sent.
    case voice(Bool)
    /// Another socket, as after a change of network.
    case move
    /// Under which name others hear of it.
    case session(String)
    /// So long it took from asking to join until media was there.
    case joined(Duration)
    /// Did something of which all the call hears.
    case did(LoadDeed)
    /// One of the call did something; told by the session.
    case heard(LoadDeed, session: String)
    /// It will not be in the call, or has been thrown out.
    case failed(String)
}

/// What all in a call hear of.
package enum LoadDeed: Int, CaseIterable, Hashable, Sendable {
    case mute
    case unmute
    case raise
    case lower
    case react

    package init?(event name: some StringProtocol) {
        switch name {
        case "user_muted": self = .mute
        case "user_unmuted": self = .unmute
        case "user_raise_hand": self = .raise
        case "user_unraise_hand": self = .lower
        case "user_reacted": self = .react
        default: return nil
        }
    }
}
