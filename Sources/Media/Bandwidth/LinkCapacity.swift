/// Where the path gave in the last times: mean and spread of what arrived when overuse was seen.
///
/// Near it the rate controller treads carefully (draft-ietf-rmcat-gcc-02 section 5.5). In kilobits a
/// second, with the variance normalised by the mean.
struct LinkCapacity {
    private static let weight = 0.05

    private var mean: Double?
    private var variance = 0.4

    /// Takes what arrived, in bits a second, while the path was overused.
    mutating func add(_ rate: Double) {
        let sample = rate / 1_000
        let old = mean ?? sample
        let new = (1 - Self.weight) * old + Self.weight * sample
        mean = new
        let error = new - sample
        let fresh = (1 - Self.weight) * variance + Self.weight * error * error / max(new, 1)
        variance = min(max(fresh, 0.4), 2.5)
    }

    mutating func forget() { self = LinkCapacity() }

    /// Three standard deviations around the mean.
    var range: ClosedRange<Double>? {
        guard let mean else { return nil }
        let spread = 3 * (variance * mean).squareRoot()
        return max(mean - spread, 0) * 1_000...(mean + spread) * 1_000
    }
}
