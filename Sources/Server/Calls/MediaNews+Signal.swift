internal import Calls
internal import Media

extension MediaNews {
    /// What a call is told of a plan's word; nil for what calls don't pass on.
    init?(_ signal: PlanAction.Signal) {
        switch signal {
        case .answer(let sdp): self = .answer(sdp: sdp)
        case .offer(let sdp, let tracks):
            self = .offer(sdp: sdp, tracks: tracks.compactMap(MappedTrack.init))
        case .connected: self = .connected
        case .locked(let isTheirs): self = .locked(isTheirs)
        case .voice(_, let isOn): self = .voice(isOn: isOn)
        case .channelMessage(_, let isText, let bytes):
            self = .channelMessage(isText: isText, bytes)
        case .delivered: self = .delivered
        case .refused(let what, let why): self = .refused(what: what, why: why)
        // Clients of the calls protocol have no word for which encodings are wanted of them.
        case .wanted: return nil
        case .over(let end): self = .over(reason: end.rawValue)
        }
    }
}

extension MediaNews.MappedTrack {
    fileprivate init?(_ track: PlanAction.MappedTrack) {
        guard let sender = ParticipantID(track.sender.rawValue) else { return nil }
        self.init(mid: track.mid, type: track.role.rawValue, sender: sender)
    }
}
