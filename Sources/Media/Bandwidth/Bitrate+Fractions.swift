extension Bitrate {
    /// From the doubles that estimators reckon in. What is no rate (negative, not a number, beyond a
    /// terabit) becomes the nearest one that is.
    init(fraction: Double) {
        guard fraction > 0 else {
            self = .zero
            return
        }
        self.init(bitsPerSecond: Int64(min(fraction, 1e12)))
    }

    package var fraction: Double { Double(rawValue) }
}
