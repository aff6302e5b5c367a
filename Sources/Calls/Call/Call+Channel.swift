internal import Basics

extension Call {
    /// How many messages a participant may send over its data channel. Clients send one a second, and
    /// twenty while they wait for a lock.
    private static let channelRate = TokenBucket.Rate(perSecond: 50, burst: 200)

    private static let ping = Array("ping".utf8)
    private static let pong = Array("pong".utf8)

    /// Reads what a participant says over its data channel.
    mutating func hear(_ bytes: [UInt8], isText: Bool, _ place: Int, at now: Moment) {
        let id = roster[place].id
        guard roster[place].channelBudget.take(Self.channelRate, at: now.instant) == .allowed else {
            return note(.refused(id, what: "channel message", why: "too many of them"))
        }
        if isText {
            // The clients of old phones.
            guard bytes == Self.ping else {
                return refuse(id, "channel message", "the only text is ping")
            }
            return order(id, .send(isText: true, Self.pong))
        }
        do {
            hear(try DataChannelMessage(bytes), place, at: now)
        } catch {
            refuse(id, "channel message", error.description)
        }
    }

    private mutating func hear(_ message: DataChannelMessage, _ place: Int, at now: Moment) {
        let id = roster[place].id
        switch message {
        case .ping: send(.pong, to: id)
        case .description(let description): take(description, from: place, overChannel: true)
        case .loss(let part):
            roster[place].quality.loss = Float(part)
            note(.loss(id, part))
            tellQuality(place, at: now)
        case .roundTrip(let seconds):
            roster[place].quality.roundTrip = Float(seconds)
            note(.roundTrip(id, seconds: seconds))
            tellQuality(place, at: now)
        case .jitter(let seconds):
            roster[place].quality.jitter = Float(seconds)
            note(.jitter(id, seconds: seconds))
            tellQuality(place, at: now)
        case .lock: order(id, .lock)
        case .unlock: order(id, .unlock)
        case .pong: break
        case .locked, .mediaMap:
            refuse(id, "channel message", "locks are granted and maps sent by the server alone")
        }
    }

    private mutating func tellQuality(_ place: Int, at now: Moment) {
        let session = roster[place]
        guard let mos = roster[place].quality.news(at: now.instant) else { return }
        note(.quality(session.id, mos: mos))
        guard !session.isBot else { return }
        tell(.participants, .quality(session.id, channel, mos: mos))
    }
}
