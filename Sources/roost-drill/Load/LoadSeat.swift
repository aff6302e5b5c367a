internal import Basics
internal import Callers
internal import IO
internal import Media

/// One person of a load on their loop: gives a ``LoadGuest`` its websocket, a ``Caller`` its socket, and
/// both of them time. Belongs to the thread of its crew.
final class LoadSeat: DatagramGuest, @unchecked Sendable {
    /// Where a websocket is asked for, and as whom.
    struct Door: Sendable {
        var path: String
        var fields: [String]
        var source: IPAddress?
    }

    private(set) var guest: any LoadGuest
    private let door: Door
    private unowned let crew: LoadCrew
    private var random: SeededRandom
    private var socket: SocketClient?
    /// Counts the websockets: what an earlier one still has to say is passed over.
    private var round = 0
    private var datagrams: DatagramSeat?
    private var caller: Caller?
    private var voice: Int?
    private var voiceIsOn = true
    private var session = ""
    private var hasJoined = false
    /// The next instant for which somebody is called.
    private var alarm: Instant?
    private var heardSound = false
    private var heardPictures = false

    init(_ guest: any LoadGuest, _ door: Door, in crew: LoadCrew, seed: UInt64) {
        self.guest = guest
        self.door = door
        self.crew = crew
        random = SeededRandom(seed: seed)
    }

    func begin() {
        takeSocket()
        setAlarm()
    }

    func receive(_ event: LoadEvent) {
        let now = Loop.readClock()
        perform(guest.receive(event, at: now), at: now)
        settle(at: now)
    }

    func add(to tally: inout LoadTally) {
        tally.people += 1
        if guest.isIn { tally.inside += 1 }
        caller?.add(to: &tally)
    }

    /// Whether media of each kind has come since the last question.
    func takeHeard() -> (sound: Bool, pictures: Bool) {
        defer { (heardSound, heardPictures) = (false, false) }
        return (heardSound, heardPictures)
    }

    func end() {
        hangUp()
        endMedia()
        datagrams?.close()
        datagrams = nil
    }

    // MARK: - What happens

    func datagramsArrived(_ batch: inout IncomingBatch, at now: Instant) {
        for index in 0..<batch.count {
            let datagram = unsafe batch[index]
            if crew.losesOne() { continue }
            let heard = unsafe caller?.receive(
                datagram.start,
                count: datagram.count,
                from: datagram.path,
                at: now,
                into: &crew.out
            )
            if let packet = heard ?? nil { note(packet, at: now) }
            if !crew.out.hasRoom(for: 64) { crew.flush(by: datagrams) }
        }
        settle(at: now)
    }

    private func note(_ packet: HeardPacket, at now: Instant) {
        switch packet.kind {
        case .audio: heardSound = true
        case .video: heardPictures = true
        }
        // What was sent again says how long a loss lasts, not how long forwarding takes.
        guard let mark = packet.mark, !packet.isRepair else { return }
        let delay = now - Instant(nanoseconds: mark.sentAt)
        switch packet.kind {
        case .audio: crew.tally.soundDelay.note(delay)
        case .video: crew.tally.pictureDelay.note(delay)
        }
    }

    func isDue(at now: Instant) {
        if let alarm, alarm <= now { self.alarm = nil }
        if let due = caller?.deadline ?? nil, due <= now {
            caller?.advance(to: now, into: &crew.out)
            crew.tally.lateness.note(now - due)
        }
        if let due = guest.deadline, due <= now {
            perform(guest.receive(.due, at: now), at: now)
        }
        settle(at: now)
    }

    private func hear(_ news: SocketClient.News, _ round: Int) {
        guard round == self.round else { return }
        switch news {
        case .opened: receive(.opened)
        case .text(let text):
            crew.tally.events += 1
            receive(.heard(text))
        case .ended(let why):
            self.round += 1
            socket = nil
            receive(.ended(why: why))
        }
    }

    /// Sends what was written, takes what the caller has to tell, and sets the alarm.
    private func settle(at now: Instant) {
        crew.flush(by: datagrams)
        while let event = caller?.nextEvent() ?? nil {
            perform(guest.receive(.media(event), at: now), at: now)
            crew.flush(by: datagrams)
        }
        setAlarm()
    }

    private func setAlarm() {
        var due = guest.deadline
        if let other = caller?.deadline ?? nil { due = due.map { min($0, other) } ?? other }
        guard let due, alarm.map({ due < $0 }) ?? true else { return }
        alarm = due
        datagrams?.schedule(at: due)
    }

    // MARK: - What is done

    private func perform(_ actions: [LoadAction], at now: Instant) {
        for action in actions { perform(action, at: now) }
    }

    private func perform(_ action: LoadAction, at now: Instant) {
        switch action {
        case .connect(let line, let expected): connect(line, expected)
        case .hangUp: hangUp()
        case .say(let text): socket?.say(text)
        case .sayBinary(let bytes): socket?.say(binary: bytes)
        case .beginMedia(let channel): beginMedia(channel: channel)
        case .endMedia: endMedia()
        case .publish(let track, let stream):
            let index = caller?.publish(track.plan, stream: stream)
            if track.kind == .voice { voice = index }
        case .offer:
            guard let sdp = caller?.offer() else { return }
            perform(guest.receive(.offered(sdp), at: now), at: now)
        case .answer(let sdp): answer(sdp, at: now)
        case .accept(let sdp): accept(sdp, at: now)
        case .sayOnChannel(let bytes):
            // What has no room is lost, as it is to a client: it says it again, or not.
            _ = caller?.say(bytes.span, at: now, into: &crew.out)
        case .voice(let isOn):
            if let voice, let tracks = caller?.sent, tracks.indices.contains(voice) {
                tracks[voice].isOn = isOn
            }
        case .move:
            crew.tally.moved += 1
            takeSocket()
            caller?.moved(at: now)
        case .joined(let time):
            crew.tally.joinTime.note(time)
            if hasJoined { crew.tally.rejoined += 1 }
            hasJoined = true
        case .did(let deed): crew.deeds.note(deed, by: session, at: now)
        case .heard(let deed, let session):
            guard let done = crew.deeds.instant(of: deed, by: session) else { return }
            crew.tally.eventDelay.note(now - done)
        case .failed(let why): crew.tally.fail(why)
        case .session(let id): session = id
        }
    }

    private func connect(_ line: String, _ expected: Int) {
        round += 1
        let round = round
        do {
            socket = try SocketClient(
                to: crew.terms.target,
                from: door.source,
                path: door.path.replacing("{line}", with: line)
                    .replacing("{expected}", with: "\(expected)"),
                fields: door.fields,
                subprotocols: crew.terms.subprotocols,
                loop: crew.loop,
                codec: crew.codec,
                tell: { [unowned self] in hear($0, round) }
            )
        } catch {
            let why = "\(error)"
            crew.loop.execute { [unowned self] in hear(.ended(why: why), round) }
        }
    }

    private func hangUp() {
        round += 1
        socket?.hangUp()
        socket = nil
    }

    private func beginMedia(channel: Bool) {
        endMedia()
        guard var new = Caller(crew.terms.habits, crew.terms.context, seed: random.next()) else {
            crew.tally.fail("no credentials could be drawn")
            return
        }
        if let bound = datagrams?.bound { new.stands(at: [bound]) }
        if channel { new.wantChannel() }
        caller = consume new
        voice = nil
    }

    private func endMedia() {
        guard caller != nil else { return }
        caller?.close(into: &crew.out)
        crew.flush(by: datagrams)
        caller?.add(to: &crew.tally)
        caller = nil
    }

    private func takeSocket() {
        do {
            let new = try DatagramSeat(at: crew.terms.home, for: self, among: crew.sockets)
            datagrams?.close()
            datagrams = new
            alarm = nil
        } catch {
            crew.tally.fail("\(error)")
        }
    }

    private func answer(_ offer: String, at now: Instant) {
        do {
            guard let sdp = try caller?.take(offer: offer, at: now) else { return }
            perform(guest.receive(.answered(sdp), at: now), at: now)
        } catch {
            perform(guest.receive(.misunderstood("\(error)"), at: now), at: now)
        }
    }

    private func accept(_ sdp: String, at now: Instant) {
        do {
            try caller?.take(answer: sdp, at: now)
        } catch {
            perform(guest.receive(.misunderstood("\(error)"), at: now), at: now)
        }
    }
}
