package import Basics
package import Coordination
package import IO
internal import Wire

/// What the cluster's nodes share in Redis of themselves and their calls, asked and answered in their own
/// words: each request is one run of `registry.lua`.
package struct Registry: Sendable {
    private let client: RedisClient
    private let prefix: String

    /// `cluster`: the name of the cluster, which keeps its keys apart from those of others.
    package init(cluster: String, client: RedisClient) {
        self.client = client
        prefix = "r1:{\(cluster)}:"
    }

    private static let script = RedisScript.inBinary(named: "registry")

    /// The answer comes on the client's loop, with the instant at which the request left. What can't leave at
    /// once is not sent later: the keeper asks again by itself, with what it knows then.
    package func ask(
        _ request: RegistryRequest,
        _ answer: @escaping @Sendable (Result<RegistryAnswer, RegistryFault>, Instant) -> Void
    ) {
        var words = RegistryWords()
        words.write(request)
        client.run(Self.script, keys: [prefix], arguments: words.all, atOnce: true) {
            result,
            sentAt in
            switch result {
            case .success(let value):
                if let reading = RegistryAnswer(value, to: request.order) {
                    answer(.success(reading), sentAt)
                } else {
                    answer(.failure(.unreadable), sentAt)
                }
            case .failure(.refused(let code, let text)):
                answer(.failure(.unwilling("\(code) \(text)")), sentAt)
            case .failure: answer(.failure(.unanswered), sentAt)
            }
        }
    }
}
