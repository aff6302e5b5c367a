package import Basics
package import Coordination
package import IO

/// What a ``ClusterNode`` asks of Redis, as scripts there.
///
/// Nothing waits for a connection: what can't be asked now would be asked under a generation and a run
/// that may no longer be in force.
package struct Registry: Sendable {
    private let client: RedisClient
    private let keys: [String]

    /// `cluster` is what keys are named for. The client is somebody else's, and stays open.
    package init(cluster: String, client: RedisClient) {
        self.client = client
        keys = ["r1:{\(cluster)}:gen"]
    }

    /// Asks, and tells the answer with the instant at which the question left. Called on the client's loop.
    package func ask(
        _ request: RegistryRequest,
        _ answer: @escaping @Sendable (Result<RegistryAnswer, RegistryFault>, Instant) -> Void
    ) {
        client.run(
            request.script.text,
            keys: keys,
            arguments: request.arguments,
            atOnce: true
        ) { result, sentAt in
            switch result {
            case .success(let value):
                answer(
                    RegistryAnswer(value, to: request).map { .success($0) }
                        ?? .failure(.unreadable),
                    sentAt
                )
            case .failure(let fault): answer(.failure(RegistryFault(fault)), sentAt)
            }
        }
    }
}

extension RegistryFault {
    init(_ fault: RedisFault) {
        switch fault {
        case .refused: self = .unwilling("\(fault)")
        case .malformed: self = .unreadable
        case .unreachable, .timedOut, .cutOff, .overloaded, .cancelled, .closed:
            self = .unanswered
        }
    }
}
