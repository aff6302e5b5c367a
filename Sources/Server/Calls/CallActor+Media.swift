internal import Basics
internal import Calls
internal import IO
internal import Media

// What a call orders of media, and hears of it.
extension CallActor {
    func perform(_ order: MediaOrder, _ participant: ParticipantID) {
        let session = SessionID(participant.description)
        switch order {
        case .join(let decodesAV1):
            lastStay += 1
            stays[participant] = (lastStay, Loop.readClock())
            around.media.join(
                id.description,
                session,
                .init(decodesAV1: decodesAV1, hasChannel: true, announcesTracks: true)
            ) { [weak self, stay = lastStay] signal in
                // A voice is told to all who hear it; one of them is enough here: its owner.
                if case .voice(let speaker, _) = signal, speaker != session { return }
                guard let self, let news = MediaNews(signal) else { return }
                enter { $0.hear(news, of: participant, stay) }
            }
        case .leave:
            leaveMedia(participant)
            for connection in seats.removeValue(forKey: participant) ?? [] { vacate(connection) }
            outsiders[participant] = nil
        case .mute(let isMuted): media(.mute(session, isMuted))
        case .screenOn(let stream): media(.screenOn(session, stream: stream))
        case .screenOff: media(.screenOff(session))
        case .videoOn(let stream): media(.cameraOn(session, stream: stream))
        case .videoOff: media(.cameraOff(session))
        case .description(let description):
            switch description.kind {
            case .offer: media(.offer(session, sdp: description.sdp))
            case .answer: media(.answer(session, sdp: description.sdp))
            }
        case .lock: media(.lock(session))
        case .unlock: media(.unlock(session))
        case .send(let isText, let bytes, let asksForReceipt):
            media(
                .send(
                    session,
                    channel: nil,
                    isText: isText,
                    bytes,
                    asksForReceipt: asksForReceipt
                )
            )
        }
    }

    private func media(_ event: PlanEvent) {
        around.media.tell(id.description, event)
    }

    func leaveAllMedia() {
        for participant in Array(stays.keys) { leaveMedia(participant) }
    }

    private func leaveMedia(_ participant: ParticipantID) {
        guard stays.removeValue(forKey: participant) != nil else { return }
        around.figures.mediaIs("closed")
        media(.leave(SessionID(participant.description)))
    }

    private func hear(_ news: MediaNews, of participant: ParticipantID, _ stay: Int) {
        guard let known = stays[participant], known.number == stay else { return }
        switch news {
        case .connected: around.figures.connected(after: Loop.readClock() - known.began)
        case .refused(let what, _): around.figures.failed(what)
        case .over:
            around.figures.mediaIs("failed")
            leaveMedia(participant)
        default: break
        }
        feed(.media(participant, news))
    }
}
