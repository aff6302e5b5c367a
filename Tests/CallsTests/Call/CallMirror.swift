import Calls

/// A client's picture of a call, kept as clients of the protocol keep it: the state as a whole when it
/// is told, and one change for each event after that. Too simple to be wrong.
struct CallMirror {
    private(set) var picture: CallPicture?
    private(set) var speaking: Set<ParticipantID> = []

    mutating func take(_ picture: CallPicture?) {
        self.picture = picture
        speaking.formIntersection(picture?.participants.map(\.id) ?? [])
    }

    /// Whoever is not in a call hears nobody.
    mutating func forgetVoices() {
        speaking = []
    }

    mutating func apply(_ event: ServerEvent) {
        switch event {
        case .callStart(let beginning, let host):
            picture = CallPicture(beginning: beginning, participants: [], host: host)
        case .callState(_, let whole): take(whole)
        case .callEnd, .userRemoved: take(nil)
        case .userJoined(let person, let id, _):
            guard picture?.participants.contains(where: { $0.id == id }) == false else { return }
            picture?.participants.append(
                CallPicture.Participant(
                    id: id,
                    person: person,
                    isMuted: true,
                    handRaised: 0,
                    hasVideo: false
                )
            )
        case .userLeft(_, let id, _):
            picture?.participants.removeAll { $0.id == id }
            speaking.remove(id)
            // That nobody is left is all that clients hear of a call's natural end.
            if picture?.participants.isEmpty == true { take(nil) }
        case .muted(_, let id, _, let isMuted): change(id) { $0.isMuted = isMuted }
        case .hand(_, let id, _, let time): change(id) { $0.handRaised = time }
        case .video(_, let id, _, let isOn): change(id) { $0.hasVideo = isOn }
        case .screen(_, let id, _, let isOn): picture?.sharer = isOn ? id : nil
        case .hostChanged(let person, _, _): picture?.host = person
        case .dismissed(let person, _): picture?.isDismissedBy = person
        case .voice(_, let id, _, let isOn):
            guard picture != nil else { return }
            if isOn { speaking.insert(id) } else { speaking.remove(id) }
        case .join, .error, .signal, .reacted, .jobState, .jobStop, .caption, .hostMute,
            .hostScreenOff, .hostLowerHand, .hostRemoved, .channelEnabled, .quality, .rehost:
            break
        }
    }

    private mutating func change(
        _ id: ParticipantID,
        _ body: (inout CallPicture.Participant) -> Void
    ) {
        guard let index = picture?.participants.firstIndex(where: { $0.id == id }) else { return }
        if var participant = picture?.participants[index] {
            body(&participant)
            picture?.participants[index] = participant
        }
    }
}
