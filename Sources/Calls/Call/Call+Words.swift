internal import Basics

extension Call {
    /// The longest name of a MediaStream, in bytes. Browsers' have 36.
    private static let streamLimit = 256
    private static let captionLimit = 8_192
    /// The longest part of a reaction: emoji of families with skins take some 40 bytes.
    private static let reactionLimit = 128

    mutating func hear(_ word: Word, from id: ParticipantID, at now: Moment) {
        guard let place = roster.place(of: id) else {
            return note(.refused(id, what: "word", why: "this session is not in the call"))
        }
        switch word {
        case .leave: return leave(id, at: now)
        case .description(let description):
            return take(description, from: place, overChannel: false)
        case .caption(let caption): return relay(caption, from: place)
        case .mute, .unmute, .raiseHand, .lowerHand, .react, .screenOn, .screenOff, .videoOn,
            .videoOff:
            break
        }
        guard !roster[place].isBot else {
            return refuse(id, "word", "a bot is not shown, so it can show and say nothing")
        }
        switch word {
        case .leave, .description, .caption: break
        case .mute: mute(place)
        case .unmute: unmute(place)
        case .raiseHand: raiseHand(place, at: now)
        case .lowerHand: lowerHand(place)
        case .react(let reaction): react(reaction, from: place, at: now)
        case .screenOn(let stream): shareScreen(place, stream, at: now)
        case .screenOff: unshareScreen(of: id, at: now)
        case .videoOn(let stream): startVideo(place, stream, at: now)
        case .videoOff: stopVideo(place, at: now)
        }
    }

    // MARK: - Voices

    /// Media first, so that nobody is heard who is said to be muted.
    mutating func mute(_ place: Int) {
        let session = roster[place]
        guard !session.isMuted else { return }
        order(session.id, .mute(true))
        speak(place, false)
        roster[place].isMuted = true
        tell(.participants, .muted(session.person, session.id, channel, isMuted: true))
    }

    private mutating func unmute(_ place: Int) {
        let session = roster[place]
        roster[place].undelivered.isMutedByHost = false
        guard session.isMuted else { return }
        order(session.id, .mute(false))
        roster[place].isMuted = false
        tell(.participants, .muted(session.person, session.id, channel, isMuted: false))
    }

    mutating func speak(_ place: Int, _ isOn: Bool) {
        let session = roster[place]
        guard session.isSpeaking != isOn, !session.isBot, !(isOn && session.isMuted) else {
            return
        }
        roster[place].isSpeaking = isOn
        tell(.participants, .voice(session.person, session.id, channel, isOn: isOn))
    }

    // MARK: - Hands

    /// No two hands go up in the same millisecond, so that everybody sees them in one order.
    private mutating func raiseHand(_ place: Int, at now: Moment) {
        guard roster[place].handRaised == 0 else { return }
        latestHand = max(now.wall.milliseconds, latestHand + 1)
        setHand(place, latestHand)
    }

    mutating func lowerHand(_ place: Int) {
        guard roster[place].handRaised != 0 else { return }
        setHand(place, 0)
    }

    private mutating func setHand(_ place: Int, _ time: Int64) {
        let session = roster[place]
        roster[place].handRaised = time
        tell(.participants, .hand(session.person, session.id, channel, raisedAt: time))
    }

    private mutating func react(_ reaction: Reaction, from place: Int, at now: Moment) {
        let session = roster[place]
        let parts = [
            reaction.name, reaction.unified, reaction.skin ?? "", reaction.literal ?? "",
        ]
        guard parts.allSatisfy({ $0.utf8.count <= Self.reactionLimit }) else {
            let why = "a reaction's parts have at most \(Self.reactionLimit) bytes each"
            return refuse(session.id, "reaction", why)
        }
        tell(
            .participants,
            .reacted(session.person, session.id, channel, reaction, at: now.wall.milliseconds)
        )
    }

    // MARK: - Screen and camera

    private mutating func shareScreen(_ place: Int, _ stream: String, at now: Moment) {
        let session = roster[place]
        roster[place].undelivered.isScreenStoppedByHost = false
        if let why = reasonAgainstScreen(of: session.id, stream) {
            refuse(session.id, "screen", why)
            // Clients share without waiting for leave to do so, and stop on this word alone.
            return tell(
                .person(session.person),
                .hostScreenOff(session.id, channel, session.person)
            )
        }
        order(session.id, .screenOn(stream: stream))
        guard screen == nil else { return }
        screen = Screen(sharer: session.id, stream: stream, since: now.instant)
        statistics.beginScreen()
        tell(.participants, .screen(session.person, session.id, channel, isOn: true))
    }

    private func reasonAgainstScreen(of id: ParticipantID, _ stream: String) -> String? {
        if !rules.allowsScreenSharing { return "screen sharing is not allowed" }
        if let screen, screen.sharer != id { return "somebody else is sharing a screen" }
        return reasonAgainstStream(stream)
    }

    private func reasonAgainstStream(_ stream: String) -> String? {
        let isShort = stream.utf8.count <= Self.streamLimit
        return isShort ? nil : "a stream's name has at most \(Self.streamLimit) bytes"
    }

    /// Ends the sharing of whoever shares, and nobody else's: a late word may come after another has begun.
    mutating func unshareScreen(of id: ParticipantID, at now: Moment) {
        guard let shown = screen, shown.sharer == id, let person = person(of: id) else { return }
        order(id, .screenOff)
        statistics.endScreen(since: shown.since, at: now.instant)
        screen = nil
        tell(.participants, .screen(person, id, channel, isOn: false))
    }

    private mutating func startVideo(_ place: Int, _ stream: String, at now: Moment) {
        let session = roster[place]
        if let why = rules.allowsVideo ? reasonAgainstStream(stream) : "video is not allowed" {
            return refuse(session.id, "video", why)
        }
        order(session.id, .videoOn(stream: stream))
        roster[place].videoStream = stream
        guard session.videoSince == nil else { return }
        roster[place].videoSince = now.instant
        statistics.beginVideo()
        tell(.participants, .video(session.person, session.id, channel, isOn: true))
    }

    private mutating func stopVideo(_ place: Int, at now: Moment) {
        let session = roster[place]
        guard let since = session.videoSince else { return }
        order(session.id, .videoOff)
        statistics.endVideo(since: since, at: now.instant)
        roster[place].videoSince = nil
        tell(.participants, .video(session.person, session.id, channel, isOn: false))
    }

    // MARK: - Captions

    /// Only a bot has heard what somebody said.
    private mutating func relay(_ caption: Caption, from place: Int) {
        let session = roster[place]
        guard session.isBot else {
            return refuse(session.id, "caption", "captions come from the transcriber alone")
        }
        guard caption.text.utf8.count <= Self.captionLimit else {
            let why = "a caption has at most \(Self.captionLimit) bytes"
            return refuse(session.id, "caption", why)
        }
        guard let speaker = roster[caption.speaker], !speaker.isBot else {
            return refuse(session.id, "caption", "whoever said it is not in the call")
        }
        tell(.participants, .caption(speaker.person, speaker.id, channel, text: caption.text))
    }
}
