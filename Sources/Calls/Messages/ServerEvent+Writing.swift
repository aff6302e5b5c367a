internal import Basics
internal import Wire

extension ServerEvent {
    /// The event as all of an audience hear it.
    ///
    /// What goes to a channel or to a call's participants names the channel in `data` as well, as
    /// `channelID`: clients look there first.
    package func text(for audience: Audience) -> EventText {
        EventText(wireName, broadcast(to: audience), room: room) { json in
            writeMembers(into: &json)
            if let shared = sharedChannel(audience) {
                json.member("channelID", shared)
            }
        }
    }

    /// How many bytes it is likely to take: what hundreds are in is not to be moved while it grows.
    private var room: Int {
        guard case .callState(_, let picture) = self else { return 512 }
        return 1_024 + picture.participants.count * CallPicture.Participant.quotedBytes
    }

    private func broadcast(to audience: Audience) -> EventBroadcast {
        switch audience {
        case .channel, .participants: EventBroadcast(channel: channel)
        case .person(let person): EventBroadcast(person: person)
        case .connection(let connection): EventBroadcast(connection: connection)
        }
    }

    private func sharedChannel(_ audience: Audience) -> ChannelID? {
        switch (self, audience) {
        case (.userRemoved, _): nil
        case (.callStart, _), (_, .channel), (_, .participants): channel
        case (_, .person), (_, .connection): nil
        }
    }

    private func writeMembers(into json: inout JSONWriter) {
        switch self {
        case .join(let connection):
            json.member("connID", connection)
        case .error(let text, let connection):
            json.member("data", text)
            json.member("connID", connection?.description ?? "")
        case .signal(let description, let participant):
            json.member("data", description.json)
            json.member("connID", participant)
        case .callStart(let beginning, let host):
            json.member("id", beginning.call)
            json.member("start_at", beginning.started.milliseconds)
            json.member("thread_id", beginning.thread)
            json.member("post_id", "")
            json.member("owner_id", beginning.owner)
            json.member("host_id", host)
        case .callEnd, .channelEnabled:
            break
        case .callState(let channel, let picture):
            json.member("channel_id", channel)
            json.key("call")
            json.quoted { picture.write(into: &$0) }
        case .userJoined(let person, let participant, _), .userLeft(let person, let participant, _):
            json.member("user_id", person)
            json.member("session_id", participant)
        case .muted(let person, let participant, _, _), .voice(let person, let participant, _, _),
            .screen(let person, let participant, _, _), .video(let person, let participant, _, _):
            json.member("userID", person)
            json.member("session_id", participant)
        case .hand(let person, let participant, _, let raisedAt):
            json.member("userID", person)
            json.member("session_id", participant)
            json.member("raised_hand", raisedAt)
        case .reacted(let person, let participant, _, let reaction, let time):
            json.member("user_id", person)
            json.member("session_id", participant)
            json.key("emoji")
            reaction.write(into: &json)
            json.member("timestamp", time)
        case .hostChanged(let host, let call, _):
            json.member("hostID", host?.description ?? "")
            json.member("call_id", call)
        case .jobState(let channel, let job):
            // What is called the call's id here has always been the channel's.
            json.member("callID", channel)
            json.key("jobState")
            job.write(into: &json)
        case .jobStop(let job, _):
            json.member("job_id", job)
        case .caption(let person, let participant, let channel, let text):
            json.member("channel_id", channel)
            json.member("user_id", person)
            json.member("session_id", participant)
            json.member("text", text)
        case .hostMute(let participant, let channel, _),
            .hostScreenOff(let participant, let channel, _):
            json.member("channel_id", channel)
            json.member("session_id", participant)
        case .hostLowerHand(let participant, let call, let channel, let host, _):
            json.member("call_id", call)
            json.member("channel_id", channel)
            json.member("session_id", participant)
            json.member("host_id", host)
        case .hostRemoved(let participant, let person, let call, let channel):
            json.member("call_id", call)
            json.member("channel_id", channel)
            json.member("session_id", participant)
            json.member("user_id", person)
        case .dismissed(let person, let call):
            json.member("userID", person)
            json.member("callID", call)
        case .userRemoved(let person, let channel, let remover):
            json.member("user_id", person)
            json.member("channel_id", channel)
            json.member("remover_id", remover)
        case .rehost(let participant, let channel, let move):
            json.member("channel_id", channel)
            json.member("session_id", participant)
            json.member("move", move)
        case .quality(let participant, _, let mos):
            json.member("session_id", participant)
            json.member("mos", mos)
        }
    }
}

extension Reaction {
    fileprivate func write(into json: inout JSONWriter) {
        json.beginObject()
        json.member("name", name)
        json.member("skin", skin ?? "")
        json.member("unified", unified)
        json.member("literal", literal ?? "")
        json.endObject()
    }
}
