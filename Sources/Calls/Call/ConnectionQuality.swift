internal import Basics

/// How well a participant hears, by what it reports of its connection.
///
/// The score is a mean opinion, 1 to 4.5, by the formula that clients show their users themselves: a
/// latency that counts jitter twice, and lost packets. A report moves it now and then by a hair, so
/// others are told of grades only, and of those at most every ten seconds.
struct ConnectionQuality: Hashable, Sendable {
    enum Grade: Hashable, Sendable {
        case good
        /// Below 4: audible to those who listen for it.
        case fair
        /// Below 3.5, where clients warn their users.
        case poor
        /// Below 2.5: hard to follow.
        case bad

        init(mos: Double) {
            switch mos {
            case ..<2.5: self = .bad
            case ..<3.5: self = .poor
            case ..<4: self = .fair
            default: self = .good
            }
        }
    }

    static let pause: Duration = .seconds(10)

    /// The part of packets lost, 0 to 1, and seconds.
    var loss: Float = 0
    var roundTrip: Float = 0
    var jitter: Float = 0
    private var told = Grade.good
    private var toldAt: Instant?

    var mos: Double {
        let latency = (Double(roundTrip) / 2 + 2 * Double(jitter)) * 1_000 + 10
        let delay = latency < 160 ? latency / 40 : (latency - 120) / 10
        let rating = min(max(93.2 - delay - 2.5 * Double(loss) * 100, 0), 100)
        let opinion = 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating)
        return min(max(opinion, 1), 4.5)
    }

    /// The score, if others are to be told of it now.
    mutating func news(at now: Instant) -> Double? {
        let mos = mos
        let grade = Grade(mos: mos)
        guard grade != told, toldAt.map({ now - $0 >= Self.pause }) ?? true else { return nil }
        told = grade
        toldAt = now
        return mos
    }
}
