import Basics
import Media
import Testing

@Suite struct `Voice activity` {
    @Test func `says nothing before the fifty-first packet`() {
        var voice = VoiceActivity()
        for index in 0..<50 as Range<Int64> {
            #expect(voice.heard(index % 2 == 0 ? 10 : 127, at: .ms(index * 20)) == nil)
        }
        #expect(voice.heard(10, at: .ms(1_000)) == .on)
        #expect(voice.isOn)
    }

    /// Half the window at one level and half at another: the deviation is half the difference times
    /// the root of 50/49.
    @Test(arguments: [(20 as UInt8, false), (21, true), (22, true)])
    func `goes on when the rounded deviation exceeds ten`(difference: UInt8, goesOn: Bool) {
        var voice = VoiceActivity()
        var changes: [VoiceActivity.Change] = []
        for index in 0..<51 as Range<Int64> {
            let level: UInt8 = index % 2 == 0 ? 40 : 40 + difference
            if let change = voice.heard(level, at: .ms(index * 20)) { changes.append(change) }
        }
        #expect(changes == (goesOn ? [.on] : []))
    }

    @Test func `goes off two seconds after it went on, not sooner`() {
        var voice = VoiceActivity()
        speak(&voice)
        var off: Int64?
        for index in 51..<300 as Range<Int64> where voice.heard(90, at: .ms(index * 20)) == .off {
            off = index * 20
        }
        // On at 1,000 ms; silent for a whole window by 2,000.
        #expect(off == 3_000)
        #expect(!voice.isOn)
    }

    @Test func `goes off with the silence when it has lasted`() {
        var voice = VoiceActivity()
        for index in 0..<300 as Range<Int64> {
            _ = voice.heard(index % 2 == 0 ? 10 : 127, at: .ms(index * 20))
        }
        var off: Int64?
        for index in 300..<400 as Range<Int64> where voice.heard(127, at: .ms(index * 20)) == .off {
            off = index
        }
        // All but one packet of the window are silent: the deviation of a single 10 among 127 is 16.5;
        // it ends with the last one that is not.
        #expect(off == 348)
    }

    @Test func `ends with a mute, and begins with an empty window`() {
        var voice = VoiceActivity()
        speak(&voice)
        #expect(voice.mute() == .off)
        #expect(!voice.isOn)
        #expect(voice.mute() == .off, "always told")
        for index in 0..<50 as Range<Int64> {
            #expect(voice.heard(index % 2 == 0 ? 10 : 127, at: .ms(index * 20)) == nil)
        }
    }

    /// Against sums over the whole window, in floating point.
    @Test(arguments: UInt64(0)..<30)
    func `agrees with a window that is added up each time`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var voice = VoiceActivity()
        var window: [Double] = []
        var since: Int64?
        var spread = 4
        for index in 0..<1_500 as Range<Int64> {
            if index % 60 == 0 { spread = .random(in: 0...40, using: &random) }
            let level = UInt8(min(max(60 + .random(in: -spread...spread, using: &random), 0), 127))
            let now = index * 20
            var expected: VoiceActivity.Change?
            window.append(Double(level))
            if window.count > 50 {
                window.removeFirst()
                let mean = (window.reduce(0, +) / 50).rounded()
                let sum = window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                let deviation = (sum / 49).squareRoot().rounded()
                if let begin = since {
                    if deviation < 4, now - begin >= 2_000 {
                        expected = .off
                        since = nil
                    }
                } else if deviation > 10 {
                    expected = .on
                    since = now
                }
            }
            #expect(voice.heard(level, at: .ms(now)) == expected)
        }
    }

    private func speak(_ voice: inout VoiceActivity) {
        for index in 0..<51 as Range<Int64> {
            _ = voice.heard(index % 2 == 0 ? 10 : 127, at: .ms(index * 20))
        }
        #expect(voice.isOn)
    }
}
