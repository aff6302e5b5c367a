internal import Calls
internal import Identity

/// Who may start a call where none runs. Whoever may join a running one needs none of this.
struct StartingRule: Sendable {
    /// What was decided for the channel, if anything.
    var isEnabled: Bool?
    var isEnabledByDefault: Bool
    /// Whether the application has announced a call here.
    var isReserved = false

    /// Why this person may not; nil if they may.
    func refusal(of principal: Principal, in channel: ChannelID) -> String? {
        if isEnabled == false { return "calls are disabled in this channel" }
        if principal.isAdmin || isReserved { return nil }
        guard isEnabled ?? isEnabledByDefault else {
            return "calls are in test mode: only an administrator may start one in this channel"
        }
        guard principal.may(.start, in: channel.identifier) else {
            return "no call runs here, and you may not start one"
        }
        return nil
    }
}
