package import Basics

/// One peer's side of ICE at a server with a public address (RFC 8445 section 2.5): it never asks, it
/// answers checks, and by them learns where the peer is and that it still wants to hear from us.
///
///             check with our credentials        check with USE-CANDIDATE
///     silence ─────────────────────────▶ checked ───────────────────────▶ selected ⟲ another path
///        │                                  │                                 │
///        ╰──────────────── nothing for `consent` (RFC 7675): expired ◀────────╯
///
/// Whoever owns the socket hands in each message that is for this peer (``STUNMessage/ufrag`` says for
/// which) and sends the answer, if there is one, back along the same path. Everything that is not a
/// Binding request with our name, our password's tag and a fingerprint is met with silence: nobody
/// learns anything from us, and nobody can make us send to a third.
///
/// A path counts only after a check on it has passed: DTLS and media from elsewhere are not looked
/// at, and media goes to the selected one alone. So an address changes only by somebody who knows the
/// password.
package struct ICELite: Sendable {
    package struct Verdict: Sendable {
        /// The bytes of the answer; zero means to stay silent.
        package var answerSize: Int
        package var event: Event
    }

    package enum Event: Equatable, Sendable {
        /// A check passed on a path that was known.
        case none
        /// A check passed on a path that was not.
        case checked(DatagramPath)
        /// Media for the peer goes to this path from now on.
        case nominated(DatagramPath)
        /// The peer thinks that it is controlled; it was told to think again (487).
        case conflict
        /// An authentic request with attributes that must be known and are not (420).
        case unknownAttributes
        /// No check of ours: not answered.
        case refused(Refusal)
    }

    package enum Refusal: Sendable, CaseIterable {
        case notARequest
        /// Not our ufrag, or not followed by the peer's.
        case username
        case fingerprint
        case integrity
    }

    /// Our credentials, and the ufrag of the peer's that go with them.
    private struct Generation: Sendable {
        let credentials: ICECredentials
        let name: [UInt8]
        let key: STUNKey
        var remoteName: [UInt8]?

        init(_ credentials: ICECredentials, remoteUfrag: String?) {
            self.credentials = credentials
            name = Array(credentials.ufrag.utf8)
            key = STUNKey(password: credentials.password)
            remoteName = remoteUfrag.map { Array($0.utf8) }
        }
    }

    private struct CheckedPath: Sendable {
        let path: DatagramPath
        var lastCheck: Instant
        var lastNomination: Instant?
        var priority: UInt32
        /// Was selected and is no longer: kept for what is still underway, until then.
        var end: Instant?
    }

    /// Browsers have some ten pairs; an attacker with the password could make up any number.
    package static let mostPaths = 16
    /// For packets that were sent before the peer moved.
    package static let afterglow = Duration.seconds(5)
    /// Two paths nominated within this time are those of a peer that nominates all it has
    /// (aggressively, RFC 5245 section 8.1.1.2): the better one wins. Else the later one does.
    private static let undecided = Duration.milliseconds(500)

    /// How long after the last sign of life the peer's consent lasts.
    private let consent: Duration
    private var current: Generation
    /// During a restart, until a check with the new ones nominates (RFC 8445 section 9).
    private var previous: Generation?
    private var paths: [CheckedPath] = []

    /// Where media for the peer goes.
    package private(set) var selected: DatagramPath?
    /// The last check that passed, or ``noteLife(at:)``; at first the beginning.
    package private(set) var lastHeard: Instant

    /// RFC 7675 section 5.1 allows thirty seconds of consent. Browsers check every five at most, so
    /// fifteen are three lost in a row.
    package init(
        _ credentials: ICECredentials,
        remoteUfrag: String? = nil,
        consent: Duration = .seconds(15),
        at now: Instant
    ) {
        current = Generation(credentials, remoteUfrag: remoteUfrag)
        self.consent = consent
        lastHeard = now
    }

    /// Ours, as our description names them.
    package var credentials: ICECredentials { current.credentials }

    /// Our ufrags by which messages for this peer can come: one, or two during a restart.
    package var ufrags: [String] {
        [current.credentials.ufrag] + (previous.map { [$0.credentials.ufrag] } ?? [])
    }

    /// Tells the ufrag in the peer's description. Before that, whoever knows our password is believed:
    /// a peer's checks may come sooner than its answer.
    package mutating func expect(remoteUfrag: String) {
        current.remoteName = Array(remoteUfrag.utf8)
    }

    /// Restarts with new credentials of ours: because the peer's description has new ones, or to make
    /// it look for a way again. Paths and selection stay until a check with the new ones nominates.
    package mutating func restart(_ credentials: ICECredentials, remoteUfrag: String? = nil) {
        previous = current
        current = Generation(credentials, remoteUfrag: remoteUfrag)
    }

    /// Whether a check has passed there, so that DTLS and media from there may be looked at.
    package func has(_ path: DatagramPath) -> Bool {
        paths.contains { $0.path == path }
    }

    /// How many paths are remembered.
    ///
    /// This and what else is asked each time that a peer is served is inlined: a call would be given a
    /// copy of the whole, with all that it holds counted up and down.
    @inline(__always)
    package var pathCount: Int { paths.count }

    /// Takes note of something authentic from the peer that was no check, such as media.
    package mutating func noteLife(at now: Instant) {
        lastHeard = max(lastHeard, now)
    }

    /// When consent ends if nothing is heard, or an old path does.
    @inline(__always)
    package var deadline: Instant {
        var deadline = lastHeard + consent
        for path in paths {
            if let end = path.end { deadline = min(deadline, end) }
        }
        return deadline
    }

    /// Whether the peer has been silent too long: nothing more may be sent to it.
    @inline(__always)
    package func isExpired(at now: Instant) -> Bool {
        now >= lastHeard + consent
    }

    /// Forgets old paths. A TCP connection that has ended is forgotten by ``forget(_:)``.
    package mutating func advance(to now: Instant) {
        guard deadline <= now else { return }
        paths.removeAll { path in
            path.end.map { now >= $0 } ?? false
        }
    }

    /// Forgets a path that is no more. Of the selected one nothing can be heard then until another is
    /// nominated.
    package mutating func forget(_ path: DatagramPath) {
        paths.removeAll { $0.path == path }
        if selected == path { selected = nil }
    }

    /// Takes one message, and writes the answer to the front of a buffer, which should hold 128 bytes.
    package mutating func receive(
        _ message: borrowing STUNMessage,
        from path: DatagramPath,
        at now: Instant,
        into answer: inout MutableSpan<UInt8>
    ) -> Verdict {
        guard message.kind == .request, message.method == .binding else {
            return refuse(.notARequest)
        }
        let isOld: Bool
        switch generation(of: message) {
        case .current: isOld = false
        case .previous: isOld = true
        case .none: return refuse(.username)
        }
        guard message.hasValidFingerprint else { return refuse(.fingerprint) }
        let key = isOld ? previous?.key ?? current.key : current.key
        guard message.isVouched(by: key) else { return refuse(.integrity) }

        // Whoever knows the password is the peer, whatever it asks.
        lastHeard = max(lastHeard, now)
        guard message.unknownAttributes(besides: Self.known).isEmpty else {
            let size = writeUnknown(message, key, into: &answer)
            return Verdict(answerSize: size, event: .unknownAttributes)
        }
        // We can't but be controlled, as if our tie-breaker were the least (section 7.3.1.1).
        guard message[.iceControlled] == nil else {
            return Verdict(answerSize: writeConflict(message, key, into: &answer), event: .conflict)
        }
        let event = note(
            path,
            priority: message.number32(.priority) ?? 0,
            nominates: message[.useCandidate] != nil,
            isOld: isOld,
            at: now
        )
        return Verdict(answerSize: writeSuccess(message, path, key, into: &answer), event: event)
    }

    private func refuse(_ refusal: Refusal) -> Verdict {
        Verdict(answerSize: 0, event: .refused(refusal))
    }
}

// Who asks.
extension ICELite {
    private enum Age {
        case current
        case previous
        case none
    }

    /// USERNAME is our ufrag, a colon and the peer's (RFC 8445 section 7.2.2).
    private func generation(of message: borrowing STUNMessage) -> Age {
        guard let username = message[.username] else { return .none }
        if Self.isNamed(username, current) { return .current }
        if let previous, Self.isNamed(username, previous) { return .previous }
        return .none
    }

    private static func isNamed(_ username: Span<UInt8>, _ generation: Generation) -> Bool {
        let own = generation.name.count
        guard username.count > own + 1, username[own] == UInt8(ascii: ":") else { return false }
        for index in 0..<own where username[index] != generation.name[index] { return false }
        guard let remote = generation.remoteName else { return true }
        guard username.count == own + 1 + remote.count else { return false }
        for index in remote.indices where username[own + 1 + index] != remote[index] {
            return false
        }
        return true
    }
}

// Where the peer is.
extension ICELite {
    private mutating func note(
        _ path: DatagramPath,
        priority: UInt32,
        nominates: Bool,
        isOld: Bool,
        at now: Instant
    ) -> Event {
        let isNew: Bool
        let index: Int
        if let known = paths.firstIndex(where: { $0.path == path }) {
            (isNew, index) = (false, known)
            paths[known].lastCheck = now
            paths[known].priority = priority
            if path != selected, paths[known].end != nil {
                paths[known].end = now + Self.afterglow
            }
        } else {
            makeRoom()
            (isNew, index) = (true, paths.count)
            paths.append(CheckedPath(path: path, lastCheck: now, priority: priority))
        }
        if nominates {
            paths[index].lastNomination = now
            let endsRestart = !isOld && previous != nil
            if endsRestart { previous = nil }
            if path != selected, endsRestart || isBetter(paths[index], at: now) {
                select(index, at: now)
                return .nominated(path)
            }
        }
        return isNew ? .checked(path) : .none
    }

    /// Whether a path that was just nominated takes over from the selected one.
    private func isBetter(_ path: CheckedPath, at now: Instant) -> Bool {
        guard let selected, let old = paths.first(where: { $0.path == selected }),
            let last = old.lastNomination, now < last + Self.undecided
        else { return true }
        return path.priority > old.priority
    }

    private mutating func select(_ index: Int, at now: Instant) {
        if let selected, let old = paths.firstIndex(where: { $0.path == selected }) {
            paths[old].end = now + Self.afterglow
        }
        paths[index].end = nil
        selected = paths[index].path
    }

    /// Lets the path go that was checked longest ago, if there are too many.
    private mutating func makeRoom() {
        guard paths.count >= Self.mostPaths else { return }
        var oldest: Int?
        for (index, path) in paths.enumerated() where path.path != selected {
            if let other = oldest, paths[other].lastCheck <= path.lastCheck { continue }
            oldest = index
        }
        if let oldest { paths.remove(at: oldest) }
    }
}

// What is answered.
extension ICELite {
    /// What a check may bear that must be known (RFC 8445 section 16.1).
    private static let known: [STUNAttributeType] = [
        .username, .messageIntegrity, .priority, .useCandidate,
    ]

    private func writeSuccess(
        _ message: borrowing STUNMessage,
        _ path: DatagramPath,
        _ key: STUNKey,
        into answer: inout MutableSpan<UInt8>
    ) -> Int {
        let room = answer._mutatingExtracting(0..<answer.count)
        var writer = STUNWriter(.success, .binding, message.transaction, into: room)
        writer.append(.xorMappedAddress, path.remote)
        writer.appendIntegrity(key)
        writer.appendFingerprint()
        return writer.finish() ?? 0
    }

    private func writeConflict(
        _ message: borrowing STUNMessage,
        _ key: STUNKey,
        into answer: inout MutableSpan<UInt8>
    ) -> Int {
        let room = answer._mutatingExtracting(0..<answer.count)
        var writer = STUNWriter(.failure, .binding, message.transaction, into: room)
        writer.append(STUNErrorCode(487, "Role Conflict"))
        writer.appendIntegrity(key)
        writer.appendFingerprint()
        return writer.finish() ?? 0
    }

    /// Names four of them at most, which keeps the answer as short as the question.
    private func writeUnknown(
        _ message: borrowing STUNMessage,
        _ key: STUNKey,
        into answer: inout MutableSpan<UInt8>
    ) -> Int {
        let types = message.unknownAttributes(besides: Self.known).prefix(4)
        let room = answer._mutatingExtracting(0..<answer.count)
        var writer = STUNWriter(.failure, .binding, message.transaction, into: room)
        writer.append(STUNErrorCode(420, ""))
        writer.append(unknown: Array(types))
        writer.appendIntegrity(key)
        writer.appendFingerprint()
        return writer.finish() ?? 0
    }
}

extension STUNMessage {
    /// The ufrag of ours that a check is for: what stands before the colon of its USERNAME. Whose it is
    /// nobody has vouched for yet.
    package var ufrag: Span<UInt8>? {
        @_lifetime(copy self)
        get {
            guard let username = self[.username] else { return nil }
            for index in username.indices where username[index] == UInt8(ascii: ":") {
                return username.extracting(0..<index)
            }
            return nil
        }
    }
}
