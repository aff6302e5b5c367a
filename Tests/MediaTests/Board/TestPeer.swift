import Basics
import Crypto
import Media

/// A participant as a browser would be one, made of our own values: checks, handshake, SRTP, offers and
/// answers, feedback. Everything it wants to send waits in it to be taken.
final class TestPeer {
    struct Habits {
        /// Repeats and wants repeated on streams of their own (RFC 4588).
        var repairs = true
        var hasChannel = false
        var decodesAV1 = true
        var announcesTracks = false
        /// Answers offers.
        var answers = true
        /// Asks for what it misses.
        var asks = true
        /// Repeats what it is asked for.
        var repeats = true
        /// Says how much it can take (REMB), or nothing.
        var limit: Int? = 20_000_000
        var sendsReports = true
        /// Goes on with connectivity checks.
        var consents = true
        /// Its packets are numbered for reports of arrival.
        var countsArrival = false
        /// Waits to be asked for the handshake.
        var isPassive = false
        /// Keeps its answers until ``heldWords`` are said.
        var holdsAnswers = false
        /// How often it looks what there is to do.
        var tick = Duration.milliseconds(10)
        var context = BoardRoom.client
    }

    struct Credentials: Hashable {
        var ufrag: String
        var password: String
    }

    let name: SessionID
    var habits: Habits
    var random: SeededRandom
    var path: DatagramPath
    var paths: [DatagramPath]

    var own: Credentials
    var server: Credentials?
    var serverFingerprints: [CertificateFingerprint] = []
    /// Whether an offer of its own is on its way.
    var isOffering = false
    var offersLater = false
    var lines: [PeerLine] = []
    var version: UInt64 = 0

    var dtls: DTLSMachine?
    var sender: SRTPSender?
    var receiver: SRTPReceiver?
    var channels: DataChannels?
    var channel: UInt16?
    var isReached = false
    var isConnected = false
    var isOver: PeerEnd?
    var keys: [UInt8] = []
    var profile: SRTPProfile = .aeadAES128GCM

    var tracks: [SentTrack] = []
    var views: [SSRC: ViewedStream] = [:]
    var viewOrder: [SSRC] = []
    /// From streams of repetitions to those they repeat.
    var repairs: [SSRC: SSRC] = [:]
    var transportNumber: UInt16 = 0

    // What it wants to send.
    var datagrams: [(bytes: [UInt8], path: DatagramPath)] = []
    var words: [PlanEvent] = []
    var heldWords: [PlanEvent] = []

    // What it has seen.
    var signals: [PlanAction.Signal] = []
    var refusals: [String] = []
    var messages: [[UInt8]] = []
    var checksAnswered = 0
    var conflicts = 0
    var arrivalReports = 0
    var receiverReports = 0
    /// Media that no description has named, or that did not decrypt.
    var strange = 0
    var offersSeen = 0

    var nextTick = Instant(nanoseconds: 0)
    var nextCheck = Instant(nanoseconds: 0)
    var nextReport = Instant(nanoseconds: 0)
    /// What its own clock shows when ours shows nothing.
    let clockOffset: Int64

    init(_ number: Int, habits: Habits = Habits(), seed: UInt64) {
        name = SessionID("peer\(number)")
        self.habits = habits
        random = SeededRandom(seed: seed &* 1_000 &+ UInt64(number))
        path = Self.path(number, 0)
        paths = [path]
        own = Self.credentials(using: &random)
        clockOffset = Int64.random(in: 0..<1_000_000_000_000, using: &random)
    }

    static func path(_ number: Int, _ port: Int) -> DatagramPath {
        let ip = IPAddress(v4: 0xC000_0200 | UInt32(number) << 16)
        return DatagramPath(
            remote: SocketAddress(ip: ip, port: UInt16(20_000 + port)),
            local: 0
        )
    }

    static func credentials(using random: inout SeededRandom) -> Credentials {
        let made = ICECredentials(using: &random)
        return Credentials(ufrag: made?.ufrag ?? "", password: made?.password ?? "")
    }

    /// Moves to another address.
    func move(to port: Int, number: Int) {
        path = Self.path(number, port)
        if !paths.contains(path) { paths.append(path) }
    }

    func join() {
        words.append(
            .join(
                name,
                PlanEvent.Abilities(
                    decodesAV1: habits.decodesAV1,
                    hasChannel: habits.hasChannel,
                    announcesTracks: habits.announcesTracks
                )
            )
        )
        if tracks.isEmpty, !habits.hasChannel {
            words.append(.ready(name))
        } else {
            offer()
        }
    }

    // MARK: - Time

    func advance(to now: Instant) {
        guard now >= nextTick else { return }
        nextTick = now + habits.tick
        if server != nil, isOver == nil, now >= nextCheck, habits.consents || !isReached {
            nextCheck = now + (isReached ? .seconds(4) : .milliseconds(100))
            check(nominates: true)
        }
        if let due = dtls?.deadline, due <= now { dtls?.advance(to: now) }
        if let due = channels?.deadline, due <= now { channels?.advance(to: now) }
        turn(at: now)
        if offersLater, !isOffering {
            offersLater = false
            offer()
        }
        guard isConnected else { return }
        for index in tracks.indices { sendFrames(of: index, at: now) }
        if habits.asks { askForLosses(at: now) }
        if now >= nextReport {
            nextReport = now + .seconds(1)
            if habits.sendsReports { sendReports(at: now) }
        }
    }

    // MARK: - Checks

    func check(nominates: Bool, over other: DatagramPath? = nil) {
        guard let server else { return }
        let bytes = Self.check(
            "\(server.ufrag):\(own.ufrag)",
            password: server.password,
            nominates: nominates,
            using: &random
        )
        datagrams.append((bytes, other ?? path))
    }

    static func check(
        _ name: String,
        password: String,
        nominates: Bool,
        isControlled: Bool = false,
        using random: inout SeededRandom
    ) -> [UInt8] {
        let tie = random.next()
        return stunMessage(.request, .binding, STUNTransactionID(using: &random)) { writer in
            writer.append(.username, name)
            writer.append(.priority, UInt32(0x6E7F_1EFF))
            writer.append(isControlled ? .iceControlled : .iceControlling, tie)
            if nominates { writer.append(.useCandidate) }
            writer.appendIntegrity(STUNKey(password: password))
            writer.appendFingerprint()
        }
    }

    // MARK: - Datagrams

    func receive(_ bytes: [UInt8], at now: Instant) {
        switch bytes.first ?? 255 {
        case 0...3: receiveAnswer(bytes, at: now)
        case 20...63:
            if dtls == nil, habits.isPassive { begin(.server, at: now) }
            dtls?.receive(bytes.span, at: now)
            turn(at: now)
        case 128...191: receiveMedia(bytes, at: now)
        default: strange += 1
        }
    }

    private func receiveAnswer(_ bytes: [UInt8], at now: Instant) {
        guard let message = try? STUNMessage(bytes.span) else {
            // Counted, so that a test which expects none fails.
            strange += 1
            return
        }
        if message.kind == .failure { conflicts += 1 }
        guard message.kind == .success else { return }
        checksAnswered += 1
        isReached = true
        if dtls == nil, !habits.isPassive { begin(.client, at: now) }
    }

    func begin(_ role: DTLSMachine.Role, at now: Instant) {
        do {
            dtls = try DTLSMachine(role, habits.context, expecting: serverFingerprints, at: now)
        } catch {
            preconditionFailure("a machine can be made: \(error)")
        }
        dtls?.advance(to: now)
        turn(at: now)
    }

    func turn(at now: Instant) {
        while let event = dtls?.nextEvent() {
            switch event {
            case .established(let profile, let material): connect(profile, material, at: now)
            case .message(let bytes): channels?.receive(bytes.span, at: now)
            case .closed: isOver = isOver ?? .closed
            case .failed: isOver = isOver ?? .failed
            }
        }
        pumpChannels(at: now)
        var buffer = [UInt8](repeating: 0, count: 1_500)
        var room = buffer.mutableSpan
        while let count = dtls?.nextDatagram(into: &room) {
            datagrams.append(([UInt8](copying: room.span.extracting(0..<count)), path))
        }
    }

    private func connect(_ number: UInt16, _ material: [UInt8], at now: Instant) {
        guard let profile = SRTPProfile(rawValue: number),
            let pair = SRTPMasterKey.pair(from: material.span, profile: profile)
        else { return }
        keys = material
        self.profile = profile
        let (mine, theirs) =
            habits.isPassive ? (pair.server, pair.client) : (pair.client, pair.server)
        sender = SRTPSender(profile, mine)
        receiver = SRTPReceiver(profile, theirs)
        isConnected = true
        nextReport = now + .milliseconds(300)
        for index in tracks.indices { tracks[index].nextFrame = now }
        if habits.hasChannel { beginChannels(at: now) }
    }

    func beginChannels(at now: Instant) {
        channels = DataChannels(
            DataChannels.Configuration(),
            isDTLSClient: !habits.isPassive,
            using: &random
        )
        channels?.connect(at: now)
    }

    private func pumpChannels(at now: Instant) {
        while let event = channels?.nextEvent() {
            switch event {
            case .connected:
                let opening = ChannelOpening(label: "calls-dc")
                // Nil fails the test that waits for it.
                channel = try? channels?.open(opening, at: now)
            case .message(_, _, let bytes): messages.append(bytes)
            case .opened, .closed, .ended: break
            }
        }
        var room = [UInt8](repeating: 0, count: 1_200)
        while let count = channels?.nextPacket(into: room.mutableSpan, at: now) {
            _ = dtls?.send(room.span.extracting(0..<count))
        }
    }
}
