/// What a person of a drill asks of a call.
package enum Deed: String, CaseIterable, Sendable {
    case join
    case reconnect
    case leave
    case mute
    case unmute
    case raise
    case lower
    case react
    case share
    case unshare
    /// Asks for the call's state.
    case look

    /// The protocol's name for it.
    var action: String {
        switch self {
        case .raise: "raise_hand"
        case .lower: "unraise_hand"
        case .share: "screen_on"
        case .unshare: "screen_off"
        case .look: "call_state"
        case .join, .reconnect, .leave, .mute, .unmute, .react: rawValue
        }
    }

    /// The event by which one hears that it was done.
    package var event: String? {
        switch self {
        case .leave: "user_left"
        case .mute: "user_muted"
        case .unmute: "user_unmuted"
        case .raise: "user_raise_hand"
        case .lower: "user_unraise_hand"
        case .react: "user_reacted"
        case .share: "user_screen_on"
        case .unshare: "user_screen_off"
        case .look, .reconnect: "call_state"
        case .join: "join"
        }
    }

    /// What it changes that stays, and into what.
    package enum Change: Hashable, Sendable {
        case voice(isUnmuted: Bool)
        case hand(isUp: Bool)
        case screen(isShared: Bool)
    }

    package var change: Change? {
        switch self {
        case .mute: .voice(isUnmuted: false)
        case .unmute: .voice(isUnmuted: true)
        case .raise: .hand(isUp: true)
        case .lower: .hand(isUp: false)
        case .share: .screen(isShared: true)
        case .unshare: .screen(isShared: false)
        case .join, .reconnect, .leave, .react, .look: nil
        }
    }
}
