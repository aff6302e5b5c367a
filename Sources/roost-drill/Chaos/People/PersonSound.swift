internal import Basics
internal import IO

/// All of a person's media: the link to the node that has the call, for a moment the one before, and what they
/// hear by both. On the people's loop.
final class PersonSound: @unchecked Sendable {
    private let shared: PersonLink.Shared
    private let speaks: Bool
    private var random: SeededRandom
    private let tell: (News) -> Void
    private var link: PersonLink?
    private var former: PersonLink?
    private var round = 0
    private var ears = PersonEars()

    enum News {
        /// To be said on the websocket.
        case description(String, type: String)
        case heard(session: String, PersonEars.News)
        /// The link to the node that has the call is over.
        case unlinked(String)
    }

    init(
        _ shared: PersonLink.Shared,
        speaks: Bool,
        random: SeededRandom,
        tell: @escaping (News) -> Void
    ) {
        self.shared = shared
        self.speaks = speaks
        self.random = random
        self.tell = tell
    }

    /// Begins a link to the node that has the call now. The one before is kept a moment, if there is anything to
    /// hear by it, as the page does.
    func begin(_ session: String) throws {
        round += 1
        let round = round
        if let link, link.isConnected {
            former?.end()
            former = link
            shared.sockets.loop.schedule(at: shared.sockets.loop.now + Self.kept) { [weak self] in
                guard let self, self.round == round else { return }
                former?.end()
                former = nil
            }
        } else {
            link?.end()
        }
        let new = try PersonLink(session, speaks: speaks, shared, seed: random.next()) {
            [unowned self] news, now in
            switch news {
            case .sound(let speaker):
                if let news = ears.hear(speaker, at: now) {
                    tell(.heard(session: speaker, news))
                }
            case .description(let sdp, let type):
                if self.round == round { tell(.description(sdp, type: type)) }
            case .failed(let why):
                if self.round == round { tell(.unlinked(why)) }
            }
        }
        link = new
        new.receive(.begin)
    }

    func hear(signal: String) { link?.receive(.signalled(signal)) }
    func repeatOffer() { link?.receive(.said) }

    /// Whose voices have come of late.
    var heard: [String] { ears.heard(at: Loop.readClock()) }

    func end() {
        round += 1
        for one in [link, former] { one?.end() }
        (link, former) = (nil, nil)
        ears = PersonEars()
    }

    private static let kept = Duration.milliseconds(2_500)
}
