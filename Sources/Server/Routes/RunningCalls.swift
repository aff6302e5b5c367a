package import Calls
package import Identity

/// What requests ask of the calls that run.
package protocol RunningCalls: Sendable {
    /// The calls that somebody may see, each as it stands for them.
    func pictures(visibleTo principal: Principal) async -> [(ChannelID, CallPicture)]
    func picture(of channel: ChannelID, for person: PersonID?) async -> CallPicture?
    func order(
        _ order: HostOrder,
        in channel: ChannelID,
        by authority: Authority
    ) async -> OrderOutcome
    /// The person does not want to be rung for the channel's call. False if there is none.
    func dismiss(_ channel: ChannelID, _ person: PersonID) async -> Bool
    /// The person may no longer be in the channel. False if there is no call in it.
    func expel(_ person: PersonID, from channel: ChannelID) async -> Bool
    /// Ends the channel's call. False if there is none.
    func end(_ channel: ChannelID, _ ending: CallEnding) async -> Bool
    /// Tells everybody who may see the channel something that is no call's own.
    func announce(_ event: ServerEvent, in channel: ChannelID)
    /// Tells one person something that is no call's own.
    func announce(_ event: ServerEvent, to person: PersonID)
    /// Takes over what was decided for a channel, once the store has it.
    func set(isEnabled: Bool?, in channel: ChannelID)
    var callCount: Int { get }
    var participantCount: Int { get }
}

extension CallDirectory: RunningCalls {}
