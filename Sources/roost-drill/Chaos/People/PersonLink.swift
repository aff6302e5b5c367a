internal import Basics
internal import Callers
internal import Crypto
internal import IO
internal import Media

/// One link of a person's media to a node: a socket, a ``Caller``, and what is said about it. On the people's loop.
final class PersonLink: DatagramGuest, @unchecked Sendable {
    /// What all links of a drill have in common.
    final class Shared {
        let sockets: DatagramSeats
        let home: IPAddress
        let context: DTLSContext
        var out = OutgoingBatch(capacity: 1 << 19, runLimit: 1_024)

        init(_ loop: Loop, at home: IPAddress, _ context: DTLSContext) {
            sockets = DatagramSeats(loop: loop)
            self.home = home
            self.context = context
        }
    }

    enum News {
        /// To be said on the websocket.
        case description(String, type: String)
        /// A packet of that session's voice.
        case sound(session: String)
        case failed(String)
    }

    private let shared: Shared
    private let session: String
    private let tell: (News, Instant) -> Void
    private var talk: MediaTalk
    private var caller: Caller
    private var datagrams: DatagramSeat?
    private var alarm: Instant?
    private(set) var isOver = false

    /// - Parameter session: Whose it is, by which its voice is named.
    init(
        _ session: String,
        speaks: Bool,
        _ shared: Shared,
        seed: UInt64,
        tell: @escaping (News, Instant) -> Void
    ) throws {
        self.shared = shared
        self.session = session
        self.tell = tell
        talk = MediaTalk(speaks: speaks)
        guard var caller = Caller(CallerHabits(), shared.context, seed: seed) else {
            throw DrillFault("no credentials for media could be drawn")
        }
        caller.wantChannel()
        self.caller = caller
        let datagrams = try DatagramSeat(at: shared.home, for: self, among: shared.sockets)
        self.datagrams = datagrams
        self.caller.stands(at: [datagrams.bound])
    }

    /// It may send and hear.
    var isConnected: Bool { caller.isConnected && !isOver }

    func receive(_ event: MediaTalk.Event) {
        guard !isOver else { return }
        let now = Loop.readClock()
        perform(talk.receive(event, at: now), at: now)
        settle(at: now)
    }

    func end() {
        guard !isOver else { return }
        isOver = true
        caller.close(into: &shared.out)
        datagrams?.flush(&shared.out)
        datagrams?.close()
        datagrams = nil
    }

    func datagramsArrived(_ batch: inout IncomingBatch, at now: Instant) {
        for index in 0..<batch.count {
            let datagram = unsafe batch[index]
            let packet = unsafe caller.receive(
                datagram.start,
                count: datagram.count,
                from: datagram.path,
                at: now,
                into: &shared.out
            )
            if let packet, packet.kind == .audio {
                tell(.sound(session: caller.heard[packet.track].stream), now)
            }
            if !shared.out.hasRoom(for: 64) { datagrams?.flush(&shared.out) }
        }
        settle(at: now)
    }

    func isDue(at now: Instant) {
        if let alarm, alarm <= now { self.alarm = nil }
        if let due = caller.deadline, due <= now { caller.advance(to: now, into: &shared.out) }
        if let due = talk.deadline, due <= now { perform(talk.receive(.due, at: now), at: now) }
        settle(at: now)
    }

    /// Sends what was written, takes what the caller has to tell, and sets the alarm.
    private func settle(at now: Instant) {
        datagrams?.flush(&shared.out)
        while let event = caller.nextEvent() {
            perform(talk.receive(.media(event), at: now), at: now)
            datagrams?.flush(&shared.out)
        }
        var due = talk.deadline
        if let other = caller.deadline { due = due.map { min($0, other) } ?? other }
        guard let due, alarm.map({ due < $0 }) ?? true else { return }
        alarm = due
        datagrams?.schedule(at: due)
    }

    private func perform(_ actions: [MediaTalk.Action], at now: Instant) {
        for action in actions {
            switch action {
            case .offer: perform(talk.receive(.offered(caller.offer()), at: now), at: now)
            case .answer(let sdp): answer(sdp, at: now)
            case .accept(let sdp): accept(sdp, at: now)
            case .publish:
                _ = caller.publish(Self.voice, stream: "voice-\(session)")
            case .sayOnChannel(let bytes):
                // What has no room is lost, as it is to a client: it says it again, or not.
                _ = caller.say(bytes.span, at: now, into: &shared.out)
            case .describe(let sdp, let type): tell(.description(sdp, type: type), now)
            case .failed(let why): tell(.failed(why), now)
            }
        }
    }

    private func answer(_ offer: String, at now: Instant) {
        do throws(CallerFault) {
            let sdp = try caller.take(offer: offer, at: now)
            perform(talk.receive(.answered(sdp), at: now), at: now)
        } catch {
            tell(.failed("\(error)"), now)
        }
    }

    private func accept(_ sdp: String, at now: Instant) {
        do throws(CallerFault) {
            try caller.take(answer: sdp, at: now)
        } catch {
            tell(.failed("\(error)"), now)
        }
    }

    private static let voice = TrackPlan.voice(packetsPerSecond: 50, bytes: 80)
}
