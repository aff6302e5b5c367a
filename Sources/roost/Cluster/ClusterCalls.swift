internal import Basics
internal import Identity
internal import Wire

/// `roost cluster calls` and `roost cluster why`.
enum ClusterCalls {
    static func list(_ door: ClusterDoor, asJSON: Bool) async throws(CommandFault) -> ExitCode {
        let view = try await door.view()
        guard !asJSON else {
            Terminal.say(JSONValue.array(view.calls.map(\.told)).text)
            return .fine
        }
        guard !view.calls.isEmpty else {
            Terminal.say("No call runs.")
            return .fine
        }
        var table = Columns("CHANNEL", "NODE", "TOKEN", "PEOPLE", "SINCE", "HOW IT CAME THERE")
        for call in view.calls {
            let came = ClusterView.time(call.json["came"])
            table.add(
                call.name,
                call.node,
                call.token.isEmpty ? "-" : call.token,
                "\(call.people)",
                ClusterView.time(call.json["since"]),
                call.how.isEmpty ? "-" : "\(call.how), \(came)"
            )
        }
        Terminal.say(table.text)
        let hidden = view.nodes.reduce(0) { $0 + max($1.callCount - $1.calls.count, 0) }
        if hidden > 0 { Terminal.say("\(hidden) more are not shown: nodes list a thousand each.") }
        return .fine
    }

    static func explain(
        _ channel: String,
        _ door: ClusterDoor,
        asJSON: Bool
    ) async throws(CommandFault) -> ExitCode {
        let view = try await door.view()
        let ids = [channel, Identifier(naming: channel, as: .channel).description]
        let calls = ids.lazy.compactMap { id in view.calls.first { $0.channel == id } }
        let call = calls.first ?? view.calls.first { $0.name == channel }
        let turns = turns(of: call.map { [$0.channel] } ?? ids, view)
        guard !asJSON else {
            var object = JSONObject()
            object["call"] = call?.told ?? .null
            object["relayed_from"] = .array(call.map { relays(of: $0.channel, view) } ?? [])
            object["moves"] = .array(turns)
            Terminal.say(JSONValue.object(object).text)
            return call == nil ? .failed : .fine
        }
        guard let call else {
            let past = turns.isEmpty ? "" : "\n" + text(turns)
            throw CommandFault(
                "no call runs in \(channel); roost cluster calls shows those that do\(past)"
            )
        }
        Terminal.say(text(call, view) + "\n" + text(turns))
        return .fine
    }

    private static func text(_ call: ClusterView.Call, _ view: ClusterView) -> String {
        let came = ClusterView.time(call.json["came"])
        var text = """
            \(call.name) is on \(call.node)\(call.token.isEmpty ? "" : ", under token \(call.token)"), \
            since \(ClusterView.time(call.json["since"])), with \(call.people) in it.
              channel \(call.channel), call \(call.json["call"]?.string ?? "")

            """
        text +=
            call.how.isEmpty
            ? "How it came there is forgotten.\n" : "Why there: \(call.how), \(came).\n"
        let relays = relays(of: call.channel, view).map { relay in
            "\(relay["node"]?.string ?? "") (\(relay["connections"]?.integer ?? 0))"
        }
        text +=
            relays.isEmpty
            ? "Everybody in it has their websocket there, too.\n"
            : "Websockets elsewhere: \(relays.joined(separator: ", ")).\n"
        return text
    }

    private static func text(_ turns: [JSONValue]) -> String {
        guard !turns.isEmpty else { return "Nothing else is remembered of it." }
        var table = Columns("WHEN", "NODE", "WHAT HAPPENED THERE")
        for turn in turns {
            table.add(
                ClusterView.time(turn["at"]),
                turn["node"]?.string ?? "",
                turn["what"]?.string ?? ""
            )
        }
        return table.text
    }

    /// What nodes remember of the channel, the newest first.
    private static func turns(of channels: [String], _ view: ClusterView) -> [JSONValue] {
        var turns: [JSONObject] = []
        for node in view.nodes {
            for move in node.moves where channels.contains(move["channel"]?.string ?? "") {
                guard var turn = move.object else { continue }
                turn["node"] = .string(node.name)
                turns.append(turn)
            }
        }
        // Equal times stay in the order in which nodes tell them.
        func time(_ turn: JSONObject) -> Int64 { turn["at"]?.integer ?? 0 }
        return turns.enumerated()
            .sorted { (time($1.element), $0.offset) < (time($0.element), $1.offset) }
            .map { .object($0.element) }
    }

    private static func relays(of channel: String, _ view: ClusterView) -> [JSONValue] {
        view.nodes.flatMap { node in
            node.relays.filter { $0["channel"]?.string == channel }.map { relay in
                [
                    "node": .string(node.name),
                    "connections": relay["connections"] ?? 0,
                ]
            }
        }
    }
}

extension ClusterView.Call {
    /// As the node tells it, with the node's name.
    fileprivate var told: JSONValue {
        var object = json.object ?? JSONObject()
        object["node"] = .string(node)
        return .object(object)
    }
}
