/// What wrk said of a run.
package struct WrkReport {
    package var requests: Double
    package var seconds: Double
    package var p99Milliseconds: Double

    package var perSecond: Double { requests / seconds }

    /// Reads wrk's report, which has lines such as `99%    2.10ms` and `21042 requests in 3.00s, 4MB
    /// read`. Nil if it lacks them, or tells of errors: a run with errors measures something else.
    package init?(_ text: String) {
        var requests: Double?
        var seconds: Double?
        var p99: Double?
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count >= 4, words[1] == "requests", words[2] == "in" {
                requests = Double(words[0])
                seconds = Self.milliseconds(words[3].prefix { $0 != "," }).map { $0 / 1_000 }
            } else if words.first == "99%", words.count == 2 {
                p99 = Self.milliseconds(words[1])
            } else if words.first == "Non-2xx" || words.first == "Socket" {
                return nil
            }
        }
        guard let requests, let seconds, let p99, requests > 0, seconds > 0 else { return nil }
        self.requests = requests
        self.seconds = seconds
        p99Milliseconds = p99
    }

    private static func milliseconds(_ text: Substring) -> Double? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let scale: Double? =
            switch text.dropFirst(digits.count) {
            case "us": 0.001
            case "ms": 1
            case "s": 1_000
            case "m": 60_000
            default: nil
            }
        guard let scale, let value = Double(digits) else { return nil }
        return value * scale
    }
}
