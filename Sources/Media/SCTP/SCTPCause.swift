/// What an ABORT or ERROR complains of (RFC 9260 section 3.3.10).
package struct SCTPCause: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let invalidStream = SCTPCause(rawValue: 1)
    package static let missingParameter = SCTPCause(rawValue: 2)
    package static let staleCookie = SCTPCause(rawValue: 3)
    package static let outOfResource = SCTPCause(rawValue: 4)
    package static let unresolvableAddress = SCTPCause(rawValue: 5)
    package static let unrecognizedChunk = SCTPCause(rawValue: 6)
    package static let invalidParameter = SCTPCause(rawValue: 7)
    package static let noUserData = SCTPCause(rawValue: 9)
    package static let cookieWhileShuttingDown = SCTPCause(rawValue: 10)
    package static let userInitiated = SCTPCause(rawValue: 12)
    package static let protocolViolation = SCTPCause(rawValue: 13)

    package var description: String {
        switch self {
        case .invalidStream: "a stream that was not agreed on"
        case .missingParameter: "a parameter that had to be there"
        case .staleCookie: "a cookie that came too late"
        case .outOfResource: "no memory left for what was sent"
        case .unresolvableAddress: "an address nobody can resolve"
        case .unrecognizedChunk: "a chunk nobody knows"
        case .invalidParameter: "a parameter out of its range"
        case .noUserData: "a DATA chunk without data"
        case .cookieWhileShuttingDown: "a cookie amid a shutdown"
        case .userInitiated: "the user's wish"
        case .protocolViolation: "a rule that was broken"
        default: "cause \(rawValue)"
        }
    }
}

/// How an association ended.
package enum SCTPEnding: Hashable, Sendable, CustomStringConvertible {
    /// One side asked to shut down, and everything that was sent has arrived.
    case shutDown
    /// The peer aborted it, for the first cause it gave.
    case abortedByPeer(SCTPCause?)
    /// This side aborted it.
    case aborted(SCTPCause)
    /// The peer was asked as often as the configuration allows, and did not answer.
    case unanswered

    package var description: String {
        switch self {
        case .shutDown: "shut down in order"
        case .abortedByPeer(let cause?): "aborted by the peer: \(cause)"
        case .abortedByPeer(nil): "aborted by the peer, who gave no cause"
        case .aborted(let cause): "aborted here: \(cause)"
        case .unanswered: "the peer stopped answering; see whether it is still connected"
        }
    }
}
