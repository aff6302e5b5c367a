internal import Basics
internal import Crypto
internal import Glibc

/// One connection to one server: commands out, all of a turn in one write; answers in, in their order.
///
///     connecting ──▶ securing ──▶ open ──▶ gone, as from any other
///          ╰──────── no TLS ───────▲
///
/// It belongs to its ``RedisLine`` and to their loop. When to give up, the line decides.
final class RedisConnection: LoopHandler, @unchecked Sendable {
    enum Event {
        case open
        /// What nobody asked for: news of a subscription.
        case pushed(RedisValue)
        /// The server refuses to write, as a replica does.
        case readOnly
        /// No answer is owed any more.
        case drained
        case ended(why: String)
    }

    private enum Stage {
        case connecting
        case securing
        case open
        case gone
    }

    let host: RedisHost
    private let loop: Loop
    private let tls: TLSContext?
    private let descriptor: Int32
    private let transport: Transport
    private var reader: RedisReader
    private let tell: (RedisConnection, Event) -> Void
    private var stage = Stage.connecting
    /// After a subscription, arrays are news and belong to no command.
    var isSubscribed = false

    /// Commands that are owed an answer, the oldest first, from `firstOwed` on.
    private var owed: [RedisErrand] = []
    private var firstOwed = 0
    /// Those whose bytes wait for the end of this turn.
    private var unsent = 0
    private var outgoing: [UInt8] = []
    private var heardAt: Instant

    /// Begins to connect.
    init(
        to address: SocketAddress,
        host: RedisHost,
        tls: TLSContext?,
        loop: Loop,
        answerLimit: Int,
        tell: @escaping (RedisConnection, Event) -> Void
    ) throws(SystemFault) {
        self.host = host
        self.tls = tls
        self.loop = loop
        self.tell = tell
        descriptor = try Socket.connect(to: address)
        transport = Transport(descriptor: descriptor, loop: loop)
        reader = RedisReader(limit: answerLimit)
        heardAt = loop.now
        try transport.attach(self)
    }

    var isGone: Bool { stage == .gone }
    var owedCount: Int { owed.count - firstOwed }
    var unsentBytes: Int { outgoing.count + transport.unsentBytes }

    /// Since when the server owes an answer and says nothing.
    var isSilentSince: Instant? {
        guard owedCount > 0, let sentAt = owed[firstOwed].sentAt else { return nil }
        return max(sentAt, heardAt)
    }

    var lastHeardAt: Instant { heardAt }

    /// Those that nobody has given up yet.
    func forEachOwed(_ body: (RedisErrand) -> Void) {
        var index = firstOwed
        // Whoever is told may ask again, which only adds to the end.
        while index < owed.count {
            body(owed[index])
            index += 1
        }
    }

    // MARK: - Asking

    /// Sends the command at the end of this turn.
    func send(_ errand: RedisErrand) {
        guard stage == .open else {
            errand.settle(.failure(.unreachable(place: "Redis \(host)", why: "it is not open")))
            return
        }
        owed.append(errand)
        unsent += 1
        if outgoing.isEmpty { transport.revisit() }
        errand.command.write(to: &outgoing)
    }

    /// Sends a command that nobody waits for, whose answer is news.
    func send(unanswered command: RedisCommand) {
        guard stage == .open else { return }
        if outgoing.isEmpty { transport.revisit() }
        command.write(to: &outgoing)
    }

    private func sendGathered() {
        guard !outgoing.isEmpty else { return }
        // Read before the bytes leave: what counts from here ends too early rather than too late.
        let now = Loop.readClock()
        for index in (owed.count - unsent)..<owed.count { owed[index].sentAt = now }
        unsent = 0
        transport.send(copying: outgoing)
        outgoing.removeAll(keepingCapacity: outgoing.capacity <= Self.keptBytes)
    }

    // MARK: - What the loop tells

    func isReady(_ readiness: Readiness, at now: Instant) {
        transport.note(readiness)
        if stage == .connecting {
            guard !readiness.isDisjoint(with: [.write, .broken]) else { return }
            settleConnecting()
        }
        turn(at: now)
    }

    func isDue(at now: Instant) {}

    private func settleConnecting() {
        if let code = Socket.settled(descriptor) {
            finish(SystemFault(doing: "connect", code: code).description)
            return
        }
        guard let tls else {
            stage = .open
            tell(self, .open)
            return
        }
        stage = .securing
        do throws(TLSFault) {
            let machine = try TLSMachine.client(tls, serverName: host.name)
            transport.secure(with: machine, after: [UInt8]().span)
            transport.beginHandshake()
        } catch {
            finish("\(error)")
        }
    }

    private func turn(at now: Instant) {
        guard stage == .open || stage == .securing else { return }
        sendGathered()
        transport.flush()
        var why: String?
        let pulled = transport.pull { bytes in
            heardAt = now
            why = take(bytes)
            return why == nil && stage != .gone
        }
        if let why {
            finish(why, isMalformed: true)
            return
        }
        if stage == .securing, transport.isReady {
            stage = .open
            tell(self, .open)
        }
        guard stage != .gone else { return }
        switch pulled {
        case .drained: break
        case .paused: transport.revisit()
        case .ended: finish("the server closed it")
        case .failed(let reason): finish(reason)
        case .failedTLS(let fault): finish("\(fault)")
        }
    }

    /// Hands out the answers in these bytes. Says why, if they are none.
    private func take(_ bytes: Span<UInt8>) -> String? {
        do throws(RedisReader.Fault) {
            try reader.receive(bytes)
            while stage != .gone, let value = try reader.next() {
                if let why = take(value) { return why }
            }
            return nil
        } catch {
            return error.description
        }
    }

    private func take(_ value: RedisValue) -> String? {
        if isSubscribed, case .array = value {
            tell(self, .pushed(value))
            return nil
        }
        guard owedCount > unsent else { return "it says what nobody has asked" }
        let errand = owed[firstOwed]
        firstOwed += 1
        if firstOwed == owed.count {
            owed.removeAll(keepingCapacity: owed.capacity <= Self.keptErrands)
            firstOwed = 0
        } else if firstOwed >= Self.keptErrands {
            owed.removeFirst(firstOwed)
            firstOwed = 0
        }
        if case .error(let code, let text) = value {
            errand.settle(.failure(.refused(code: code, text: text)))
            if code == "READONLY", stage != .gone { tell(self, .readOnly) }
        } else {
            errand.settle(.success(value))
        }
        if owedCount == 0, stage != .gone { tell(self, .drained) }
        return nil
    }

    // MARK: - Ending

    /// Lets go, and says so to those that are owed an answer. Says nothing to the line, which asks.
    ///
    /// What was asked and not answered counts as lost, and the next connection says what is true then: so the kernel
    /// must not bring it to Redis seconds later, when a network is mended, as it would go on trying to. `isLast`: nothing is
    /// said after this, and what was said is to arrive.
    func end(_ why: String, isMalformed: Bool = false, isLast: Bool = false) {
        guard stage != .gone else { return }
        stage = .gone
        if isLast || firstOwed == owed.count { transport.end() } else { transport.abort() }
        let place = "Redis \(host)"
        let left = owed[firstOwed...]
        let unsentFrom = owed.count - unsent
        (owed, firstOwed, unsent, outgoing) = ([], 0, 0, [])
        for (index, errand) in zip(left.indices, left) {
            if index >= unsentFrom {
                errand.settle(.failure(.unreachable(place: place, why: why)))
            } else if isMalformed {
                errand.settle(.failure(.malformed(place: place, why: why)))
            } else {
                errand.settle(.failure(.cutOff(place: place, why: why)))
            }
        }
    }

    private func finish(_ why: String, isMalformed: Bool = false) {
        guard stage != .gone else { return }
        end(why, isMalformed: isMalformed)
        tell(self, .ended(why: isMalformed ? "what answers is no Redis: \(why)" : why))
    }

    private static let keptBytes = 64 << 10
    private static let keptErrands = 1_024
}
