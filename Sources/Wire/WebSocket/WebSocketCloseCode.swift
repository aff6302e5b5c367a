/// Why a WebSocket connection ends, as its close frame says it (RFC 6455 section 7.4).
package struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normal = Self(rawValue: 1000)
    package static let goingAway = Self(rawValue: 1001)
    package static let protocolError = Self(rawValue: 1002)
    package static let unsupportedData = Self(rawValue: 1003)
    package static let invalidPayload = Self(rawValue: 1007)
    package static let policyViolation = Self(rawValue: 1008)
    package static let messageTooBig = Self(rawValue: 1009)
    package static let missingExtension = Self(rawValue: 1010)
    package static let internalError = Self(rawValue: 1011)
    package static let serviceRestart = Self(rawValue: 1012)
    package static let tryAgainLater = Self(rawValue: 1013)
    package static let badGateway = Self(rawValue: 1014)

    /// Whether a close frame may carry this code: those that IANA's registry defines and doesn't
    /// reserve for use within one end (1004, 1005, 1006, 1015), and those free for libraries and
    /// applications.
    package var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
