package import Basics

/// Whether somebody speaks, told from the audio levels that their packets bear (RFC 6464): speech
/// varies, silence and hum do not.
///
/// The levels of the last fifty packets are kept, about a second. From the fifty-first on, their
/// standard deviation tells:
///
///            deviation > 10
///     off ----------------------------------------> on
///      ^   deviation < 4, and two seconds after      |
///      |   it went on; or muted                      |
///      +---------------------------------------------+
///
/// Mean and deviation are rounded to whole levels before they are compared, so that the same packets
/// give the same answer as the servers for which clients were written. One for each track; a
/// screen's sound is no voice and has none.
///
/// On the path of audio packets: no allocation, the same few steps for each.
package struct VoiceActivity: Sendable {
    package enum Change: Equatable, Sendable {
        case on
        case off
    }

    private static let window = 50
    private static let leastSpeech = 10
    private static let mostSilence = 4
    private static let shortest = Duration.seconds(2)

    private var levels = InlineArray<50, UInt8>(repeating: 0)
    private var count = 0
    private var next = 0
    private var sum = 0
    private var squares = 0
    private var since: Instant?

    package init() {}

    package var isOn: Bool { since != nil }

    /// A packet's level: 0 is the loudest, 127 silence.
    package mutating func heard(_ level: UInt8, at now: Instant) -> Change? {
        let level = min(level, 127)
        let isFull = count == Self.window
        if isFull {
            let oldest = Int(levels[next])
            sum -= oldest
            squares -= oldest * oldest
        } else {
            count += 1
        }
        levels[next] = level
        next = next + 1 == Self.window ? 0 : next + 1
        sum += Int(level)
        squares += Int(level) * Int(level)
        return isFull ? judge(now) : nil
    }

    /// The window is emptied. It is off now, also if it was before.
    package mutating func mute() -> Change {
        self = VoiceActivity()
        return .off
    }

    private mutating func judge(_ now: Instant) -> Change? {
        let count = Self.window
        let mean = (2 * sum + count) / (2 * count)
        let deviations = squares - 2 * mean * sum + count * mean * mean
        // A root rounds to more than 10 from 10.5 on, and to less than 4 below 3.5. Squared, and
        // times four, these are whole numbers.
        let variance = 4 * deviations
        let speech = (2 * Self.leastSpeech + 1) * (2 * Self.leastSpeech + 1) * (count - 1)
        let silence = (2 * Self.mostSilence - 1) * (2 * Self.mostSilence - 1) * (count - 1)
        if let since {
            guard variance < silence, now - since >= Self.shortest else { return nil }
            self.since = nil
            return .off
        }
        guard variance >= speech else { return nil }
        since = now
        return .on
    }
}
