import Testing
import roost_drill

@Suite struct `A figure` {
    @Test func `is a line of words with its limit and its verdict`() {
        let figure = Figure(name: "http_ratio", value: 0.9126, unit: "x", limit: .atLeast(0.6))
        #expect(figure.description == "figure http_ratio 0.913 x >=0.6 ok")
    }

    @Test func `is fine without a limit, whatever it is`() {
        let figure = Figure(name: "start_ready_slowest", value: 1e6, unit: "ms")
        #expect(figure.description == "figure start_ready_slowest 1000000 ms - ok")
    }

    @Test(arguments: [
        (Figure.Limit.atLeast(0.6), 0.6, false), (.atLeast(0.6), 0.599, true),
        (.atMost(150), 150, false), (.atMost(150), 150.1, true),
    ])
    func `is short beyond its limit, not at it`(
        limit: Figure.Limit,
        value: Double,
        isShort: Bool
    ) {
        let figure = Figure(name: "a", value: value, unit: "x", limit: limit)
        #expect(figure.isShort == isShort)
        #expect(figure.description.hasSuffix(isShort ? " short" : " ok"))
    }

    @Test(arguments: [
        (0.0, "0"), (0.05, "0.05"), (0.0004, "0"), (-0.0004, "0"), (-1.25, "-1.25"), (2.5, "2.5"),
        (9.9996, "10"), (12.34, "12.3"), (99.96, "100"), (123.4, "123"), (48_287.4, "48287"),
    ])
    func `is written with the digits that mean something`(value: Double, text: String) {
        #expect(Figure.text(value) == text)
    }
}
