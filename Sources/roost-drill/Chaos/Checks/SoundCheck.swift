internal import Basics

/// What people hear of each other: for how long each was not heard by each other in their call for what was done,
/// and whether all are heard again afterwards.
///
/// For each blow, each pair in a call that must move for it (in any call, where none must) of whom one was heard by
/// the other before counts once, with the longest silence from the blow to the quiet after it, or to the next blow
/// to the same call. A silence that is not longer than two packets of sound counts as such.
package struct SoundCheck {
    package private(set) var violations: [Violation] = []
    /// Milliseconds, of each pair, by what was done.
    package private(set) var silences: [Blow: [Double]] = [:]
    /// How many times it was looked whether somebody hears another.
    package private(set) var comparisons = 0

    private struct Pair: Hashable {
        var listener: Int
        var speaker: Int
    }

    private struct Wound {
        var blow: Blow
        var at: Instant
        /// The longest silence of each pair so far.
        var silences: [Pair: Duration]
    }

    private let history: DrillHistory
    private var joined: [Int: Instant] = [:]
    private var pairs: Set<Pair> = []
    /// Of each channel.
    private var wounds: [String: Wound] = [:]

    package init(_ history: DrillHistory) {
        self.history = history
        for entry in history.entries { take(entry) }
        for channel in Array(wounds.keys) { heal(channel) }
    }

    private mutating func take(_ entry: DrillHistory.Entry) {
        switch entry.what {
        case .joined(let person, _): joined[person] = entry.at
        case .asked(let person, .leave, _), .thrownOut(let person, _): part(person)
        case .hears(let person, let speaker):
            pairs.insert(Pair(listener: person, speaker: speaker))
        case .hearsAgain(let person, let speaker, let since):
            let pair = Pair(listener: person, speaker: speaker)
            let channel = history.cast[person].channel
            guard let wound = wounds[channel], let longest = wound.silences[pair] else { return }
            wounds[channel]?.silences[pair] = max(longest, entry.at - since)
        case .struck(let blow, _, let channels):
            let all = Set(history.cast.map(\.channel))
            for channel in channels.isEmpty ? all.subtracting(wounds.keys) : Set(channels) {
                heal(channel)
                let here = pairs.filter { history.cast[$0.listener].channel == channel }
                wounds[channel] = Wound(
                    blow: blow,
                    at: entry.at,
                    silences: Dictionary(uniqueKeysWithValues: here.map { ($0, Self.least) })
                )
            }
        case .listens(let person, let speakers): judge(person, Set(speakers), at: entry.at)
        case .stirred: for channel in Array(wounds.keys) { heal(channel) }
        default: break
        }
    }

    /// Whoever leaves is heard no more, and hears nobody.
    private mutating func part(_ person: Int) {
        joined[person] = nil
        let gone = pairs.filter { $0.listener == person || $0.speaker == person }
        pairs.subtract(gone)
        for pair in gone { wounds[history.cast[person].channel]?.silences[pair] = nil }
    }

    private mutating func heal(_ channel: String) {
        guard let wound = wounds.removeValue(forKey: channel) else { return }
        silences[wound.blow, default: []] += wound.silences.values.map { $0 / .milliseconds(1) }
    }

    private mutating func judge(_ person: Int, _ heard: Set<Int>, at now: Instant) {
        let channel = history.cast[person].channel
        for (other, speaker) in history.cast.enumerated()
        where speaker.speaks && speaker.channel == channel && other != person {
            guard let mine = joined[person], let theirs = joined[other],
                now - max(mine, theirs) > Self.patience
            else { continue }
            comparisons += 1
            guard !heard.contains(other) else { continue }
            violations.append(
                Violation(
                    .sound,
                    at: now,
                    "person \(person) does not hear person \(other), who speaks"
                )
            )
        }
    }

    /// As long as nobody is asked to hear who came.
    private static let patience = Duration.seconds(5)
    private static let least = PersonEars.shortest
}
