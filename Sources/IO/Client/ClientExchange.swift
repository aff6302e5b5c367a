internal import Basics
internal import Wire

/// One request from the call to its answer. Belongs to the client's loop, save the delivery.
///
///     waiting ──▶ resolving ──▶ connecting ──▶ securing ──▶ talking ──▶ done
///        │ ▲                                                 ▲   │
///        │ ╰───────────── again, on a fresh connection ──────┼───╯
///        ╰───────────── a connection at rest ────────────────╯
final class ClientExchange: @unchecked Sendable {
    enum Stage {
        case waiting
        case resolving
        case connecting
        case securing
        case talking
        case done
    }

    let request: OutgoingRequest
    let delivery = Delivery<Result<IncomingResponse, HTTPClientFault>>()

    // On the loop.
    var stage = Stage.waiting
    var connection: ClientConnection?
    /// Holds a place among the connections to its host.
    var hasPlace = false
    var needsFresh = false
    /// What is left to try.
    var addresses: [IPAddress] = []
    var wholeDeadline = Instant(nanoseconds: 0)
    /// The end of resolving, of connecting to all addresses, or of securing.
    var stageDeadline: Instant?
    /// The end of this address's share.
    var addressDeadline: Instant?

    init(_ request: OutgoingRequest) {
        self.request = request
    }

    var origin: String { request.location.origin }

    var deadline: Instant {
        [stageDeadline, addressDeadline].reduce(wholeDeadline) { least, other in
            other.map { min($0, least) } ?? least
        }
    }
}
