import Basics
import Media

/// A check as a full agent sends it (RFC 8445 section 7.2.2), or one that is wrong in some way.
struct ICECheck {
    var username: String
    var password: String
    var nominates = false
    var priority: UInt32? = 0x6E00_01FF
    /// The role that the peer thinks it has.
    var role: STUNAttributeType? = .iceControlling
    var kind = STUNClass.request
    var method = STUNMethod.binding
    var unknown: [UInt16] = []
    var hasFingerprint = true
    var hasIntegrity = true
    var transaction = STUNTransactionID(high: 1, low: 2)

    init(to credentials: ICECredentials, from remote: String = "peer", nominates: Bool = false) {
        username = "\(credentials.ufrag):\(remote)"
        password = credentials.password
        self.nominates = nominates
    }

    var bytes: [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1_000)
        let room = buffer.mutableSpan
        var writer = STUNWriter(kind, method, transaction, into: room)
        writer.append(.username, username)
        if let role { writer.append(role, UInt64(7)) }
        if let priority { writer.append(.priority, priority) }
        if nominates { writer.append(.useCandidate) }
        for type in unknown { writer.append(STUNAttributeType(rawValue: type)) }
        if hasIntegrity { writer.appendIntegrity(STUNKey(password: password)) }
        if hasFingerprint { writer.appendFingerprint() }
        guard let count = writer.finish() else { preconditionFailure("a check fits") }
        return Array(buffer[..<count])
    }
}

/// What came of a check.
struct ICEOutcome {
    var event: ICELite.Event
    var answer: [UInt8]
}

extension ICELite {
    mutating func hear(
        _ bytes: [UInt8],
        from path: DatagramPath,
        at now: Instant
    ) throws(STUNFault) -> ICEOutcome {
        var buffer = [UInt8](repeating: 0xAA, count: 256)
        let message = try STUNMessage(bytes.span)
        var room = buffer.mutableSpan
        let verdict = receive(message, from: path, at: now, into: &room)
        return ICEOutcome(event: verdict.event, answer: Array(buffer[..<verdict.answerSize]))
    }

    mutating func hear(
        _ check: ICECheck,
        from path: DatagramPath,
        at now: Instant = .start
    ) throws(STUNFault) -> ICEOutcome {
        try hear(check.bytes, from: path, at: now)
    }
}

extension Instant {
    static let start = Instant(nanoseconds: 1_000_000_000_000)
}

extension DatagramPath {
    /// Some path, another for each number.
    static func number(_ number: UInt16, stream: UInt32 = 0) -> DatagramPath {
        let remote = SocketAddress(
            ip: IPAddress(v4: 0xC000_0200 | UInt32(number >> 8)),
            port: number
        )
        return DatagramPath(remote: remote, local: 0, stream: stream)
    }
}

extension ICECredentials {
    static func seeded(_ seed: UInt64) -> ICECredentials {
        var random = SeededRandom(seed: seed)
        guard let credentials = ICECredentials(using: &random) else {
            preconditionFailure("credentials can be made")
        }
        return credentials
    }
}
