internal import Basics
internal import Callers
internal import Wire

/// What a load has shown: figures, a table for people, all of it as JSON.
package struct LoadReport: Sendable {
    package let plan: LoadPlan
    /// How many were to be in: as many as the plan has people, or more where one has a connection for each
    /// direction.
    package let expected: Int
    /// Before anybody came, and once all were in.
    package let rest: LoadMoment
    package let arrived: LoadMoment
    package let moments: [LoadMoment]
    /// Between these it was measured.
    package let first: LoadMoment
    package let last: LoadMoment
    /// Who was in a call and should have heard something of a kind, and did not.
    package let deaf: (toSound: Int, toPictures: Int)

    /// Nil if there is nothing to measure between.
    init?(_ run: LoadRun) {
        let window = run.window
        guard !window.isEmpty, run.moments.indices.contains(window.upperBound) else { return nil }
        plan = run.plan
        expected = run.expected
        rest = run.rest
        arrived = run.arrived
        moments = run.moments
        first = moments[window.lowerBound]
        last = moments[window.upperBound]
        let isOneEach = expected == plan.people
        deaf =
            isOneEach
            ? (
                max(run.deaf.toSound - plan.peopleWithout(.voice), 0),
                max(run.deaf.toPictures - plan.peopleWithout(.screen, .camera), 0)
            ) : (0, 0)
    }

    // MARK: - What it comes to

    private var seconds: Double { max((last.time - first.time) / .seconds(1), 0.001) }

    private func between(_ key: KeyPath<CallerCounts, UInt64>) -> Double {
        Double(last.tally.counts[keyPath: key] &- first.tally.counts[keyPath: key])
    }

    /// Packets of media that came to people.
    package var packetsHeard: Double { between(\.mediaIn) }
    package var packetsSent: Double { between(\.mediaOut) }
    /// Of what came in, also reports.
    private var toolMicroseconds: Double {
        let packets = packetsHeard + between(\.reportsIn)
        return packets > 0 ? (last.toolSeconds - first.toolSeconds) / packets * 1e6 : 0
    }

    package var lostPercent: Double {
        let lost = last.tally.lost > first.tally.lost ? last.tally.lost - first.tally.lost : 0
        let hidden = last.tally.hidden &- first.tally.hidden
        let all = packetsHeard + Double(lost)
        return all > 0 ? Double(lost + hidden) / all * 100 : 0
    }

    /// All that went wrong, with how often.
    package var failures: [(why: String, count: Int)] {
        var failures = last.tally.failures.map { (why: $0.key, count: $0.value) }
        if !plan.isRestless {
            if deaf.toSound > 0 {
                failures.append(("in a call with voices, and heard none", deaf.toSound))
            }
            if deaf.toPictures > 0 {
                failures.append(("in a call with pictures, and saw none", deaf.toPictures))
            }
        }
        let missing =
            expected - last.tally.inside - last.tally.failures.values.reduce(0, +)
        if missing > 0, plan.rejoins == 0, plan.moves == 0 {
            failures.append(("not in a call at the end", missing))
        }
        let spoilt = Int(between(\.spoilt))
        if spoilt > 0 { failures.append(("packets were not what their senders wrote", spoilt)) }
        return failures.sorted { ($1.count, $0.why) < ($0.count, $1.why) }
    }

    /// Why figures by the clock are the tool's own rather than the server's.
    package var saturation: [String] {
        var reasons: [String] = []
        let busy = (last.busiestSeconds - first.busiestSeconds) / seconds
        if busy > 0.85 {
            reasons.append(
                "a thread of the tool was busy for \(Figure.text(busy * 100)) % of the time"
            )
        }
        let late = last.tally.lateness.percentile(99)
        if late > .milliseconds(20) {
            reasons.append(
                "one frame of a hundred began \(Figure.text(late / .milliseconds(1))) ms late"
            )
        }
        let lost = last.tally.overflowed &- first.tally.overflowed
        if lost > 0 { reasons.append("the tool read too slowly for \(lost) datagrams") }
        let dropped = Int(between(\.dropped))
        if dropped > 0 { reasons.append("the tool had no room to send \(dropped) packets") }
        return reasons
    }

    package var figures: [Figure] {
        var figures: [Figure] = []
        func add(_ name: String, _ value: Double, _ unit: String, _ limit: Figure.Limit? = nil) {
            figures.append(Figure(name: "load_\(name)", value: value, unit: unit, limit: limit))
        }
        let ms = Duration.milliseconds(1)
        add(
            "people",
            Double(last.tally.inside),
            "people",
            .atLeast(plan.isRestless ? 1 : Double(expected))
        )
        add("failures", Double(failures.reduce(0) { $0 + $1.count }), "failures", .atMost(0))
        add("packets", packetsHeard / seconds, "packets/s")
        add("bits", between(\.bytesIn) * 8 / seconds / 1e6, "Mbit/s")
        add("lost", lostPercent, "%", plan.loss > 0 || plan.isRestless ? nil : .atMost(0.1))
        for (name, spread) in [
            ("sound", last.tally.soundDelay), ("picture", last.tally.pictureDelay),
        ]
        where spread.count > 0 {
            add("\(name)_delay_p50", spread.percentile(50) / ms, "ms")
            add("\(name)_delay_p99", spread.percentile(99) / ms, "ms")
            add("\(name)_delay_p999", spread.percentile(99.9) / ms, "ms")
        }
        let joins = last.tally.joinTime
        add("join_p50", joins.percentile(50) / ms, "ms")
        add("join_p99", joins.percentile(99) / ms, "ms")
        if last.tally.eventDelay.count > 0 {
            add("event_p50", last.tally.eventDelay.percentile(50) / ms, "ms")
            add("event_p99", last.tally.eventDelay.percentile(99) / ms, "ms")
        }
        addServer(to: &figures)
        addTool(to: &figures)
        return figures
    }

    private func addServer(to figures: inout [Figure]) {
        func add(_ name: String, _ value: Double, _ unit: String) {
            figures.append(Figure(name: "load_server_\(name)", value: value, unit: unit))
        }
        guard let before = first.serverSeconds, let after = last.serverSeconds else { return }
        let used = after - before
        add("cpu", used / seconds * 100, "% of a core")
        if packetsHeard > 0 {
            add("packet_out", used / packetsHeard * 1e6, "us")
            add("packet_in_and_out", used / (packetsHeard + packetsSent) * 1e6, "us")
            let bits = between(\.bytesIn) * 8 / seconds
            add("vcpu_per_gbit", used / seconds / (bits / 1e9), "vCPU/(Gbit/s)")
        }
        guard let empty = rest.serverBytes, let full = last.serverBytes else { return }
        let people = max(min(last.tally.inside, plan.people), 1)
        add("resident", (full - empty) / Double(people) / 1_024, "KiB/person")
        if let atRest = rest.serverSeconds, let then = arrived.serverSeconds {
            add("join_cpu", (then - atRest) / Double(people) * 1e3, "ms/person until all were in")
        }
    }

    private func addTool(to figures: inout [Figure]) {
        let people = Double(max(last.tally.inside, 1))
        let isReceiver = packetsHeard > 5 * packetsSent
        figures.append(
            Figure(
                name: "load_tool_packet",
                value: toolMicroseconds,
                unit: "us",
                limit: isReceiver ? .atMost(3) : nil
            )
        )
        figures.append(
            Figure(
                name: "load_tool_resident",
                value: (last.toolBytes - rest.toolBytes) / people / 1_024,
                unit: "KiB/person",
                limit: plan.people >= 100 ? .atMost(100) : nil
            )
        )
    }

    // MARK: - For people

    package var text: String {
        var rows: [(String, String)] = [
            ("people", "\(last.tally.inside) of \(expected), in \(plan.calls) calls"),
            ("measured for", "\(Figure.text(seconds)) s"),
            ("media to them", "\(Int(packetsHeard)) packets, \(Int(between(\.reportsIn))) reports"),
            (
                "media from them",
                "\(Int(packetsSent)) packets, \(Int(between(\.reportsOut))) reports"
            ),
            ("opened and compared", "\(Int(between(\.opened))), spoilt \(Int(between(\.spoilt)))"),
            (
                "asked for again",
                "\(Int(between(\.askedAgain))), came again \(Int(between(\.repaired))), "
                    + "duplicates \(Int(between(\.duplicates)))"
            ),
            ("key frames asked for", "\(Int(between(\.picturesAsked)))"),
        ]
        if plan.loss > 0 {
            rows.append(("lost on purpose", "\(last.tally.lostOnPurpose) datagrams"))
        }
        if plan.rejoins > 0 || plan.moves > 0 {
            rows.append(("came again, moved", "\(last.tally.rejoined), \(last.tally.moved)"))
        }
        for figure in figures {
            let limit = figure.limit.map { "  (\($0)\(figure.isShort ? ", short" : ""))" } ?? ""
            rows.append((figure.name, "\(Figure.text(figure.value)) \(figure.unit)\(limit)"))
        }
        for (why, count) in failures { rows.append(("FAILED, \(count)", why)) }
        for reason in saturation { rows.append(("SATURATED", reason)) }
        let width = rows.map { $0.0.count }.max() ?? 0
        return rows.map { row in
            row.0 + String(repeating: " ", count: width - row.0.count + 2) + row.1
        }.joined(separator: "\n")
    }

    /// Everything, for machines.
    package var json: [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.member("figures", figures)
            json.key("failures")
            json.beginArray()
            for (why, count) in failures {
                json.beginObject()
                json.member("why", why)
                json.member("count", Int64(count))
                json.endObject()
            }
            json.endArray()
            json.key("saturation")
            json.beginArray()
            for reason in saturation { json.string(reason) }
            json.endArray()
            json.key("seconds")
            json.beginArray()
            for point in curves {
                json.beginObject()
                json.member("at", point.time)
                for (name, value) in point.values { json.member(name, value) }
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
        return bytes + [UInt8(ascii: "\n")]
    }

    /// What changed from second to second.
    package struct Point: Sendable {
        package var time: Double
        package var values: [(name: String, value: Double)]
    }

    package var curves: [Point] {
        zip(moments, moments.dropFirst()).compactMap { before, after in
            let time = (after.time - before.time) / .seconds(1)
            guard time > 0.2 else { return nil }
            let (old, new) = (before.tally, after.tally)
            var values: [(name: String, value: Double)] = [
                ("people in calls", Double(new.inside)),
                ("packets/s to people", Double(new.counts.mediaIn &- old.counts.mediaIn) / time),
                (
                    "Mbit/s to people",
                    Double(new.counts.bytesIn &- old.counts.bytesIn) * 8 / time / 1e6
                ),
                ("tool, % of a core", (after.toolSeconds - before.toolSeconds) / time * 100),
            ]
            // They begin anew when measuring does.
            let isWhole = new.pictureDelay.count >= old.pictureDelay.count
            let delay = isWhole ? new.pictureDelay.since(old.pictureDelay) : new.pictureDelay
            let isHeard = new.soundDelay.count >= old.soundDelay.count
            let sound = isHeard ? new.soundDelay.since(old.soundDelay) : new.soundDelay
            let spread = delay.count > 0 ? delay : sound
            values.append(("forwarding delay p99, ms", spread.percentile(99) / .milliseconds(1)))
            if let now = after.serverSeconds, let then = before.serverSeconds {
                values.append(("server, % of a core", (now - then) / time * 100))
            }
            if let bytes = after.serverBytes {
                values.append(("server resident, MiB", bytes / 1_048_576))
            }
            return Point(time: after.time / .seconds(1), values: values)
        }
    }
}

extension LoadPlan {
    /// How many are in calls in which nobody else sends anything of these kinds.
    func peopleWithout(_ kinds: LoadTrack.Kind...) -> Int {
        var count = 0
        for call in 0..<calls {
            let senders = (0..<perCall).filter { place in
                tracks(call: call, place: place).contains { kinds.contains($0.kind) }
            }
            count += senders.isEmpty ? perCall : senders.count == 1 ? 1 : 0
        }
        return count
    }
}
