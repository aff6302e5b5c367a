extension ServerEvent {
    /// The event's name as metrics count it: without the prefix that those of calls have.
    package var name: String {
        switch self {
        case .join: "join"
        case .error: "error"
        case .signal: "signal"
        case .callStart: "call_start"
        case .callEnd: "call_end"
        case .callState: "call_state"
        case .userJoined: "user_joined"
        case .userLeft: "user_left"
        case .muted(_, _, _, let isMuted): isMuted ? "user_muted" : "user_unmuted"
        case .voice(_, _, _, let isOn): isOn ? "user_voice_on" : "user_voice_off"
        case .screen(_, _, _, let isOn): isOn ? "user_screen_on" : "user_screen_off"
        case .video(_, _, _, let isOn): isOn ? "user_video_on" : "user_video_off"
        case .hand(_, _, _, let raisedAt): raisedAt == 0 ? "user_unraise_hand" : "user_raise_hand"
        case .reacted: "user_reacted"
        case .hostChanged: "call_host_changed"
        case .jobState: "call_job_state"
        case .jobStop: "job_stop"
        case .caption: "caption"
        case .hostMute: "host_mute"
        case .hostScreenOff: "host_screen_off"
        case .hostLowerHand: "host_lower_hand"
        case .hostRemoved: "host_removed"
        case .dismissed: "user_dismissed_notification"
        case .channelEnabled(_, let isEnabled):
            isEnabled ? "channel_enable_voice" : "channel_disable_voice"
        case .userRemoved: "user_removed"
        case .rehost: "call_rehost"
        case .quality: "user_quality"
        }
    }

    /// The event's name as clients know it.
    package var wireName: String {
        if case .userRemoved = self { return name }
        return ClientMessage.actionPrefix + name
    }

    /// The channel that the event is about, if it is about one.
    package var channel: ChannelID? {
        switch self {
        case .join, .error, .signal, .jobStop, .dismissed: nil
        case .callStart(let beginning, _): beginning.channel
        case .callEnd(let channel), .callState(let channel, _), .userJoined(_, _, let channel),
            .userLeft(_, _, let channel), .muted(_, _, let channel, _),
            .voice(_, _, let channel, _), .screen(_, _, let channel, _),
            .video(_, _, let channel, _), .hand(_, _, let channel, _),
            .reacted(_, _, let channel, _, _), .hostChanged(_, _, let channel),
            .jobState(let channel, _), .caption(_, _, let channel, _), .hostMute(_, let channel, _),
            .hostScreenOff(_, let channel, _), .hostLowerHand(_, _, let channel, _, _),
            .hostRemoved(_, _, _, let channel), .channelEnabled(let channel, _),
            .userRemoved(_, let channel, _), .quality(_, let channel, _),
            .rehost(_, let channel, _):
            channel
        }
    }
}
