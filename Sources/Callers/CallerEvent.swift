package import Crypto
package import Media

/// What a caller tells whoever gives it socket and time.
package enum CallerEvent: Equatable, Sendable {
    /// Media may flow both ways.
    case connected
    /// The data channel is open.
    case channelOpen
    case message([UInt8])
    /// An offer of its own gave way to one of the other side: offer again.
    case mustOffer
    /// The other side asked for a key frame of a track.
    case pictureWanted(track: Int)
    case over(CallerEnding)
}

/// Why it is over.
package enum CallerEnding: Equatable, Sendable, CustomStringConvertible {
    case unreachable
    case silent
    case handshake(DTLSFault)
    case goodbye
    case channels(SCTPEnding)

    package var description: String {
        switch self {
        case .unreachable: "nobody answered a connectivity check"
        case .silent: "connectivity checks are no longer answered"
        case .handshake(let fault): "the handshake failed: \(fault)"
        case .goodbye: "the other side said goodbye"
        case .channels(let ending): "the data channel ended: \(ending)"
        }
    }
}

/// Why a description of the other side was of no use.
package enum CallerFault: Error, Equatable, Sendable, CustomStringConvertible {
    case unreadable(SDPFault)
    case hasNoCredentials
    case wasNotAsked

    package var description: String {
        switch self {
        case .unreadable(let fault): "a description can't be read: \(fault)"
        case .hasNoCredentials: "a description has no ICE credentials or no fingerprint"
        case .wasNotAsked: "an answer came to no offer"
        }
    }
}
