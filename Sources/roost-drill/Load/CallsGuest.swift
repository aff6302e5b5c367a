package import Basics
internal import Callers
internal import Wire

/// Somebody in a call of a node's, by the calls protocol (docs/PROTOCOL.md), as its stock clients are.
///
///     away ──▶ opening ──hello──▶ joining ──join──▶ connecting ──channel──▶ inside ──▶ over
///       ▲                                              offer, answer          │
///       ╰───────────────────── leaves, and comes again ───────────────────────╯
///
/// A socket that is cut on purpose, as by a change of network, is followed by another that resumes the
/// line; media goes on meanwhile.
package struct CallsGuest: LoadGuest {
    /// How often they do what, and what they send.
    package struct Habits: Hashable, Sendable {
        package var tracks: [LoadTrack] = []
        /// Deeds a minute.
        package var mutes = 0.0
        package var hands = 0.0
        package var reactions = 0.0
        package var rejoins = 0.0
        package var moves = 0.0

        package init() {}

        /// Of the person at that place of a call.
        init(of plan: LoadPlan, call: Int, place: Int) {
            tracks = plan.tracks(call: call, place: place)
            mutes = plan.mutes
            hands = plan.hands
            reactions = plan.reactions
            rejoins = plan.rejoins
            moves = plan.moves
        }
    }

    private enum Stage: Equatable {
        case away(until: Instant)
        case opening(since: Instant)
        case joining(since: Instant)
        case connecting(since: Instant)
        case inside
        /// Connected, with another websocket on its way.
        case resuming(since: Instant)
        case over
    }

    private enum Deed: CaseIterable {
        case mute
        case hand
        case reaction
        case rejoin
        case move
    }

    private let channel: String
    private let habits: Habits
    private var random: SeededRandom
    private var stage: Stage
    private var line = ""
    private var session = ""
    private var expected = 0
    private var serial = 0
    private var asked: Instant?

    // The lock, and what is offered under it.
    private var published = false
    private var lockAsked: Instant?
    private var holdsLock = false

    private var nextPing: Instant?
    private var pinged: Instant?
    private var pings = 0
    private var roundTrip = Duration.zero
    private var nextDeeds: [Instant?] = []
    private var isMuted = false
    private var isHandUp = false
    private var isResting = false

    package init(
        channel: String,
        habits: Habits,
        random: SeededRandom,
        at start: Instant
    ) {
        self.channel = channel
        self.habits = habits
        self.random = random
        stage = .away(until: start)
    }

    package var isIn: Bool {
        switch stage {
        case .inside, .resuming: true
        case .away, .opening, .joining, .connecting, .over: false
        }
    }

    package var deadline: Instant? {
        switch stage {
        case .away(let until): return until
        case .opening(let since), .joining(let since), .connecting(let since),
            .resuming(let since):
            return min(since + Self.patience, nextPing ?? since + Self.patience)
        case .inside:
            var due = nextPing
            for other in nextDeeds + [lockAsked.map { $0 + Self.lockPause }] {
                guard let other else { continue }
                due = due.map { min($0, other) } ?? other
            }
            return due
        case .over: return nil
        }
    }

    package mutating func receive(_ event: LoadEvent, at now: Instant) -> [LoadAction] {
        guard stage != .over else { return [] }
        var actions: [LoadAction] = []
        switch event {
        case .due: due(at: now, &actions)
        case .opened: break
        case .heard(let text): heard(CallsText(text), text, at: now, &actions)
        case .ended(let why): fail("the websocket ended: \(why)", &actions)
        case .offered(let sdp): describe(sdp, as: "offer", &actions)
        case .answered(let sdp): describe(sdp, as: "answer", &actions)
        case .media(let event): media(event, at: now, &actions)
        case .misunderstood(let why): fail(why, &actions)
        case .rest: isResting = true
        case .leave:
            say("leave", "{}", &actions)
            stage = .over
            actions += [.endMedia, .hangUp]
        }
        return actions
    }

    // MARK: - Time

    private mutating func due(at now: Instant, _ actions: inout [LoadAction]) {
        switch stage {
        case .away(let until):
            guard until <= now else { return }
            stage = .opening(since: now)
            actions.append(.connect(line: "", expected: 0))
            return
        case .opening(let since): lose(since, "no hello came", at: now, &actions)
        case .joining(let since): lose(since, "no answer to a join came", at: now, &actions)
        case .connecting(let since): lose(since, "media was not there", at: now, &actions)
        case .resuming(let since): lose(since, "a line was not resumed", at: now, &actions)
        case .inside, .over: break
        }
        if let due = nextPing, due <= now { ping(at: now, &actions) }
        guard stage == .inside else { return }
        if let asked = lockAsked, asked + Self.lockPause <= now { askForLock(at: now, &actions) }
        for (index, deed) in Deed.allCases.enumerated() {
            guard let due = nextDeeds[index], due <= now else { continue }
            nextDeeds[index] = draw(deed, at: now)
            if !isResting { act(deed, at: now, &actions) }
            guard stage == .inside else { return }
        }
    }

    private mutating func lose(
        _ since: Instant,
        _ what: String,
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        if now - since >= Self.patience { fail("\(what) within 15 s", &actions) }
    }

    private mutating func fail(_ why: String, _ actions: inout [LoadAction]) {
        stage = .over
        actions += [.failed(why), .endMedia, .hangUp]
    }

    /// As clients do: each second, and each tenth time with what they know of their line.
    private mutating func ping(at now: Instant, _ actions: inout [LoadAction]) {
        nextPing = now + .seconds(1)
        pinged = now
        pings += 1
        actions.append(.sayOnChannel([1]))
        guard pings.isMultiple(of: 10) else { return }
        actions.append(.sayOnChannel(Self.number(4, 0)))
        actions.append(.sayOnChannel(Self.number(5, roundTrip / .seconds(1))))
        actions.append(.sayOnChannel(Self.number(6, 0)))
    }

    private static func number(_ type: UInt8, _ value: Double) -> [UInt8] {
        let bits = value.bitPattern
        return [type, 0xCB] + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
    }

    // MARK: - Deeds

    private mutating func draw(_ deed: Deed, at now: Instant) -> Instant? {
        let rate =
            switch deed {
            case .mute: habits.tracks.contains { $0.kind == .voice } ? habits.mutes : 0
            case .hand: habits.hands
            case .reaction: habits.reactions
            case .rejoin: habits.rejoins
            case .move: habits.moves
            }
        guard rate > 0 else { return nil }
        return now + .seconds(60 / rate) * Double.random(in: 0.5..<1.5, using: &random)
    }

    private mutating func act(_ deed: Deed, at now: Instant, _ actions: inout [LoadAction]) {
        switch deed {
        case .mute:
            guard published else { return }
            isMuted.toggle()
            actions += [.voice(!isMuted), .did(isMuted ? .mute : .unmute)]
            say(isMuted ? "mute" : "unmute", "{}", &actions)
        case .hand:
            isHandUp.toggle()
            actions.append(.did(isHandUp ? .raise : .lower))
            say(isHandUp ? "raise_hand" : "unraise_hand", "{}", &actions)
        case .reaction:
            actions.append(.did(.react))
            say("react", #"{"data":"{\"name\":\"wave\",\"unified\":\"1F44B\"}"}"#, &actions)
        case .rejoin:
            guard published || habits.tracks.isEmpty else { return }
            say("leave", "{}", &actions)
            actions += [.endMedia, .hangUp]
            forget()
            stage = .away(until: now + .seconds(1))
        case .move:
            guard lockAsked == nil, !holdsLock else { return }
            stage = .resuming(since: now)
            actions += [.move, .hangUp, .connect(line: line, expected: expected)]
        }
    }

    private mutating func forget() {
        (line, session, expected) = ("", "", 0)
        (published, holdsLock, isMuted, isHandUp) = (false, false, false, false)
        (lockAsked, nextPing, pinged, asked) = (nil, nil, nil, nil)
        nextDeeds = []
    }

    // MARK: - The websocket

    private mutating func heard(
        _ text: CallsText,
        _ bytes: [UInt8],
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        guard let name = text.name else {
            // A reply, which only a fault is worth reading of.
            if let why = text.value(of: "message") { fail("the node says: \(why)", &actions) }
            return
        }
        if let number = text.number { expected = number + 1 }
        switch name {
        case "user_joined", "user_left", "user_voice_on", "user_voice_off", "user_quality": return
        case "hello": greeted(text, at: now, &actions)
        case "join":
            guard case .joining = stage, text.value(of: "connID") == line else { return }
            session = line
            actions.append(.session(session))
            begin(at: now, &actions)
        case "call_state":
            if case .resuming = stage { stage = .inside }
        case "call_rehost":
            guard text.value(of: "session_id") == session, isIn else { return }
            actions.append(.endMedia)
            begin(at: now, &actions)
        case "signal": signalled(bytes, at: now, &actions)
        case "error":
            let why = text.value(of: "data") ?? "an error without words"
            fail("the node says: \(why)", &actions)
        default:
            guard let deed = LoadDeed(event: name), let session = text.value(of: "session_id")
            else { return }
            actions.append(.heard(deed, session: session))
        }
    }

    private mutating func greeted(
        _ hello: CallsText,
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        let new = hello.value(of: "connection_id") ?? ""
        switch stage {
        case .opening:
            line = new
            stage = .joining(since: now)
            asked = now
            say("join", #"{"channelID":"\#(channel)"}"#, &actions)
        case .resuming:
            let before = line
            line = new
            say(
                "reconnect",
                #"{"channelID":"\#(channel)","originalConnID":"\#(session)","#
                    + #""prevConnID":"\#(before)"}"#,
                &actions
            )
        case .away, .joining, .connecting, .inside, .over: break
        }
    }

    private mutating func begin(at now: Instant, _ actions: inout [LoadAction]) {
        stage = .connecting(since: now)
        (published, holdsLock, lockAsked) = (false, false, nil)
        actions += [.beginMedia(channel: true), .offer]
    }

    private mutating func signalled(
        _ text: [UInt8],
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        let signal: JSONValue
        let sdp: String
        do throws(JSONFault) {
            let data = try JSONValue(parsing: text.span)["data"]
            guard data?["connID"]?.string == session else { return }
            signal = try JSONValue(parsing: Array((data?["data"]?.string ?? "").utf8).span)
            sdp = signal["sdp"]?.string ?? ""
        } catch {
            return fail("the node signalled what can't be read: \(error)", &actions)
        }
        switch signal["type"]?.string {
        case "offer":
            actions.append(.answer(sdp))
        case "answer":
            actions.append(.accept(sdp))
            guard holdsLock else { return }
            holdsLock = false
            published = true
            actions.append(.sayOnChannel([8]))
            if habits.tracks.contains(where: { $0.kind == .voice }) {
                say("unmute", "{}", &actions)
            }
        default: break
        }
    }

    private mutating func say(_ name: String, _ data: String, _ actions: inout [LoadAction]) {
        serial += 1
        actions.append(
            .say(#"{"action":"\#(CallsText.prefix)\#(name)","seq":\#(serial),"data":\#(data)}"#)
        )
    }

    private mutating func describe(_ sdp: String, as type: String, _ actions: inout [LoadAction]) {
        serial += 1
        actions.append(.sayBinary(CallDescription.frame(sdp, as: type, serial: serial)))
    }

    // MARK: - Media

    private mutating func media(
        _ event: CallerEvent,
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        switch event {
        case .connected, .pictureWanted: break
        case .channelOpen: channelOpened(at: now, &actions)
        case .message(let bytes): heardOnChannel(bytes, at: now, &actions)
        case .mustOffer:
            // The offer is made again, under the lock, which is not given twice.
            if holdsLock { actions.append(.offer) } else { askForLock(at: now, &actions) }
        case .over(let ending): fail("media ended: \(ending)", &actions)
        }
    }

    private mutating func channelOpened(at now: Instant, _ actions: inout [LoadAction]) {
        guard case .connecting = stage else { return }
        stage = .inside
        if let asked { actions.append(.joined(now - asked)) }
        asked = nil
        // Not all in the same moment, where hundreds come together.
        nextPing = now + .seconds(1) * Double.random(in: 0.1..<1, using: &random)
        nextDeeds = []
        for deed in Deed.allCases { nextDeeds.append(draw(deed, at: now)) }
        for track in habits.tracks {
            let stream = "\(track.kind.rawValue)-\(session)"
            switch track.kind {
            case .voice: break
            case .screen:
                say("screen_on", #"{"data":"{\"screenStreamID\":\"\#(stream)\"}"}"#, &actions)
            case .camera:
                say("video_on", #"{"data":"{\"videoStreamID\":\"\#(stream)\"}"}"#, &actions)
            }
            actions.append(.publish(track, stream: stream))
        }
        if !habits.tracks.isEmpty { askForLock(at: now, &actions) }
    }

    private mutating func askForLock(at now: Instant, _ actions: inout [LoadAction]) {
        lockAsked = now
        actions.append(.sayOnChannel([7]))
    }

    private mutating func heardOnChannel(
        _ bytes: [UInt8],
        at now: Instant,
        _ actions: inout [LoadAction]
    ) {
        switch bytes.first {
        case 2:
            if let pinged { roundTrip = now - pinged }
            pinged = nil
        case 7:
            guard lockAsked != nil, bytes.last == 0xC3 else { return }
            lockAsked = nil
            holdsLock = true
            actions.append(.offer)
        default: break
        }
    }

    private static var patience: Duration { .seconds(15) }
    /// Between two questions for the lock.
    private static var lockPause: Duration { .milliseconds(100) }
}
