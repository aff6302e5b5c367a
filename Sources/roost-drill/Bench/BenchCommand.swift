internal import Glibc
internal import IO

/// `roost-drill bench`: runs the benches that were asked for, one after the other.
enum BenchCommand {
    static let benches: [any Bench.Type] = [
        StartBench.self, HTTPBench.self, WebSocketBench.self, FanoutBench.self, TLSBench.self,
        StoreBench.self, RedisBench.self, MutexBench.self, PlacementBench.self, SeeingBench.self,
        CallsBench.self,
        ClusterBench.self, MediaBench.self,
    ]

    static var help: String {
        let list = benches.map { bench in
            let gap = String(repeating: " ", count: max(12 - bench.name.utf8.count, 1))
            return "  \(bench.name)\(gap)\(bench.summary)"
        }
        return """
            roost-drill: measures Roost on this machine

            roost-drill bench [NAME...] [--quick] [--json FILE] [--roost FILE]

            \(list.joined(separator: "\n"))

              --quick        shorter runs, to see that everything works
              --json FILE    write the figures there, too
              --roost FILE   measure this roost, rather than the one beside roost-drill

            Each figure is a line: figure NAME VALUE UNIT LIMIT ok|short. Exit codes: 0 all figures are
            within their limits, 1 one is short or could not be measured, 2 not understood.
            """
    }

    /// True if every figure is within its limit.
    static func run(_ arguments: [String]) async throws -> Bool {
        var terms = BenchTerms(roost: try Workbench.neighbour("roost"))
        var names: Set<String> = []
        var jsonPath: String?
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--quick": terms.isQuick = true
            case "--json": jsonPath = try value(of: argument, in: &rest)
            case "--roost": terms.roost = try value(of: argument, in: &rest)
            case "--help", "-h":
                Terminal.say(help)
                return true
            default:
                guard benches.contains(where: { $0.name == argument }) else {
                    throw DrillFault("there is no bench \"\(argument)\"\n\n\(help)", code: 2)
                }
                names.insert(argument)
            }
        }
        let limit = try DescriptorLimit.raise()
        var book = FigureBook()
        book.remark(
            "load average \(load()), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, "
                + "\(limit) open files; nothing is pinned to a core"
        )
        for bench in benches where names.isEmpty || names.contains(bench.name) {
            try await bench.run(terms, into: &book)
        }
        book.remark("load average at the end \(load())")
        if let jsonPath { try Workbench.write(book.json, to: jsonPath) }
        return book.isFine
    }

    private static func value(
        of option: String,
        in rest: inout ArraySlice<String>
    ) throws -> String {
        guard let value = rest.popFirst() else {
            throw DrillFault("\(option) needs a file's name\n\n\(help)", code: 2)
        }
        return value
    }

    /// How many wanted a core during the last minute: what else went on while we measured.
    private static func load() -> String {
        var average = 0.0
        return unsafe getloadavg(&average, 1) == 1 ? Figure.text(average) : "unknown"
    }
}
