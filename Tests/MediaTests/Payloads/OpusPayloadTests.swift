import Media
import Testing

@Suite struct `An Opus payload` {
    /// RFC 6716 table 2: configurations, and ticks of 48 kHz of a frame.
    @Test func `tells how long it sounds`() throws {
        let frames =
            [
                480, 960, 1_920, 2_880, 480, 960, 1_920, 2_880, 480, 960, 1_920, 2_880, 480, 960,
                480, 960,
            ]
            + [[Int]](repeating: [120, 240, 480, 960], count: 4).flatMap { $0 }
        for (configuration, ticks) in frames.enumerated() {
            for (code, count) in [1, 2, 2].enumerated() {
                let bytes = [UInt8(configuration << 3 | code), 0, 0]
                let payload = opus(bytes)
                #expect(payload?.duration == (ticks * count <= 5_760 ? ticks * count : nil))
            }
            for count in 0...63 {
                let bytes = [UInt8(configuration << 3 | 3), UInt8(count), 0]
                let sum = ticks * count
                #expect(opus(bytes)?.duration == (1...5_760 ~= sum ? sum : nil))
            }
        }
    }

    @Test func `tells silence, and whether it has two channels`() throws {
        for (bytes, isSilence, isStereo) in [
            ([0x78], true, false), ([0xFC, 0x81], true, true), ([0xF8, 0xFF, 0xFE], false, false),
        ] as [([UInt8], Bool, Bool)] {
            let payload = try #require(opus(bytes))
            #expect(payload.isSilence == isSilence && payload.isStereo == isStereo)
        }
    }

    @Test func `has at least a byte, and two where frames are counted`() {
        let none: [UInt8] = []
        #expect(opus(none) == nil)
        #expect(opus([0x7B]) == nil)
    }

    private func opus(_ bytes: [UInt8]) -> OpusPayload? {
        OpusPayload(bytes.span)
    }
}
