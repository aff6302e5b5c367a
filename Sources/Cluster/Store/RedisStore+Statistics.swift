package import Basics
internal import IO
package import Store

extension RedisStore {
    package func statistics(at now: WallTime) async throws(StoreFault) -> CallStatistics {
        let days = Self.spans(of: 30, before: now, labelled: 10)
        let months = Self.spans(of: 365, before: now, labelled: 7)
        let bounds = (days + months).flatMap { span in
            [
                "[" + StoreTime.text(nearest: span.start),
                "(" + StoreTime.text(nearest: span.end),
            ]
        }
        return try await perform(.statistics) { () async throws(StoreFault) in
            let answer = try await run(
                .statistics,
                [keys.callsByStart, keys.recordings, keys.callSums],
                bounds.map { Array($0.utf8) }
            )
            guard let parts = answer.value.elements, parts.count == 2 + bounds.count else {
                throw damaged(keys.callSums)
            }
            var statistics = CallStatistics()
            statistics.calls = Int(clamping: parts[0].number ?? 0)
            statistics.take(sums: parts[1])
            for (index, span) in (days + months).enumerated() {
                let calls = Int(clamping: parts[2 + 2 * index].number ?? 0)
                let recordings = Int(clamping: parts[3 + 2 * index].number ?? 0)
                let isDay = index < days.count
                if calls > 0 {
                    if isDay {
                        statistics.callsByDay.append((span.label, calls))
                    } else {
                        statistics.callsByMonth.append((span.label, calls))
                    }
                }
                guard recordings > 0 else { continue }
                if isDay {
                    statistics.recordingsByDay.append((span.label, recordings))
                } else {
                    statistics.recordingsByMonth.append((span.label, recordings))
                }
            }
            return statistics
        }
    }

    private struct Span {
        var label: String
        var start: WallTime
        var end: WallTime
    }

    /// The days or months of the last so many days, today among them: the first begins in its middle, at
    /// this time of day; the last ends with today.
    private static func spans(of count: Int64, before now: WallTime, labelled size: Int) -> [Span] {
        let day: Int64 = 86_400
        let first = WallTime(seconds: now.seconds - count * day)
        var spans: [Span] = []
        var start = first
        while start.seconds <= now.seconds {
            let midnight = start.seconds - modulo(start.seconds, day) + day
            let label = String(start.rfc3339.prefix(size))
            let end = WallTime(seconds: midnight)
            if spans.last?.label == label {
                spans[spans.count - 1].end = end
            } else {
                spans.append(Span(label: label, start: start, end: end))
            }
            start = end
        }
        return spans
    }

    private static func modulo(_ number: Int64, _ divisor: Int64) -> Int64 {
        let rest = number % divisor
        return rest < 0 ? rest + divisor : rest
    }
}

extension CallStatistics {
    fileprivate mutating func take(sums: RedisValue) {
        func sum(_ name: String) -> Int64 { sums[name]?.number ?? 0 }
        let (ended, attended) = (sum("ended"), sum("attended"))
        // As thousandths, cut off.
        if ended > 0 { meanSeconds = Double(sum("milliseconds") / ended) / 1_000 }
        if attended > 0 { meanPeople = Double(1_000 * sum("people") / attended) / 1_000 }
        videoSeconds = Int(clamping: sum("videoSeconds"))
        videoCalls = Int(clamping: sum("videoCalls"))
        screenCalls = Int(clamping: sum("screenCalls"))
    }
}
