import Crypto
import Testing

@Suite struct `A comparison in constant time` {
    @Test func `agrees with ==`() {
        let samples: [[UInt8]] = [[], [0], [1], [0, 0], [1, 2, 3], [1, 2, 4]]
        for one in samples {
            for other in samples {
                #expect(one.isEqualInConstantTime(to: other) == (one == other))
            }
        }
    }
}
