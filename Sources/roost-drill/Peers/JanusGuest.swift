package import Basics
internal import Callers
internal import Wire

/// Somebody in a room of Janus' VideoRoom, by its websocket: makes the rooms, or publishes, or looks at what
/// others publish.
///
///     away ──▶ opening ──▶ create ──▶ attach ──▶ join ──▶ offer, answer ──▶ inside
///
/// Janus has a connection for each direction, where a node of ours has one for both: who publishes and listens
/// is two of these there. What a room is told to do is what the measurements of others have it do.
package struct JanusGuest: LoadGuest {
    package enum Part: Hashable, Sendable {
        /// Makes rooms 1 to so many.
        case host(rooms: Int)
        case publisher(room: Int, feed: Int, tracks: [LoadTrack])
        case subscriber(room: Int, feeds: [Int])
    }

    private enum Stage: Equatable {
        case away(until: Instant)
        case opening(since: Instant)
        case creating(since: Instant)
        case attaching(since: Instant)
        /// Rooms made by now.
        case hosting(made: Int, since: Instant)
        case joining(since: Instant)
        case connecting(since: Instant)
        case inside
        case over
    }

    private let part: Part
    private var stage: Stage
    private var session: Int64 = 0
    private var handle: Int64 = 0
    private var serial = 0
    private var asked: Instant?
    private var nextSign: Instant?

    package init(_ part: Part, at start: Instant) {
        self.part = part
        stage = .away(until: start)
    }

    package var isIn: Bool { stage == .inside }

    package var deadline: Instant? {
        switch stage {
        case .away(let until): until
        case .opening(let since), .creating(let since), .attaching(let since),
            .hosting(_, let since), .joining(let since), .connecting(let since):
            since + Self.patience
        case .inside: nextSign
        case .over: nil
        }
    }

    package mutating func receive(_ event: LoadEvent, at now: Instant) -> [LoadAction] {
        guard stage != .over else { return [] }
        var actions: [LoadAction] = []
        switch event {
        case .due: due(at: now, &actions)
        case .opened:
            stage = .creating(since: now)
            asked = now
            ask("create", &actions)
        case .heard(let text): heard(text, at: now, &actions)
        case .ended(let why): fail("the websocket ended: \(why)", &actions)
        case .offered(let sdp):
            say(["request": "configure"], description: ("offer", sdp), &actions)
        case .answered(let sdp): say(["request": "start"], description: ("answer", sdp), &actions)
        case .media(.connected): enter(at: now, &actions)
        case .media(.over(let ending)): fail("media ended: \(ending)", &actions)
        case .media: break
        case .misunderstood(let why): fail(why, &actions)
        case .rest: break
        case .leave:
            ask("destroy", &actions)
            stage = .over
            actions += [.endMedia, .hangUp]
        }
        return actions
    }

    private mutating func due(at now: Instant, _ actions: inout [LoadAction]) {
        switch stage {
        case .away(let until):
            guard until <= now else { return }
            stage = .opening(since: now)
            actions.append(.connect(line: "", expected: 0))
        case .inside:
            guard let due = nextSign, due <= now else { return }
            nextSign = now + Self.pause
            ask("keepalive", &actions)
        case .opening(let since), .creating(let since), .attaching(let since),
            .hosting(_, let since), .joining(let since), .connecting(let since):
            guard now - since >= Self.patience else { return }
            fail("Janus did not answer, or media was not there, within 15 s", &actions)
        case .over: break
        }
    }

    private mutating func fail(_ why: String, _ actions: inout [LoadAction]) {
        stage = .over
        actions += [.failed(why), .endMedia, .hangUp]
    }

    private mutating func enter(at now: Instant, _ actions: inout [LoadAction]) {
        guard case .connecting = stage else { return }
        settle(at: now, &actions)
    }

    private mutating func settle(at now: Instant, _ actions: inout [LoadAction]) {
        stage = .inside
        nextSign = now + Self.pause
        if let asked { actions.append(.joined(now - asked)) }
        asked = nil
    }

    // MARK: - What Janus says

    private mutating func heard(
        _ text: [UInt8],
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        guard let message = try? JSONValue(parsing: text.span) else {
            return fail("Janus said what is no JSON", &actions)
        }
        let data = message["plugindata"]?["data"]
        if let why = message["error"]?["reason"]?.string ?? data?["error"]?.string {
            return fail("Janus says: \(why)", &actions)
        }
        switch message["janus"]?.string {
        case "success": succeeded(message, at: now, &actions)
        case "event":
            if let sdp = message["jsep"]?["sdp"]?.string {
                described(sdp, message["jsep"]?["type"]?.string, at: now, &actions)
            } else if data?["videoroom"]?.string == "joined" {
                publish(at: now, &actions)
            }
        case "hangup", "timeout": fail("Janus ended the connection", &actions)
        default: break
        }
    }

    private mutating func succeeded(
        _ message: JSONValue,
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        switch stage {
        case .creating:
            session = message["data"]?["id"]?.integer ?? 0
            stage = .attaching(since: now)
            ask("attach", plugin: "janus.plugin.videoroom", &actions)
        case .attaching:
            handle = message["data"]?["id"]?.integer ?? 0
            begin(at: now, &actions)
        case .hosting(let made, _):
            guard message["plugindata"] != nil else { return }
            host(made + 1, at: now, &actions)
        case .away, .opening, .joining, .connecting, .inside, .over: break
        }
    }

    private mutating func begin(at now: Instant, _ actions: inout [LoadAction]) {
        switch part {
        case .host: host(0, at: now, &actions)
        case .publisher(let room, let feed, _):
            stage = .joining(since: now)
            let body: JSONValue = [
                "request": "join", "ptype": "publisher", "room": .integer(Int64(room)),
                "id": .integer(Int64(feed)),
            ]
            say(body, &actions)
        case .subscriber(let room, let feeds):
            stage = .joining(since: now)
            let streams = feeds.map { feed -> JSONValue in ["feed": .integer(Int64(feed))] }
            let body: JSONValue = [
                "request": "join", "ptype": "subscriber", "room": .integer(Int64(room)),
                "streams": .array(streams),
            ]
            say(body, &actions)
        }
    }

    private mutating func host(_ made: Int, at now: Instant, _ actions: inout [LoadAction]) {
        guard case .host(let rooms) = part, made < rooms else {
            return settle(at: now, &actions)
        }
        stage = .hosting(made: made, since: now)
        let body: JSONValue = [
            "request": "create", "room": .integer(Int64(made + 1)), "publishers": 1_000,
            "bitrate": 0, "videocodec": "vp8", "audiocodec": "opus", "notify_joining": false,
        ]
        say(body, &actions)
    }

    private mutating func publish(at now: Instant, _ actions: inout [LoadAction]) {
        guard case .publisher(_, let feed, let tracks) = part, case .joining = stage else { return }
        stage = .connecting(since: now)
        actions.append(.beginMedia(channel: false))
        for track in tracks { actions.append(.publish(track, stream: "feed-\(feed)")) }
        actions.append(.offer)
    }

    private mutating func described(
        _ sdp: String,
        _ type: String?,
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        guard type == "offer" else {
            actions.append(.accept(sdp))
            return
        }
        if case .joining = stage {
            stage = .connecting(since: now)
            actions.append(.beginMedia(channel: false))
        }
        actions.append(.answer(sdp))
    }

    // MARK: - What is said

    private mutating func ask(
        _ what: String,
        plugin: String? = nil,
        _ actions: inout [LoadAction]
    ) {
        serial += 1
        var object: JSONValue = ["janus": .string(what), "transaction": .string("\(serial)")]
        if session != 0 { object.add("session_id", .integer(session)) }
        if let plugin { object.add("plugin", .string(plugin)) }
        actions.append(.say(object.text))
    }

    private mutating func say(
        _ body: JSONValue,
        description: (type: String, sdp: String)? = nil,
        _ actions: inout [LoadAction]
    ) {
        serial += 1
        var object: JSONValue = [
            "janus": "message", "transaction": .string("\(serial)"),
            "session_id": .integer(session),
            "handle_id": .integer(handle), "body": body,
        ]
        if let (type, sdp) = description {
            object.add("jsep", ["type": .string(type), "sdp": .string(sdp)])
        }
        actions.append(.say(object.text))
    }

    private static var patience: Duration { .seconds(15) }
    /// Janus ends a session of which it has not heard for so long, and twice more.
    private static var pause: Duration { .seconds(25) }
}

extension JSONValue {
    fileprivate mutating func add(_ name: String, _ value: JSONValue) {
        guard case .object(var object) = self else { return }
        object[name] = value
        self = .object(object)
    }
}
