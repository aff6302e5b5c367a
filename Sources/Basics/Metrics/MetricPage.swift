/// The text that Prometheus reads (exposition format 0.0.4), written a line at a time.
struct MetricPage {
    private(set) var bytes: [UInt8] = []

    /// Writes the HELP and TYPE of the metric whose lines follow.
    mutating func begin(header: [UInt8]) {
        bytes += header
    }

    mutating func line(
        _ name: String,
        labels: [String] = [],
        _ values: [String] = [],
        value: UInt64
    ) {
        prefix(name, labels, values)
        bytes += String(value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func line(
        _ name: String,
        labels: [String] = [],
        _ values: [String] = [],
        value: Double
    ) {
        prefix(name, labels, values)
        append(value)
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func lines(
        _ name: String,
        labels: [String] = [],
        _ values: [String] = [],
        of histogram: Histogram
    ) {
        let counts = histogram.cumulativeCounts
        let bounds = histogram.buckets.bounds + [.infinity]
        let bucketName = name + "_bucket"
        for (bound, count) in zip(bounds, counts) {
            prefix(bucketName, labels, values, bound: bound)
            bytes += String(count).utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        line(name + "_sum", labels: labels, values, value: histogram.sum)
        line(name + "_count", labels: labels, values, value: counts.last ?? 0)
    }

    private mutating func prefix(
        _ name: String,
        _ labels: [String],
        _ values: [String],
        bound: Double? = nil
    ) {
        bytes += name.utf8
        if !labels.isEmpty || bound != nil {
            bytes.append(UInt8(ascii: "{"))
            for (label, value) in zip(labels, values) {
                bytes += label.utf8
                bytes += [UInt8(ascii: "="), UInt8(ascii: "\"")]
                appendEscaped(value, quotes: true, to: &bytes)
                bytes += [UInt8(ascii: "\""), UInt8(ascii: ",")]
            }
            if let bound {
                bytes += "le=\"".utf8
                append(bound)
                bytes.append(UInt8(ascii: "\""))
            } else {
                bytes.removeLast()
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func append(_ value: Double) {
        if value.isNaN {
            bytes += "NaN".utf8
        } else if value.isInfinite {
            bytes += (value < 0 ? "-Inf" : "+Inf").utf8
        } else if let whole = Int64(exactly: value), abs(value) < 9_007_199_254_740_992 {
            bytes += String(whole).utf8
        } else {
            bytes += value.description.utf8
        }
    }
}

/// Escapes a help text, or a label's value with its quotes, as the format wants it.
func appendEscaped(_ text: String, quotes: Bool, to bytes: inout [UInt8]) {
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\\"): bytes += [byte, byte]
        case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        case UInt8(ascii: "\"") where quotes: bytes += [UInt8(ascii: "\\"), byte]
        default: bytes.append(byte)
        }
    }
}
