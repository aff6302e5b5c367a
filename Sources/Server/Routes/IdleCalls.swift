internal import Calls
internal import Identity

/// A node on which no call runs.
struct IdleCalls: RunningCalls {
    func pictures(visibleTo principal: Principal) async -> [(ChannelID, CallPicture)] { [] }
    func picture(of channel: ChannelID, for person: PersonID?) async -> CallPicture? { nil }
    func order(
        _ order: HostOrder,
        in channel: ChannelID,
        by authority: Authority
    ) async -> OrderOutcome { .refused(.noCall) }
    func dismiss(_ channel: ChannelID, _ person: PersonID) async -> Bool { false }
    func end(_ channel: ChannelID, _ ending: CallEnding) async -> Bool { false }
    func announce(_ event: ServerEvent, to audience: Audience, in channel: ChannelID) {}
    func set(isEnabled: Bool?, in channel: ChannelID) {}
    var callCount: Int { 0 }
    var participantCount: Int { 0 }
}
