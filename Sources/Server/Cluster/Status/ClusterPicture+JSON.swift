internal import Basics
internal import Calls
internal import Coordination
internal import Wire

// As `/cluster.json` has it. Times are milliseconds since 1970.
extension ClusterPicture {
    func write(to json: inout JSONWriter) {
        let names = names
        json.member("cluster", cluster)
        json.member("asked", asked.name.description)
        json.member("alone", isAlone)
        json.member("at", at)
        json.list("nodes", nodes) { json, node in
            switch node {
            case .told(let status): status.write(to: &json, names)
            case .silent(let silent): silent.write(to: &json)
            }
        }
    }
}

extension NodeStatus {
    fileprivate func write(to json: inout JSONWriter, _ names: [ChannelID: String]) {
        json.member("name", member.name.description)
        json.member("member", member.description)
        json.member("answers", true)
        json.member("version", version)
        json.member("since", began)
        json.member("state", state.rawValue)
        json.member("life", life)
        json.member("generation", generation)
        json.member("holds_for_ms", holdsFor)
        json.member("obstacle", obstacle)
        json.object("load") { load.write(to: &$0) }
        json.object("addresses") { json in
            json.member("cluster", clusterAddress)
            json.member("web", webAddress)
            json.member("media", mediaAddress)
        }
        json.object("redis") { json in
            json.member("connected_since", redisSince)
            json.member("silent_ms", redisSilence)
        }
        json.list("links", links) { json, link in
            json.member("node", link.member.name.description)
            json.member("member", link.member.description)
            json.member("linked", link.isLinked)
            json.key("round_trip_ms")
            if let time = link.roundTripMicroseconds {
                json.number(Double(time) / 1_000)
            } else {
                json.null()
            }
            json.member("through", link.third?.description)
            json.member("trouble", link.trouble)
        }
        json.member("call_count", callCount)
        json.list("calls", calls) { json, call in
            json.member("channel", call.channel.description)
            json.member("name", names[call.channel])
            json.member("call", call.call.description)
            json.member("token", call.token?.description)
            json.member("since", call.began)
            json.member("people", call.participants)
            json.member("how", call.arrival?.turn.sentence)
            json.member("came", call.arrival?.at)
        }
        json.list("relays", relays) { json, relay in
            json.member("channel", relay.channel.description)
            json.member("name", names[relay.channel])
            json.member("node", relay.host.name.description)
            json.member("token", relay.token.description)
            json.member("connections", relay.connections)
        }
        json.list("moves", moves) { json, move in
            json.member("at", move.at)
            json.member("channel", move.channel.description)
            json.member("name", names[move.channel])
            json.member("what", move.turn.sentence)
            json.member("to", move.turn.target?.name.description)
            json.member("by", move.turn.isForLoad ? "rebalancer" : nil)
        }
        json.member("rebalance", rebalance)
    }
}

extension ClusterPicture.Silent {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("name", member.name.description)
        json.member("member", member.description)
        json.member("answers", false)
        json.member("why", why)
        json.object("record") { json in
            json.member("state", record.state.word)
            json.member("life", record.life.rawValue)
            json.member("still_ms", Int(stillFor / .milliseconds(1)))
            json.member("calls_to_take_over", Int(orphans))
        }
        json.object("load") { record.load.write(to: &$0) }
    }
}

extension MemberRecord.State {
    /// For people.
    var word: String {
        switch self {
        case .up: "up"
        case .draining: "draining"
        case .dead: "dead"
        }
    }
}

extension MemberLoad {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("calls", Int(calls))
        json.member("people", Int(sessions))
        json.member("max_calls", Int(callLimit))
        json.member("max_people", Int(sessionLimit))
        json.member("takes_calls", !isMarked)
    }
}

extension JSONWriter {
    fileprivate mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        key(name)
        beginObject()
        body(&self)
        endObject()
    }

    fileprivate mutating func list<Element>(
        _ name: String,
        _ elements: [Element],
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        key(name)
        beginArray()
        for element in elements {
            beginObject()
            body(&self, element)
            endObject()
        }
        endArray()
    }

    fileprivate mutating func member(_ name: String, _ value: Int?) {
        key(name)
        if let value { integer(value) } else { null() }
    }

    fileprivate mutating func member(_ name: String, _ value: Int64?) {
        key(name)
        if let value { integer(value) } else { null() }
    }
}
