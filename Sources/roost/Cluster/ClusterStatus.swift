internal import Wire

/// `roost cluster status`.
enum ClusterStatus {
    static func run(_ door: ClusterDoor, asJSON: Bool) async throws(CommandFault) -> ExitCode {
        let view = try await door.view()
        Terminal.say(asJSON ? view.json.text : text(view))
        return view.troubles.isEmpty ? .fine : .unwell
    }

    private static func text(_ view: ClusterView) -> String {
        guard !view.isAlone else {
            return """
                \(view.asked) is alone, and no node of a cluster; redis.url in its settings makes it one.
                It hosts \(view.calls.count) calls; roost cluster calls shows them.
                """
        }
        let people = view.nodes.reduce(0) { $0 + $1.people }
        let calls = view.nodes.reduce(0) { $0 + $1.callCount }
        var text = """
            Cluster \(view.json["cluster"]?.string ?? ""), as \(view.asked) sees it: nodes \
            \(view.nodes.count), calls \(calls), people \(people).


            """
        var table = Columns(
            "NODE",
            "STATE",
            "CALLS",
            "PEOPLE",
            "MAY HOST",
            "REDIS",
            "RUNS",
            "LINKS"
        )
        for node in view.nodes { add(node, view.at, to: &table) }
        text += table.text + rebalancing(view)
        if !view.troubles.isEmpty {
            text += "\n\n" + view.troubles.map { "! \($0)" }.joined(separator: "\n")
        }
        return text
    }

    /// What rebalancers see, if any is on, and what they have moved last.
    private static func rebalancing(_ view: ClusterView) -> String {
        let on = view.nodes.filter { $0.rebalance != nil && $0.rebalance != "off" }
        var moves: [(at: Int64, text: String)] = []
        for node in view.nodes {
            for move in node.moves where move["by"]?.string == "rebalancer" {
                guard let target = move["to"]?.string else { continue }
                let channel = move["name"]?.string ?? move["channel"]?.string ?? ""
                let time = ClusterView.time(move["at"])
                let text = "  \(time)  \(channel) from \(node.name) to \(target)"
                moves.append((move["at"]?.integer ?? 0, text))
            }
        }
        guard !on.isEmpty || !moves.isEmpty else { return "" }
        var text = "\n\nRebalancers:\n"
        text += on.map { "  \($0.name) \($0.rebalance ?? "")" }.joined(separator: "\n")
        guard !moves.isEmpty else { return text }
        let newest = moves.sorted { $0.at > $1.at }.prefix(shownMoves)
        return text + "\nMoved by them last:\n" + newest.map(\.text).joined(separator: "\n")
    }

    private static let shownMoves = 5

    private static func add(_ node: ClusterView.Node, _ now: Int64, to table: inout Columns) {
        guard node.answers else {
            let still = ClusterView.lasting(node.json["record"]?["still_ms"]?.integer ?? 0)
            return table.add(
                node.name,
                node.state,
                "\(node.callCount)",
                "\(node.people)",
                "-",
                "still for \(still)",
                "-",
                "-"
            )
        }
        let links = node.links.map { link in
            let name = link["node"]?.string ?? ""
            guard link["linked"]?.boolean == true else { return "\(name) broken" }
            let time = link["round_trip_ms"]?.number.map { "\(rounded($0)) ms" }
            let through = link["through"]?.string.map { " through \($0)" }
            return "\(name) \(time ?? "up")\(through ?? "")"
        }
        let redis = node.json["redis"]?["connected_since"]?.integer
        table.add(
            node.name,
            node.state,
            "\(node.callCount)",
            "\(node.people)",
            node.json["holds_for_ms"]?.integer.map(holding) ?? "no",
            redis.map { "for \(ClusterView.lasting(now - $0))" } ?? "no",
            "\(node.json["version"]?.string ?? ""), "
                + ClusterView.lasting(now - (node.json["since"]?.integer ?? now)),
            links.joined(separator: ", ")
        )
    }

    /// Who is the last of a cluster needs nobody's word.
    private static func holding(_ milliseconds: Int64) -> String {
        milliseconds < day ? "for \(milliseconds) ms" : "alone"
    }

    private static let day: Int64 = 86_400_000

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}
