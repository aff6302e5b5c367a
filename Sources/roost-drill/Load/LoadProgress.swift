internal import Callers
internal import Glibc

/// How a load goes, while it goes: on a terminal one line that changes each second, elsewhere a remark now
/// and then.
struct LoadProgress {
    private let people: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(people: Int) {
        self.people = people
    }

    func show(_ moment: LoadMoment, after last: LoadMoment?) {
        let seconds = Int(moment.time / .seconds(1))
        guard isTerminal || seconds.isMultiple(of: 10) else { return }
        let line = Self.line(moment, after: last, people: people)
        if isTerminal {
            Terminal.mutter("\r\u{1B}[K\(line)")
        } else {
            Terminal.remark(line)
        }
    }

    func end() {
        if isTerminal { Terminal.mutter("\r\u{1B}[K") }
    }

    private static func line(
        _ moment: LoadMoment,
        after last: LoadMoment?,
        people: Int
    ) -> String {
        let tally = moment.tally
        var line = "\(Int(moment.time / .seconds(1))) s: \(tally.inside) of \(people) in calls"
        guard let last else { return line }
        let time = max((moment.time - last.time) / .seconds(1), 0.001)
        let packets = Double(tally.counts.mediaIn &- last.tally.counts.mediaIn) / time
        let bits = Double(tally.counts.bytesIn &- last.tally.counts.bytesIn) * 8 / time / 1e6
        line += ", \(Figure.text(packets)) packets/s, \(Figure.text(bits)) Mbit/s to them"
        let delay = tally.pictureDelay.since(last.tally.pictureDelay)
        let sound = tally.soundDelay.since(last.tally.soundDelay)
        let p99 = (delay.count > 0 ? delay : sound).percentile(99) / .milliseconds(1)
        line += ", p99 \(Figure.text(p99)) ms"
        if let now = moment.serverSeconds, let before = last.serverSeconds {
            line += ", server \(Figure.text((now - before) / time * 100)) %"
        }
        line += ", tool \(Figure.text((moment.toolSeconds - last.toolSeconds) / time * 100)) %"
        let failed = tally.failures.values.reduce(0, +)
        return failed > 0 ? "\(line), \(failed) failed" : line
    }
}
