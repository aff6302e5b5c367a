internal import Basics
internal import Wire

/// A cluster as a node's `/cluster.json` has it.
struct ClusterView {
    struct Call {
        var json: JSONValue
        var node: String

        var channel: String { json["channel"]?.string ?? "" }
        /// What people call it, or its id.
        var name: String { json["name"]?.string ?? channel }
        var people: Int { Int(json["people"]?.integer ?? 0) }
        var token: String { json["token"]?.string ?? "" }
        var how: String { json["how"]?.string ?? "" }
    }

    struct Node {
        var json: JSONValue

        var name: String { json["name"]?.string ?? "" }
        var answers: Bool { json["answers"]?.boolean ?? false }
        var isDead: Bool { !answers && json["record"]?["state"]?.string == "dead" }
        var state: String {
            guard answers else { return isDead ? "dead" : "silent" }
            let state = json["state"]?.string ?? ""
            return state == "draining" && callCount == 0 ? "drained" : state
        }
        /// Of a node that says nothing, what it told Redis last. A dead one hosts nothing any more.
        var callCount: Int {
            guard !isDead else { return 0 }
            return Int(json["call_count"]?.integer ?? json["load"]?["calls"]?.integer ?? 0)
        }
        var people: Int {
            guard !answers else { return calls.reduce(0) { $0 + $1.people } }
            return isDead ? 0 : Int(json["load"]?["people"]?.integer ?? 0)
        }
        var calls: [Call] { json["calls"]?.array?.map { Call(json: $0, node: name) } ?? [] }
        var links: [JSONValue] { json["links"]?.array ?? [] }
        var moves: [JSONValue] { json["moves"]?.array ?? [] }
        /// How its rebalancer sees things; nil of a node that has none.
        var rebalance: String? { json["rebalance"]?.string }
        var relays: [JSONValue] { json["relays"]?.array ?? [] }
    }

    let json: JSONValue
    let nodes: [Node]

    init(_ json: JSONValue) {
        self.json = json
        nodes = json["nodes"]?.array?.map(Node.init) ?? []
    }

    var asked: String { json["asked"]?.string ?? "" }
    var isAlone: Bool { json["alone"]?.boolean ?? false }
    var at: Int64 { json["at"]?.integer ?? 0 }
    var calls: [Call] { nodes.flatMap(\.calls).sorted { ($0.name, $0.node) < ($1.name, $1.node) } }

    /// What somebody should see to, each with what to do.
    var troubles: [String] {
        var all: [String] = []
        for node in nodes {
            if !node.answers {
                all.append("\(node.name): \(node.json["why"]?.string ?? "it does not answer")")
            } else if node.state != "leaving", let obstacle = node.json["obstacle"]?.string {
                all.append("\(node.name): new calls can't begin: \(obstacle)")
            }
            for link in node.links { all += trouble(of: link, at: node).map { [$0] } ?? [] }
        }
        return all
    }

    private func trouble(of link: JSONValue, at node: Node) -> String? {
        let other = link["node"]?.string ?? ""
        let why = link["trouble"]?.string
        if let third = link["through"]?.string {
            return """
                \(node.name): reaches \(other) only through \(third); look at the network between the \
                two: \(why ?? "it could not be dialled")
                """
        }
        guard link["linked"]?.boolean == false else { return nil }
        guard let why else {
            return """
                \(node.name): no link to \(other); look at the logs of both, and at the network between \
                them
                """
        }
        return "\(node.name): no link to \(other): \(why)"
    }

    /// Milliseconds since 1970, for people.
    static func time(_ value: JSONValue?) -> String {
        guard let milliseconds = value?.integer else { return "" }
        let text = WallTime(milliseconds: milliseconds).rfc3339
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8) + "Z"
    }

    static func lasting(_ milliseconds: Int64) -> String {
        let seconds = max(milliseconds, 0) / 1_000
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3_600 { return "\(seconds / 60) min" }
        if seconds < 172_800 { return "\(seconds / 3_600) h \(seconds / 60 % 60) min" }
        return "\(seconds / 86_400) days"
    }
}

/// Lines of words in columns, each as wide as its widest word.
struct Columns {
    private var rows: [[String]]

    init(_ head: String...) { rows = [head] }

    mutating func add(_ row: String...) { rows.append(row) }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, word) in row.enumerated() {
                let isLast = column == row.count - 1
                line += word
                if !isLast {
                    line += String(repeating: " ", count: widths[column] - word.count + 2)
                }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
        .joined(separator: "\n")
    }
}
