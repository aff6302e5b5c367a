package import Basics

/// Which of a call's unmuted people are passed on: the loudest few. With three of fifty open
/// microphones that is a seventeenth of the packets, and nobody misses the others' keyboards.
///
///     enter() -> slot      somebody unmuted        heard(slot, ...) -> .forward, .drop, or
///     leave(slot)          muted, or gone             .admit(from:): replay what came since, and on
///
/// Loudness rises fast, over two packets, and falls slowly, by 60 dB a second. Whoever is not among
/// the few takes the place of the least loud of them by being 6 dB louder, after that one has had it
/// for 200 ms; or 12 dB at once. So of several equally loud people the first keep their places, and
/// one that is clearly louder is in at the second packet, which is 20 to 40 ms after the first. A
/// place that is free, or whose owner has not spoken for 150 ms, goes to whoever does: the pauses
/// between words and sentences cost a place only when somebody else would be cut off.
///
/// Who is admitted has been speaking since a few packets. The answer says since when, 200 ms at most
/// and never what was passed on already, so that the first syllable is sent from the history.
///
/// Without the level extension (RFC 6464) the size tells: silence is a few bytes with DTX.
///
/// While no more people are unmuted than may be passed on, and with a limit of zero, all are.
///
/// On the path of audio packets: no allocation but when a person enters; at most 16 steps.
package struct LoudestSpeakers: ~Copyable {
    package enum Answer: Equatable, Sendable {
        case forward
        case drop
        /// Forward this one, and before it those that came at or after this moment.
        case admit(from: Instant)
    }

    /// What a packet says of its loudness.
    package struct Sound: Sendable {
        /// 0 is the loudest, 127 silence; nil without the extension.
        package var level: UInt8?
        /// Whether the encoder believes it to be voice.
        package var hasVoice: Bool
        /// Bytes of payload.
        package var size: Int

        package init(level: UInt8?, hasVoice: Bool = true, size: Int) {
            self.level = level
            self.hasVoice = hasVoice
            self.size = size
        }
    }

    // Not private: the compiler trips over a generic of a private type behind another room's door.
    struct Speaker: BitwiseCopyable {
        var isThere = false
        var isIn = false
        /// In 1/256 dB above silence.
        var loudness: Int32 = 0
        /// When that was. All times in nanoseconds.
        var time: Int64 = 0
        /// When they began to speak, and when they were last heard to.
        var spokeFirst: Int64 = .min
        var spokeLast: Int64 = .min
        var admitted: Int64 = .min
        var forwarded: Int64 = .min
    }

    private static var mostPlaces: Int { 16 }
    private static var fall: Int64 { 60 }
    private static var margin: Int32 { 6 << 8 }
    private static var tenure: Int64 { 200_000_000 }
    private static var lookBack: Int64 { 200_000_000 }
    /// As loud as that is speech: -77 dBov; room noise is below.
    private static var speech: Int32 { 50 << 8 }
    /// By how much noise counts less than voice.
    private static var noVoice: Int32 { 20 << 8 }
    /// What a packet without a level counts for, when it is no silence.
    private static var nominal: Int32 { 85 << 8 }
    private static var silentBytes: Int { 12 }
    /// A pause as long as that ends what somebody says. Less than the look-back.
    private static var breath: Int64 { 150_000_000 }

    package let limit: Int
    package let capacity: Int
    private var speakers: MaskedRing<Speaker>
    private var places = InlineArray<16, Int>(repeating: -1)
    /// How many are unmuted.
    package private(set) var count = 0

    /// Up to `limit` people are passed on, at most 16; 0: everybody. `capacity` is a power of two.
    package init(limit: Int = 3, capacity: Int = 256) {
        self.limit = min(max(limit, 0), Self.mostPlaces)
        self.capacity = max(capacity, 8)
        speakers = MaskedRing(count: 8, repeating: Speaker())
    }

    /// Takes in somebody who unmuted. Nil if there are `capacity` already; that one is not passed on.
    package mutating func enter() -> Int? {
        for slot in 0..<speakers.count where !speakers[slot].isThere {
            return take(slot)
        }
        guard speakers.count < capacity else { return nil }
        let old = speakers.count
        var larger = MaskedRing(count: old * 2, repeating: Speaker())
        for slot in 0..<old { larger[slot] = speakers[slot] }
        speakers = larger
        return take(old)
    }

    /// Lets somebody go who muted or left.
    package mutating func leave(_ slot: Int) {
        guard isThere(slot) else { return }
        for place in 0..<limit where places[place] == slot { places[place] = -1 }
        speakers[slot] = Speaker()
        count -= 1
    }

    /// Whether somebody's next packet is passed on, unless another one takes their place.
    package func isForwarded(_ slot: Int) -> Bool {
        isThere(slot) && (isOpen || speakers[slot].isIn)
    }

    /// A packet of somebody's came.
    package mutating func heard(_ slot: Int, _ sound: Sound, at now: Instant) -> Answer {
        guard isThere(slot) else { return .drop }
        let time = now.nanoseconds
        note(slot, sound, time)
        let wasIn = isOpen || speakers[slot].isIn
        if !speakers[slot].isIn, speakers[slot].spokeLast == time,
            let place = place(for: slot, time)
        {
            if places[place] >= 0 { speakers[places[place]].isIn = false }
            places[place] = slot
            speakers[slot].isIn = true
            speakers[slot].admitted = time
        }
        guard isOpen || speakers[slot].isIn else { return .drop }
        // What was passed on needs no repetition.
        let since = max(
            speakers[slot].spokeFirst,
            time &- Self.lookBack,
            speakers[slot].forwarded &+ 1
        )
        speakers[slot].forwarded = time
        return wasIn || since >= time ? .forward : .admit(from: Instant(nanoseconds: since))
    }

    private var isOpen: Bool { limit == 0 || count <= limit }

    private func isThere(_ slot: Int) -> Bool {
        slot >= 0 && slot < speakers.count && speakers[slot].isThere
    }

    private mutating func take(_ slot: Int) -> Int {
        speakers[slot] = Speaker(isThere: true)
        count += 1
        return slot
    }

    private mutating func note(_ slot: Int, _ sound: Sound, _ time: Int64) {
        var loud: Int32
        if let level = sound.level {
            loud = Int32(127 - min(level, 127)) << 8
            if !sound.hasVoice { loud = max(loud - Self.noVoice, 0) }
        } else {
            loud = sound.size > Self.silentBytes ? Self.nominal : 0
        }
        let fallen = loudness(slot, time)
        // Three quarters of the way up with each packet; down no faster than time lets it.
        speakers[slot].loudness = loud > fallen ? fallen + (loud - fallen) * 3 / 4 : fallen
        speakers[slot].time = time
        guard loud >= Self.speech else { return }
        if speakers[slot].spokeFirst == .min || time &- speakers[slot].spokeLast > Self.breath {
            speakers[slot].spokeFirst = time
        }
        speakers[slot].spokeLast = time
    }

    private func loudness(_ slot: Int, _ time: Int64) -> Int32 {
        let elapsed = min(max(time &- speakers[slot].time, 0), 10_000_000_000)
        let fallen = Int32(truncatingIfNeeded: elapsed * Self.fall * 256 / 1_000_000_000)
        return max(speakers[slot].loudness - fallen, 0)
    }

    /// The place that this one may take.
    private func place(for slot: Int, _ time: Int64) -> Int? {
        var least: Int?
        var leastLoudness = Int32.max
        for place in 0..<limit {
            let other = places[place]
            guard other >= 0 else { return place }
            let isSilent = time &- speakers[other].spokeLast > Self.breath
            let loudness = isSilent ? 0 : loudness(other, time)
            if loudness < leastLoudness {
                least = place
                leastLoudness = loudness
            }
        }
        guard let least else { return nil }
        let lead = speakers[slot].loudness - leastLoudness
        let isSettled = time &- speakers[places[least]].admitted >= Self.tenure
        return lead > (isSettled ? Self.margin : 2 * Self.margin) ? least : nil
    }
}
