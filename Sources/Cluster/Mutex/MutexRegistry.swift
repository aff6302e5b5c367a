package import Basics
package import Coordination
package import IO

/// What is asked about mutexes, and answered, in the words of `mutex.lua` and the files beside it.
package struct MutexRegistry: Sendable {
    private let client: RedisClient
    /// That of the era, of which all others are siblings.
    private let key: String
    /// How long who waits may be silent, and who was handed it.
    private let times: [UInt8]
    private let prefix: String

    /// `cluster`: the name of the cluster, which keeps its keys apart from those of others.
    package init(cluster: String, client: RedisClient, terms: MutexTerms) {
        self.client = client
        prefix = "r1:{\(cluster)}:"
        key = prefix + "gen"
        let (patience, grace) = (terms.patience.wholeMilliseconds, terms.grace.wholeMilliseconds)
        times = [UInt8]("\(patience) \(grace)".utf8)
    }

    /// On which a member is told that something was handed over to it.
    package func channel(of member: MemberID) -> String { "\(prefix)mx-for:\(member)" }

    /// The answer comes on the client's loop, with the instant at which the request left; nil if there is
    /// none, or none that can be read. What can't leave at once is not sent later, for another Redis may be
    /// connected to then.
    package func ask(
        _ request: MutexRequest,
        _ answer: @escaping @Sendable (Result<MutexAnswer, MutexRegistryFault>, Instant) -> Void
    ) {
        client.run(
            script(for: request.order),
            keys: [key],
            arguments: words(of: request),
            atOnce: true
        ) { result, sentAt in
            switch result {
            case .success(let value):
                if let reading = MutexAnswer(value) {
                    answer(.success(reading), sentAt)
                } else {
                    answer(.failure(.unreadable), sentAt)
                }
            case .failure(let fault):
                answer(.failure(.unanswered(fault)), sentAt)
            }
        }
    }

    private func script(for order: MutexOrder) -> RedisScript {
        switch order {
        case .lock: Self.lock
        case .relock: Self.relock
        case .unlock: Self.unlock
        case .quit: Self.quit
        }
    }

    private func words(of request: MutexRequest) -> [[UInt8]] {
        var words = [
            bytes("\(request.era.generation) \(request.era.run)"), bytes(request.owner),
            bytes(request.name), times,
        ]
        switch request.order {
        case .lock(let seizing, let isSettled):
            let seen = seizing.map { "\($0.owner) \($0.fence) \($0.sequence)" }
            words.append(bytes(seen ?? ""))
            words.append(bytes(isSettled ? "1" : ""))
        case .relock(let fence), .unlock(let fence):
            words.append(bytes(fence))
        case .quit:
            break
        }
        return words
    }

    private func bytes(_ value: some CustomStringConvertible) -> [UInt8] {
        [UInt8](value.description.utf8)
    }

    private static let lock = RedisScript.inBinary(named: "mutex-lock")
    private static let relock = RedisScript.inBinary(named: "mutex-relock")
    private static let unlock = RedisScript.inBinary(named: "mutex-unlock")
    private static let quit = RedisScript.inBinary(named: "mutex-quit")
}

/// Why a request about a mutex has no answer.
package enum MutexRegistryFault: Error, Equatable, CustomStringConvertible {
    case unanswered(RedisFault)
    case unreadable

    package var description: String {
        switch self {
        case .unanswered(let fault): "\(fault)"
        case .unreadable: "Redis gave an answer that the scripts of this version never give"
        }
    }
}

extension MutexAnswer {
    /// Reads what a script returned; nil if none does.
    init?(_ value: RedisValue) {
        guard let words = value.elements, let kind = words.first?.text else { return nil }
        switch (kind, words.count) {
        case ("STALE", 1): self = .stale
        case ("GRANTED", 2):
            guard let fence = words[1].text.flatMap({ Token($0) }) else { return nil }
            self = .granted(fence)
        case ("BUSY", 4):
            guard let owner = words[1].text.flatMap({ MutexOwner($0) }),
                let fence = words[2].text.flatMap({ Token($0) }),
                let sequence = words[3].number.flatMap({ UInt64(exactly: $0) })
            else { return nil }
            self = .busy(MutexHolder(owner: owner, fence: fence, sequence: sequence))
        case ("UNSETTLED", 1): self = .unsettled
        case ("FULL", 1): self = .full
        case ("RENEWED", 1): self = .renewed
        case ("LOST", 1): self = .lost
        case ("RELEASED", 1): self = .released
        default: return nil
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
