import Foundation
import Testing

extension `A node` {
    /// Real nodes, real Redis, websockets to each; nothing dies here.
    @Suite(.enabled(if: Program.redis.isThere)) struct `that is one of three` {
        static let channel = "nightowls00000000000000001"

        static func channel(_ number: Int) -> String {
            let text = "\(number)"
            return "owl" + String(repeating: "0", count: 23 - text.count) + text
        }

        static func sessions(_ state: Caller.Members) -> [String] {
            (state["sessions"] as? [Caller.Members] ?? []).compactMap {
                $0["session_id"] as? String
            }
        }

        /// The call of that channel as this caller, who may have more of them, is told of it.
        static func state(_ caller: Caller, _ channel: String) throws -> Caller.Members {
            try Caller.call(caller.hear("call_state") { $0["channel_id"] as? String == channel })
        }

        @Test func `has one call of those who join a channel at two nodes at once`() throws {
            let cluster = try RunningCluster()
            let logins = try (0..<3).map { try cluster.nodes[$0].logIn("person\($0)") }
            var pairs: [(channel: String, first: Caller, second: Caller)] = []
            for number in 0..<20 {
                let (one, other) = (number % 3, (number + 1) % 3)
                let first = try Caller(cluster.nodes[one], logins[one].bearer)
                let second = try Caller(cluster.nodes[other], logins[other].bearer)
                for caller in [first, second] { _ = try caller.hear("hello") }
                pairs.append((Self.channel(number), first, second))
            }
            var waits: [Duration] = []
            for pair in pairs {
                let began = ContinuousClock.now
                try pair.first.join(pair.channel)
                try pair.second.join(pair.channel)
                let one = try Self.state(pair.first, pair.channel)
                let other = try Self.state(pair.second, pair.channel)
                waits.append(ContinuousClock.now - began)
                #expect(one["id"] as? String == other["id"] as? String)
                // Whoever came first learns of the other by an event.
                for caller in [pair.first, pair.second] {
                    let both = [pair.first.connection, pair.second.connection]
                    for session in both {
                        _ = try caller.hear("user_joined") {
                            $0["session_id"] as? String == session
                        }
                    }
                    try caller.say("call_state", #"{"channelID":"\#(pair.channel)"}"#)
                    let state = try Self.state(caller, pair.channel)
                    #expect(Set(Self.sessions(state)) == Set(both))
                    let starts = caller.unread.filter {
                        $0["event"] as? String == Caller.prefix + "call_start"
                            && ($0["data"] as? Caller.Members)?["channelID"] as? String
                                == pair.channel
                    }
                    #expect(starts.count == 1)
                    #expect(caller.gaps == [])
                }
            }
            // Both have their answer, so each within this of the other's. What else the machine does is in
            // the slower ones.
            let quick = waits.sorted()[waits.count / 4]
            #expect(quick < .milliseconds(50), "\(waits)")
            #expect(try cluster.nodes.reduce(0) { try $0 + $1.callCount } == 20)
        }

        @Test func `tells each event once to all, in one order`() throws {
            let cluster = try RunningCluster()
            let people = try (0..<5).map { try Caller(cluster.nodes[$0 % 3], as: "person\($0)") }
            for person in people {
                try person.join(Self.channel)
                _ = try person.hear("call_state")
            }
            try Self.meet(people, "begin")
            for person in people { person.forgetUnread() }
            for _ in 0..<8 {
                for person in people {
                    try person.say("unmute")
                    try person.say("raise_hand")
                    try person.say("react", Self.reaction("owl"))
                    try person.say("unraise_hand")
                    try person.say("mute")
                }
            }
            // Others come and go at each node meanwhile.
            for (number, node) in cluster.nodes.enumerated() {
                let guest = try Caller(node, as: "guest\(number)")
                try guest.join(Self.channel)
                _ = try guest.hear("call_state")
                try guest.say("leave")
            }
            for _ in 0..<3 { _ = try people[0].hear("user_left") }
            try Self.meet(people, "end")
            let told = people.map { $0.traces.filter { !$0.hasPrefix("user_left") } }
            for (person, traces) in zip(people, told) {
                #expect(traces == told[0], "\(person.connection)")
                #expect(person.gaps == [])
            }
            for (name, count) in [
                "user_unmuted": 40, "user_muted": 40, "user_raise_hand": 40,
                "user_unraise_hand": 40, "user_reacted": 40, "user_joined": 3,
            ] {
                #expect(told[0].count { $0.hasPrefix("\(name) ") } == count, "\(name)")
            }
            for person in people.dropFirst() {
                #expect(person.names.filter { $0 == "user_left" }.count == 3)
            }
        }

        static func reaction(_ name: String) -> String {
            #"{"data":"{\"name\":\"\#(name)\",\"unified\":\"1F989\"}"}"#
        }

        /// Waits until everybody has heard everybody, and so all that was said before.
        static func meet(_ people: [Caller], _ word: String) throws {
            for person in people { try person.say("react", reaction(word)) }
            for person in people {
                for other in people {
                    _ = try person.hear("user_reacted") {
                        ($0["emoji"] as? Caller.Members)?["name"] as? String == word
                            && $0["session_id"] as? String == other.connection
                    }
                }
            }
        }

        @Test func `goes on with a websocket that was another's, and misses nothing`() throws {
            let cluster = try RunningCluster()
            let (ada, bob) = try Self.two(in: cluster)
            let login = try cluster.nodes[1].logIn("carol")
            var carol = try Caller(cluster.nodes[1], login.bearer)
            _ = try carol.hear("hello")
            try carol.join(Self.channel)
            _ = try carol.hear("call_state")
            try Self.meet([ada, bob, carol], "begin")
            for (round, place) in [2, 0, 1, 2].enumerated() {
                // The third time the client knows before the node does.
                let isCut = round != 2
                if isCut { carol.socket.client.close() }
                for _ in 0..<3 { try bob.say("raise_hand") }
                for _ in 0..<3 { try ada.say("react", Self.reaction("missed")) }
                _ = try ada.hear("user_raise_hand")
                try Self.meet([ada, bob], "missed all")
                let back = try Caller(
                    cluster.nodes[place],
                    login.bearer,
                    resuming: carol.connection,
                    after: carol.expected
                )
                _ = try back.hear("hello")
                #expect(back.connection == carol.connection, "round \(round)")
                try Self.meet([ada, bob, back], "back")
                #expect(back.gaps == [], "round \(round)")
                #expect(back.names.filter { $0 == "user_raise_hand" }.count == 1)
                #expect(
                    back.traces.filter { $0.hasPrefix("user_reacted") && $0.hasSuffix("missed") }
                        .count == 3
                )
                if !isCut { #expect(try carol.socket.readCloseCode() == 1008) }
                try back.sayOffer(Caller.offer)
                let signal = try back.hear("signal")
                #expect(signal["connID"] as? String == back.connection)
                try bob.say("unraise_hand")
                _ = try back.hear("user_unraise_hand")
                back.forgetUnread()
                carol = back
            }
            #expect(!ada.names.contains("user_left"))
            try carol.say("leave")
            let left = try ada.hear("user_left")
            #expect(left["session_id"] as? String == carol.connection)
        }

        @Test func `loses and repeats nothing that is told while a websocket moves`() throws {
            let cluster = try RunningCluster()
            let (ada, bob) = try Self.two(in: cluster)
            let login = try cluster.nodes[1].logIn("carol")
            var carol = try Caller(cluster.nodes[1], login.bearer)
            _ = try carol.hear("hello")
            try carol.join(Self.channel)
            _ = try carol.hear("call_state")
            try Self.meet([ada, bob, carol], "begin")
            carol.forgetUnread()
            var (last, heard): (Int, [String]) = (0, [])
            for round in 0..<20 {
                for _ in 0..<15 {
                    for speaker in [ada, bob] {
                        last += 1
                        try speaker.say("react", Self.reaction("n\(last)"))
                    }
                }
                let back = try Caller(
                    cluster.nodes[(round + 2) % 3],
                    login.bearer,
                    resuming: carol.connection,
                    after: carol.expected
                )
                _ = try back.hear("hello")
                #expect(back.connection == carol.connection, "round \(round)")
                for speaker in [ada, bob] { try speaker.say("react", Self.reaction("so far")) }
                for speaker in [ada, bob] {
                    _ = try back.hear("user_reacted") {
                        ($0["emoji"] as? Caller.Members)?["name"] as? String == "so far"
                            && $0["session_id"] as? String == speaker.connection
                    }
                }
                heard += back.traces.filter { $0.hasPrefix("user_reacted") }
                #expect(back.gaps == [], "round \(round)")
                carol = back
            }
            let numbers = heard.compactMap { $0.split(separator: "n").last.flatMap { Int($0) } }
            let missing = Set(1...last).subtracting(numbers)
            #expect(missing.isEmpty, "of \(last): \(missing.count)")
            #expect(numbers.count == Set(numbers).count)
        }

        @Test func `knows who comes to it with a new connection by the old one's name`() throws {
            let cluster = try RunningCluster()
            let (ada, bob) = try Self.two(in: cluster)
            let session = bob.connection
            var (previous, last) = (session, bob)
            for place in [2, 0, 1] {
                last.socket.client.close()
                let back = try Caller(cluster.nodes[place], as: "bob")
                try back.say(
                    "reconnect",
                    #"{"channelID":"\#(Self.channel)","originalConnID":"\#(session)","#
                        + #""prevConnID":"\#(previous)"}"#
                )
                let state = try Caller.call(back.hear("call_state"))
                #expect(Self.sessions(state) == [ada.connection, session])
                try back.sayOffer(Caller.offer)
                #expect(try back.hear("signal")["connID"] as? String == session)
                try ada.say("raise_hand")
                _ = try back.hear("user_raise_hand")
                try ada.say("unraise_hand")
                _ = try back.hear("user_unraise_hand")
                try back.say("unmute")
                #expect(try ada.hear("user_unmuted")["session_id"] as? String == session)
                try back.say("mute")
                _ = try ada.hear("user_muted")
                (previous, last) = (back.connection, back)
            }
            #expect(!ada.names.contains("user_left"))
            try last.say("leave")
            #expect(try ada.hear("user_left")["session_id"] as? String == session)
        }

        /// Ada at the first node, whose call it is, and Bob at the second.
        static func two(in cluster: RunningCluster) throws -> (Caller, Caller) {
            let ada = try Caller(cluster.nodes[0], as: "ada")
            let bob = try Caller(cluster.nodes[1], as: "bob")
            for caller in [ada, bob] {
                try caller.join(Self.channel)
                _ = try caller.hear("call_state")
            }
            _ = try ada.hear("user_joined") { $0["session_id"] as? String == bob.connection }
            return (ada, bob)
        }
    }
}
