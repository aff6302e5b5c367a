internal import Basics
internal import Glibc
internal import IO

/// `roost-drill peers`: the same work for Roost and for Janus, in turns, by the same people.
enum PeersCommand {
    static var help: String {
        let rows = (PeersRow.all + PeersRow.ofRTCD).map { row in
            let gap = String(repeating: " ", count: max(14 - row.name.utf8.count, 1))
            return "  \(row.name)\(gap)\(row.title)"
        }
        return """
            roost-drill peers [ROW...] [--rounds N] [--seconds N] [--json FILE] [--roost FILE]

            Roost and Debian's Janus (VideoRoom, two event loops) in turns, on this machine's own address, with
            the same synthetic people. Processor time is the server's process alone.

            \(rows.joined(separator: "\n"))

            Rows of rtcd are played by Roost alone, beside what is published; without any ROW they are left out, and
            "rtcd" stands for all of them.

              --rounds N     how often each of both is played (5); the medians count
              --seconds N    how long each is measured (6)
              --alone        without Janus
              --json FILE    write the figures there, too
              --roost FILE   measure this roost, rather than the one beside roost-drill

            A run beside which others took more than \(Figure.text(mostForeign * 100)) % of a core is played again,
            twice at most, and marked if that did not help. Exit codes as of bench.
            """
    }

    private struct Terms {
        var rows: [PeersRow] = []
        var rounds = 5
        var seconds = 6
        var isAlone = false
        var json: String?
        var roost: String
    }

    /// What one run came to.
    private struct Outcome {
        var report: LoadReport
        /// Processor time that others took meanwhile, as a part of a core.
        var foreign: Double
        var load: Double

        func value(_ name: String) -> Double? {
            report.figures.first { $0.name == "load_\(name)" }?.value
        }
    }

    /// True if every figure is within its limit.
    static func run(_ arguments: [String]) throws -> Bool {
        var terms = Terms(roost: try Workbench.neighbour("roost"))
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                Terminal.say(help)
                return true
            case "--alone": terms.isAlone = true
            case "--rounds": terms.rounds = try number(&rest, argument, 1...100)
            case "--seconds": terms.seconds = try number(&rest, argument, 1...600)
            case "--json": terms.json = rest.popFirst()
            case "--roost": terms.roost = rest.popFirst() ?? terms.roost
            case "rtcd": terms.rows += PeersRow.ofRTCD
            default:
                let all = PeersRow.all + PeersRow.ofRTCD
                guard let row = all.first(where: { $0.name == argument }) else {
                    throw DrillFault("there is no row \"\(argument)\"\n\n\(help)", code: 2)
                }
                terms.rows.append(row)
            }
        }
        if terms.rows.isEmpty { terms.rows = PeersRow.all }
        _ = try DescriptorLimit.raise()
        var book = FigureBook()
        for row in terms.rows { try play(row, terms, into: &book) }
        if let json = terms.json { try Workbench.write(book.json, to: json) }
        return book.isFine
    }

    private static func number(
        _ rest: inout ArraySlice<String>,
        _ option: String,
        _ range: ClosedRange<Int>
    ) throws -> Int {
        guard let number = rest.popFirst().flatMap({ Int($0) }), range.contains(number) else {
            throw DrillFault(
                "\(option) needs a number from \(range.lowerBound) to \(range.upperBound)",
                code: 2
            )
        }
        return number
    }

    // MARK: - A row

    private static func play(_ row: PeersRow, _ terms: Terms, into book: inout FigureBook) throws {
        var plan = row.plan
        plan.duration = .seconds(terms.seconds)
        if plan.ramp >= .seconds(1) { plan.ramp = .seconds(max(plan.people / 100, 1)) }
        let own = try JanusServer.ownAddress()
        var ours: [Outcome] = []
        var theirs: [Outcome] = []
        for round in 1...terms.rounds {
            let roost = try quietly(row, "Roost", round, &book) {
                var plan = plan
                plan.settings =
                    ["media.udp_address=\(own)", "media.tcp_address=\(own)"] + plan.settings
                let server = try LoadServer(plan, roost: terms.roost, home: own)
                return try LoadCommand.report(of: plan, at: server)
            }
            ours.append(roost)
            guard !terms.isAlone, row.published == nil else { continue }
            let janus = try quietly(row, "Janus", round, &book) {
                try LoadCommand.report(of: plan, at: try JanusServer(eventLoops: 2, cpus: nil))
            }
            theirs.append(janus)
        }
        note(row, ours, theirs, into: &book)
    }

    /// Plays a run again if others were at work meanwhile.
    private static func quietly(
        _ row: PeersRow,
        _ who: String,
        _ round: Int,
        _ book: inout FigureBook,
        _ body: () throws -> LoadReport
    ) throws -> Outcome {
        var outcome: Outcome
        var attempts = 0
        repeat {
            attempts += 1
            let report = try body()
            let used =
                report.last.toolSeconds - report.first.toolSeconds
                + (report.last.serverSeconds ?? 0) - (report.first.serverSeconds ?? 0)
            let time = (report.last.time - report.first.time) / .seconds(1)
            let busy = report.last.machineSeconds - report.first.machineSeconds
            outcome = Outcome(
                report: report,
                foreign: max(busy - used, 0) / max(time, 0.001),
                load: MachineReading.load
            )
        } while outcome.foreign > mostForeign && attempts < 3
        var line = "\(row.name), \(who), round \(round): "
        line += ["server_packet_out", "server_cpu", "lost", "picture_delay_p99", "sound_delay_p99"]
            .compactMap { name in outcome.value(name).map { "\(name) \(Figure.text($0))" } }
            .joined(separator: ", ")
        line +=
            "; load \(Figure.text(outcome.load)), others took "
            + "\(Figure.text(outcome.foreign * 100)) % of a core"
        if outcome.foreign > mostForeign { line += ": BUSY" }
        book.remark(line)
        for (why, count) in outcome.report.failures {
            book.remark("\(who): \(count) failed: \(why)")
        }
        for reason in outcome.report.saturation { book.remark("\(who): saturated: \(reason)") }
        return outcome
    }

    private static func note(
        _ row: PeersRow,
        _ ours: [Outcome],
        _ theirs: [Outcome],
        into book: inout FigureBook
    ) {
        let isStorm = row.plan.ramp < .seconds(1)
        let price = isStorm ? "server_join_cpu" : "server_packet_out"
        let unit = isStorm ? "ms" : "us"
        func median(_ outcomes: [Outcome], _ name: String) -> Double? {
            let values = outcomes.compactMap { $0.value(name) }
            return values.isEmpty ? nil : Sample(values).median
        }
        let name = "peers_" + row.name.map { $0 == "-" ? "_" : String($0) }.joined()
        let limit: Figure.Limit? = row.reach.map { .atMost($0) }
        if let value = median(ours, price) { book.add("\(name)_\(unit)", value, unit, limit) }
        for (who, outcomes) in [("", ours), ("janus_", theirs)] {
            if who != "", let value = median(outcomes, price) {
                book.add("\(name)_janus_\(unit)", value, unit)
            }
            for part in [
                "server_resident", "picture_delay_p99", "sound_delay_p99", "join_p99", "lost",
            ] {
                guard let value = median(outcomes, part) else { continue }
                let unit = part == "server_resident" ? "KiB" : part == "lost" ? "%" : "ms"
                book.add("\(name)_\(who)\(part)", value, unit)
            }
        }
        if let published = row.published {
            for (part, unit, value) in [
                ("server_packet_out", "us", published.packet),
                ("server_vcpu_per_gbit", "vCPU/(Gbit/s)", published.perGbit),
                ("server_resident", "KiB", published.resident),
            ] {
                guard let our = median(ours, part), our > 0 else { continue }
                if part == "server_vcpu_per_gbit" { book.add("\(name)_\(part)", our, unit) }
                book.add("\(name)_\(part)_published", value, unit)
                book.add("\(name)_\(part)_times", value / our, "x")
            }
        }
        if let our = median(ours, price), let their = median(theirs, price), our > 0 {
            book.add("\(name)_times", their / our, "x", .atLeast(row.times))
        }
    }

    private static let mostForeign = 0.3
}
