internal import Basics

/// One participation, from the first connection to the last word.
///
///     join ──▶ present ── connection lost ──▶ away
///                 │  ▲                          │ │
///                 │  ╰──────── reconnect ───────╯ │
///                 │                               │ time is up, or as on the left
///                 ╰─ leave, media over, removed, ─┴──▶ gone
///                    expelled, end of the call
///
/// Nothing here outlives the session, and nobody is away without a time at which that ends: so there
/// are no ghosts. A session at rest takes a few hundred bytes.
struct CallSession: Sendable {
    enum Presence: Hashable, Sendable {
        case present(ConnectionID)
        case away(until: Instant)
    }

    /// A connection by which the session was reached.
    struct Link: Hashable, Sendable {
        let connection: ConnectionID
        var isLive: Bool
    }

    let id: ParticipantID
    let person: PersonID
    let isBot: Bool
    let decodesAV1: Bool
    /// Whether offers of ours go over the data channel.
    let signalsOverChannel: Bool
    /// Whether its client begins media anew when the call has moved to another node.
    let followsHost: Bool
    let joined: Moment
    /// Ascends with the order of coming.
    let number: UInt64

    var presence: Presence
    /// Latest last, and never empty: where a client may say that it comes from.
    var links: [Link]
    /// Whether a wake-up is set for it, which may be an earlier one than it needs.
    var isTimed = false

    var isMuted = true
    var isSpeaking = false
    /// Milliseconds since 1970, or 0.
    var handRaised: Int64 = 0
    /// When the camera went on, if it is, and the MediaStream that it is.
    var videoSince: Instant?
    var videoStream = ""
    /// Whether the call has moved here and this session's media has not begun anew yet.
    var awaitsMedia = false
    /// Whether its client was told to begin media anew and has not offered since: it may not have heard.
    var awaitsOffer = false

    /// Whether the client's last offer came over the data channel, so that its answer goes there.
    var offersOverChannel = false
    var undelivered = Undelivered()
    /// How long the undelivered offer waits for the map of its tracks to arrive first.
    var offerHeldUntil: Instant?
    var quality = ConnectionQuality()
    var channelBudget: TokenBucket

    /// What the participant must hear when it comes back.
    struct Undelivered: Hashable, Sendable {
        /// The offer that it has not answered yet. It may have been lost with the connection.
        var offer: Offer?
        /// The answer to the participant's own offer.
        var answer: String?
        /// Whether the host has muted it or stopped its screen meanwhile.
        var isMutedByHost = false
        var isScreenStoppedByHost = false
    }

    struct Offer: Hashable, Sendable {
        var sdp: String
        var tracks: [MediaNews.MappedTrack]
        /// Whether the client may have heard of it: before that no answer is to this offer.
        var isTold = false
    }

    init(_ joiner: Joiner, number: UInt64, at now: Moment) {
        id = ParticipantID(first: joiner.connection)
        person = joiner.person
        isBot = joiner.isBot
        decodesAV1 = joiner.decodesAV1
        signalsOverChannel = joiner.signalsOverChannel
        followsHost = joiner.followsHost
        joined = now
        self.number = number
        presence = .present(joiner.connection)
        links = [Link(connection: joiner.connection, isLive: true)]
        channelBudget = TokenBucket(at: now.instant)
    }

    /// As it was on another node. Nobody has come back to it here.
    init(_ kept: CallSnapshot.Session, number: UInt64, until limit: Instant, at now: Moment) {
        id = kept.id
        person = kept.person
        isBot = kept.isBot
        decodesAV1 = kept.decodesAV1
        signalsOverChannel = kept.signalsOverChannel
        followsHost = kept.followsHost
        joined = Moment(instant: now.instant, wall: kept.joined)
        self.number = number
        presence = .away(until: limit)
        links = kept.links.map { Link(connection: $0, isLive: false) }
        isMuted = kept.isMuted
        handRaised = kept.handRaised
        videoStream = kept.video?.stream ?? ""
        videoSince = kept.video.map { now.instant + (.zero - $0.lasted) }
        awaitsMedia = true
        channelBudget = TokenBucket(at: now.instant)
    }

    /// The connection by which it can be reached now.
    var connection: ConnectionID? {
        switch presence {
        case .present(let connection): connection
        case .away: nil
        }
    }

    func knows(_ connection: ConnectionID) -> Bool {
        links.contains { $0.connection == connection }
    }

    /// Whether the session has come from one to the other, as far as is known.
    func follows(_ connection: ConnectionID, _ other: ConnectionID) -> Bool {
        guard let place = links.firstIndex(where: { $0.connection == connection }) else {
            return false
        }
        return links[..<place].contains { $0.connection == other }
    }

    var picture: CallPicture.Participant {
        CallPicture.Participant(
            id: id,
            person: person,
            isMuted: isMuted,
            handRaised: handRaised,
            hasVideo: videoSince != nil
        )
    }
}
