internal import Glibc
internal import IO

/// `roost-drill load`: so many people in so many calls, with all that a client does about media.
enum LoadCommand {
    static let help = """
        roost-drill load [--plan FILE] [--OPTION VALUE]...

        People in calls over the real protocol: websocket, ICE, DTLS, SRTP, data channel, offers and answers,
        NACK, PLI, transport-cc, reports. What they hear is counted by its numbers, and a sample of it decrypted.

          --plan FILE           options from a file of TOML, where per_call is --per-call; words here win
          --target ADDRESS      a node that runs already, such as 127.0.0.1:8065; else one of the tool's own
          --allow-remote        the target may be another machine
          --key FILE            the secret (HS256) with which passes are signed for the target; without it,
          --key-name NAME       people log in by name, as the identity provider "dev" lets them
          --pid N               the target's process, for its processor time and memory
          --set KEY=VALUE       a setting of the tool's own node; may be said again
          --server-cpus LIST    processors for the tool's own node, as taskset has them
          --roost FILE          the roost to start, rather than the one beside roost-drill

          --calls N (1)  --per-call N (10)  --unmuted N (1): of each call  --cameras N (0): of each call
          --screens N (0): calls with a screen  --simulcast  --loss PERCENT (0): of datagrams, both ways
          --profile gcm|cm  --voice-bytes N (120)  --voice-rate N (50)  --picture-rate N (30)
          --screen-bitrate N (1600000)  --camera-bitrate N (1000000)
          --mutes, --hands, --reactions, --rejoins, --moves N (0): how often a minute each person does so;
                                a move is a change of network, with another UDP port and another websocket
          --ramp TIME (5s)  --settle TIME (2s)  --duration TIME (30s)  --seed N (1)
          --threads N (1)  --cpus N,N: of the tool's threads  --opens-every N (8): packets, one decrypted

          --json FILE           all figures, failures and seconds
          --html FILE           the same for people, with plots

        Ends by itself. Exit codes: 0 all figures are within their limits, 1 somebody failed, or a figure is
        short, 2 not understood, 3 the tool itself was saturated, so that figures by the clock are its own.
        """

    private struct Terms {
        var plan = LoadPlan()
        var json: String?
        var html: String?
        var roost: String
    }

    /// The exit code.
    static func run(_ arguments: [String]) throws -> Int32 {
        var terms = Terms(roost: try Workbench.neighbour("roost"))
        var rest = arguments[...]
        if rest.contains(where: { $0 == "--help" || $0 == "-h" }) {
            Terminal.say(help)
            return 0
        }
        // The file first, wherever it stands: words win.
        if let place = rest.firstIndex(of: "--plan"), place + 1 < rest.endIndex {
            try read(rest[place + 1], into: &terms.plan)
            rest.removeSubrange(place...place + 1)
        }
        while let option = rest.popFirst() { try take(option, &rest, into: &terms) }
        _ = try DescriptorLimit.raise()
        return try play(terms)
    }

    private static func take(
        _ option: String,
        _ rest: inout ArraySlice<String>,
        into terms: inout Terms
    ) throws {
        let value = LoadPlan.isSwitch(option) ? nil : rest.popFirst()
        switch option {
        case "--json": terms.json = try given(value, option)
        case "--html": terms.html = try given(value, option)
        case "--roost": terms.roost = try given(value, option)
        default:
            do throws(LoadPlanFault) {
                guard try terms.plan.take(option, value) else {
                    throw LoadPlanFault(name: option, faults: ["there is no such option"])
                }
            } catch {
                throw DrillFault("\(error)\n\nroost-drill load --help says what there is", code: 2)
            }
        }
    }

    private static func given(_ value: String?, _ option: String) throws -> String {
        guard let value else { throw DrillFault("\(option) needs a value", code: 2) }
        return value
    }

    private static func read(_ path: String, into plan: inout LoadPlan) throws {
        do {
            let bytes = try FileContent.read(path)
            try plan.read(bytes.span, named: path)
        } catch let fault as LoadPlanFault {
            throw DrillFault(fault.description, code: 2)
        } catch let fault as SystemFault {
            throw DrillFault("there is no plan to be played: \(fault)", code: 2)
        }
    }

    private static func play(_ terms: Terms) throws -> Int32 {
        let report = try report(of: terms.plan, roost: terms.roost)
        Terminal.say("\(report.text)\n")
        for figure in report.figures { Terminal.say(figure.description) }
        if let path = terms.json { try Workbench.write(report.json, to: path) }
        if let path = terms.html {
            let plan = terms.plan
            let title = "\(plan.calls) calls of \(plan.perCall) people"
            try Workbench.write([UInt8](LoadPage(report: report, title: title).html.utf8), to: path)
        }
        if !report.failures.isEmpty || report.figures.contains(where: \.isShort) { return 1 }
        return report.saturation.isEmpty ? 0 : 3
    }

    /// Plays it against its target, or a node of the tool's own.
    static func report(of plan: LoadPlan, roost: String) throws -> LoadReport {
        try report(of: plan, at: try LoadServer(plan, roost: roost))
    }

    /// Plays it, and ends the server if it is the tool's own.
    static func report(of plan: LoadPlan, at server: any LoadTarget) throws -> LoadReport {
        defer { server.end() }
        let run = try LoadRun(plan, server: server)
        defer { run.end() }
        try run.play()
        guard let report = LoadReport(run) else {
            throw DrillFault("nothing was measured; make --duration longer")
        }
        return report
    }
}
