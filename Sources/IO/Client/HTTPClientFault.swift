package import Crypto
package import Wire

/// Why a request of ours got no answer. `origin` is the server's scheme, host and port.
package enum HTTPClientFault: Error, Equatable, Sendable {
    case nameUnknown(origin: String, NameFault)
    case resolveTimedOut(origin: String, after: Duration)
    /// Each address of the host refused, or could not be reached; `why` is the last one's reason.
    case unreachable(origin: String, why: String)
    case connectTimedOut(origin: String, after: Duration)
    case tls(origin: String, TLSFault)
    case handshakeTimedOut(origin: String, after: Duration)
    case exchangeTimedOut(origin: String, after: Duration)
    /// The connection ended before the answer was whole. The request may have been acted upon.
    case cutOff(origin: String, why: String)
    case headTooLarge(origin: String, limit: Int)
    case bodyTooLarge(origin: String, limit: UInt64)
    /// What was answered is not HTTP/1.1.
    case malformed(origin: String, HTTPRefusal)
    case tooManyWaiting(origin: String, limit: Int)
    case cancelled
    /// The client was closed.
    case closed
}

extension HTTPClientFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nameUnknown(let origin, let fault):
            "\(origin): \(fault)"
        case .resolveTimedOut(let origin, let time):
            "\(origin): its name was not resolved within \(time); check the name server"
        case .unreachable(let origin, let why):
            "\(origin): \(why); check that the server runs and that no firewall is between"
        case .connectTimedOut(let origin, let time):
            "\(origin): it did not accept a connection within \(time); check firewalls and routes"
        case .tls(let origin, let fault):
            "\(origin): \(fault)"
        case .handshakeTimedOut(let origin, let time):
            "\(origin): the TLS handshake took longer than \(time); check that TLS is on this port"
        case .exchangeTimedOut(let origin, let time):
            "\(origin): no whole answer came within \(time); look at the server's load and log"
        case .cutOff(let origin, let why):
            "\(origin): the connection ended before the answer did (\(why)); look at the server's log"
        case .headTooLarge(let origin, let limit):
            "\(origin): the head of its answer is beyond the limits (\(limit) bytes); send less"
        case .bodyTooLarge(let origin, let limit):
            "\(origin): its answer is larger than \(limit) bytes; ask for less"
        case .malformed(let origin, let refusal):
            "\(origin): its answer is not HTTP: \(refusal.sentence) Check the address and port"
        case .tooManyWaiting(let origin, let limit):
            "\(origin): \(limit) requests wait already; call less often, or look why it is slow"
        case .cancelled:
            "the call was cancelled"
        case .closed:
            "the client is closed; calls end with the node"
        }
    }
}
