package import Basics
package import Coordination
package import IO

/// What is asked about mutexes, and answered, in the words of `mutex.lua` and the files beside it.
package struct MutexRegistry: Sendable {
    private let client: RedisClient
    /// What is said with each question: channels, patience, grace.
    private let constants: [[UInt8]]
    private let prefix: String
    /// What the channels of members begin with, on which they are told that something was handed over.
    private let channels: String

    /// `cluster`: the name of the cluster, which keeps its keys apart from those of others.
    package init(cluster: String, client: RedisClient, terms: MutexTerms) {
        self.client = client
        prefix = "r1:{\(cluster)}:"
        channels = prefix + "mx-for:"
        constants = [
            [UInt8](channels.utf8),
            [UInt8](String(terms.patience.wholeMilliseconds).utf8),
            [UInt8](String(terms.grace.wholeMilliseconds).utf8),
        ]
    }

    package func channel(of member: MemberID) -> String { "\(channels)\(member)" }

    /// The answer comes on the client's loop, with the instant at which the request left; nil if there is
    /// none, or none that can be read. What can't leave at once is not sent later, for another Redis may be
    /// connected to then.
    package func ask(
        _ request: MutexRequest,
        _ answer: @escaping @Sendable (Result<MutexAnswer, MutexRegistryFault>, Instant) -> Void
    ) {
        let keys = [prefix + "gen", prefix + "mx", "\(prefix)mx:\(request.name)"]
        client.run(
            script(for: request.order),
            keys: keys,
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
        var words: [[UInt8]] = []
        words.reserveCapacity(11)
        words.append(bytes(request.era.generation))
        words.append(bytes(request.era.run))
        words.append(bytes(request.owner))
        words.append(bytes(request.name))
        words += constants
        switch request.order {
        case .lock(let seizing, let isSettled):
            words.append(seizing.map { bytes($0.owner) } ?? [])
            words.append(seizing.map { bytes($0.fence) } ?? [])
            words.append(seizing.map { bytes($0.sequence) } ?? [])
            words.append(isSettled ? [UInt8(ascii: "1")] : [])
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
