internal import Basics
internal import Crypto
internal import Glibc
internal import IO

/// `roost-drill chaos`: people in calls on a cluster of its own, while its nodes are killed, frozen and told
/// to go, and its Redis with them.
enum ChaosCommand {
    static let help = """
        roost-drill chaos [--drill FILE] [--minutes N] [--seed S] [--nodes N] [--report FOLDER]

          --drill FILE     what is done, and what must hold; cluster/drills/kill-host.toml if not said
          --minutes N      how long, such as 0.5; as long as the drill says if not said
          --seed S         repeats what was drawn by a run: who does what, and which node is struck
          --nodes N        how many nodes, 2 to 9 (3)
          --report FOLDER  where history, logs and verdict go, report.html first; chaos-DRILL-SEED if not said
          --roost FILE     try this roost, rather than the one beside roost-drill

        It strikes nothing but what it has started. Exit codes: 0 all held, 1 something was violated, 2 not
        understood, 3 void: the drill did not do what it says, and nothing is known from it.
        """

    private struct Terms {
        var drill = "cluster/drills/kill-host.toml"
        var length: Duration?
        var seed: UInt64
        var nodes = 3
        var report: String?
        var roost: String
    }

    /// The exit code.
    static func run(_ arguments: [String]) throws -> Int32 {
        var random = SecureRandom()
        var terms = Terms(
            seed: UInt64.random(in: 1...999_999_999, using: &random),
            roost: try Workbench.neighbour("roost")
        )
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if option == "--help" || option == "-h" {
                Terminal.say(help)
                return 0
            }
            guard let value = rest.popFirst() else {
                throw DrillFault("\(option) is not known, or needs a value\n\n\(help)", code: 2)
            }
            try take(option, value, into: &terms)
        }
        _ = try DescriptorLimit.raise()
        return try run(terms)
    }

    private static func take(_ option: String, _ value: String, into terms: inout Terms) throws {
        switch option {
        case "--drill": terms.drill = value
        case "--report": terms.report = value
        case "--roost": terms.roost = value
        case "--minutes":
            guard let minutes = Double(value), minutes > 0, minutes <= 10_000 else {
                throw DrillFault("--minutes needs a number, such as 0.5\n\n\(help)", code: 2)
            }
            terms.length = .seconds(60) * minutes
        case "--seed":
            guard let seed = UInt64(value) else {
                throw DrillFault("--seed needs a whole number\n\n\(help)", code: 2)
            }
            terms.seed = seed
        case "--nodes":
            guard let nodes = Int(value), 2...9 ~= nodes else {
                throw DrillFault("--nodes needs a number from 2 to 9\n\n\(help)", code: 2)
            }
            terms.nodes = nodes
        default: throw DrillFault("there is no option \(option)\n\n\(help)", code: 2)
        }
    }

    private static func run(_ terms: Terms) throws -> Int32 {
        let file = terms.drill.split(separator: "/").last.map { String($0) } ?? terms.drill
        let name = file.hasSuffix(".toml") ? String(file.dropLast(5)) : file
        let plan = try readPlan(terms.drill, as: name)
        Terminal.remark("drill \(name), seed \(terms.seed), \(terms.nodes) nodes")
        let start = Loop.readClock()
        let stage = try ChaosStage(
            plan,
            in: terms.drill.contains("/") ? String(terms.drill.dropLast(file.count + 1)) : ".",
            nodes: terms.nodes,
            roost: terms.roost,
            seed: terms.seed
        )
        defer { stage.end() }
        var why = try play(stage, terms.length ?? plan.length)
        stage.end()
        let history = try stage.history()

        let verdict = DrillVerdict(history, bounds: plan.bounds)
        let report = ChaosReport(plan: plan, seed: terms.seed, verdict: verdict, start: start)
        var book = FigureBook()
        report.add(to: &book)
        Terminal.say("\n\(report.text)")
        if why == nil { why = doubt(verdict, history) }
        // The tool was a fault of its own then, of which nobody knows what it did.
        let isStalled = stage.longestStall > mostStall
        if isStalled {
            why = DrillVoid(
                "the machine was too busy: packets or people waited for \(stage.longestStall) in the tool"
            )
        }
        let folder = terms.report ?? "chaos-\(name)-\(terms.seed)"
        // What was violated was violated, whatever else went wrong.
        let isVoid = isStalled || verdict.violations.isEmpty && why != nil
        let code: Int32 = isVoid ? 3 : book.isFine ? 0 : 1
        if let why { Terminal.say("void: \(why)") }
        let word = code == 0 ? "passed" : code == 3 ? "void" : "FAILED"
        let facts = ChaosPage.Facts(
            drill: name,
            summary: plan.summary,
            seed: terms.seed,
            nodes: terms.nodes,
            word: word,
            doubt: why.map { "\($0)" },
            versions: versions(terms.roost, plan),
            start: start
        )
        let page = ChaosPage(facts, history, verdict, book.figures)
        try keep(history, report, page, book, stage.logs(), in: folder)
        Terminal.say("\(word): drill \(name), seed \(terms.seed), history in \(folder)")
        return code
    }

    /// Less than any node waits for before it believes that another is gone.
    private static let mostStall = Duration.milliseconds(250)

    /// What has run, as each says of itself.
    private static func versions(_ roost: String, _ plan: DrillPlan) -> [String] {
        var programs = [
            (roost, ["version"]), (RedisMachine.program, ["--version"]), ("/bin/uname", ["-sr"]),
        ]
        if plan.balancer != nil { programs.append((ChaosBalancer.program, ["-v"])) }
        return programs.map { program, words in
            do {
                let child = try Child(program, words, name: "version")
                let code = child.wait()
                guard code == 0,
                    let line = try child.said().split(whereSeparator: \.isNewline).first
                else { return "\(program) does not say what it is (\(code))" }
                return String(line)
            } catch {
                return "\(program) does not say what it is: \(error)"
            }
        }
    }

    private static func readPlan(_ path: String, as name: String) throws -> DrillPlan {
        let bytes: [UInt8]
        do throws(SystemFault) {
            bytes = try FileContent.read(path)
        } catch {
            throw DrillFault("there is no drill to be played: \(error)", code: 2)
        }
        do throws(DrillPlanFault) {
            return try DrillPlan(parsing: bytes.span, as: name)
        } catch {
            throw DrillFault(error.description, code: 2)
        }
    }

    /// Plays it, and says why nothing is known from it, if so.
    private static func play(_ stage: ChaosStage, _ length: Duration) throws -> DrillVoid? {
        do {
            try stage.play(for: length)
            return nil
        } catch let void as DrillVoid {
            return void
        }
    }

    /// Why a run without a fault may mean nothing.
    private static func doubt(_ verdict: DrillVerdict, _ history: DrillHistory) -> DrillVoid? {
        if verdict.blows == 0 { return DrillVoid("nothing was done to anybody") }
        if verdict.recovery.misses == verdict.blows {
            return DrillVoid("no blow hit a node with anybody of a call")
        }
        if verdict.deeds.count < history.cast.count {
            return DrillVoid("hardly anybody did a thing")
        }
        if history.cast.contains(where: \.speaks), verdict.sound.comparisons == 0 {
            return DrillVoid("nobody could be heard")
        }
        if verdict.comparisons == 0 || verdict.finalPictures == 0 {
            return DrillVoid("nobody looked")
        }
        if history.entries.count >= Recorder.most {
            return DrillVoid("more happened than can be recorded; make it shorter")
        }
        return nil
    }

    private static func keep(
        _ history: DrillHistory,
        _ report: ChaosReport,
        _ page: ChaosPage,
        _ book: FigureBook,
        _ logs: [(name: String, text: [UInt8])],
        in folder: String
    ) throws {
        if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw SystemFault.last("make \(folder)")
        }
        var lines: [UInt8] = []
        history.write(into: &lines)
        try Workbench.write(lines, to: "\(folder)/history.jsonl")
        try Workbench.write([UInt8]((report.text + "\n").utf8), to: "\(folder)/verdict.txt")
        try Workbench.write([UInt8](page.html.utf8), to: "\(folder)/report.html")
        try Workbench.write(book.json, to: "\(folder)/figures.json")
        for (name, text) in logs { try Workbench.write(text, to: "\(folder)/\(name)") }
    }
}
