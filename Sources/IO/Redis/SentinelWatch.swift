internal import Basics
internal import Crypto

/// Asks all sentinels who the master is: for a new connection, whenever one of them tells of a switch,
/// and, if it is wanted, at a steady pace. Belongs to its ``RedisLine`` and to their loop.
///
/// All are asked at once, and the latest generation is believed: whoever was asked first could be the one
/// that has not heard of a switch yet.
final class SentinelWatch: @unchecked Sendable {
    enum News {
        case master(SentinelPoll.Choice)
        case confirmed(MasterConfirmation)
    }

    struct Fault: Error {
        var why: String
    }

    private let master: String
    private let loop: Loop
    private let rules: RedisRules
    private let clients: [RedisClient]
    private let subscribers: [RedisSubscriber]
    private var poll: SentinelPoll
    private var tell: ((News) -> Void)?
    private var latest: SentinelPoll.Choice?
    private var confirmation: MasterConfirmation?
    private var isClosed = false

    init(
        _ hosts: [RedisHost],
        master: String,
        place: RedisPlace,
        loop: Loop,
        resolver: NameResolver,
        tls: TLSContext?,
        rules: RedisRules
    ) {
        self.master = master
        self.loop = loop
        self.rules = rules
        var own = rules
        own.confirmEvery = nil
        let places = hosts.map { host in
            var place = place
            place.way = .plain(host)
            return place
        }
        clients = places.map { place in
            RedisClient(
                place,
                purpose: .sentinel,
                loop: loop,
                resolver: resolver,
                tls: tls,
                rules: own
            )
        }
        subscribers = places.map { place in
            RedisSubscriber(
                place,
                purpose: .sentinel,
                loop: loop,
                resolver: resolver,
                tls: tls,
                rules: own
            )
        }
        poll = SentinelPoll(sentinels: hosts.count)
    }

    func open(_ tell: @escaping (News) -> Void) {
        self.tell = tell
        for subscriber in subscribers {
            subscriber.subscribe("+switch-master") { [weak self] news in
                guard let self else { return }
                switch news {
                case .message(let words) where !isAbout(words): break
                // What was told while nobody listened is asked for.
                case .message, .began: ask(atOnce: true)
                case .cut: break
                }
            }
        }
        if let pace = rules.confirmEvery { keepAsking(every: pace) }
    }

    func close() {
        isClosed = true
        tell = nil
        for client in clients { client.assumeIsolated { $0.close() } }
        for subscriber in subscribers { subscriber.assumeIsolated { $0.close() } }
    }

    private func isAbout(_ words: [UInt8]) -> Bool {
        String(decoding: words, as: UTF8.self).split(separator: " ").first.map { $0 == master }
            ?? false
    }

    private func keepAsking(every pace: Duration) {
        loop.schedule(at: loop.now + pace) { [weak self] in
            guard let self, !isClosed else { return }
            ask(atOnce: true)
            keepAsking(every: pace)
        }
    }

    // MARK: - Asking

    /// Asks now, and tells as soon as a majority agrees or all have answered or failed.
    func find(_ tell: @escaping @Sendable (Result<SentinelPoll.Choice, Fault>) -> Void) {
        ask(atOnce: false, Round(sentinels: clients.count, tell))
    }

    private func ask(atOnce: Bool, _ round: Round? = nil) {
        let question = SentinelPoll.question(master)
        for (index, client) in clients.enumerated() {
            client.ask(question, timeout: rules.answerTimeout, atOnce: atOnce) {
                [weak self] result, sentAt in
                guard let self, !isClosed else { return }
                switch result {
                case .success(let value):
                    guard let answer = SentinelPoll.read(value, sentAt: sentAt) else {
                        round?.note(Fault(why: "\(client.place): what answers is no sentinel"))
                        return
                    }
                    poll.note(answer, of: index)
                    round?.note(answer.choice)
                    tellNews()
                case .failure(let fault):
                    round?.note(Fault(why: "\(client.place): \(fault)"))
                }
            }
        }
    }

    private func tellNews() {
        if let choice = poll.latest, choice != latest {
            latest = choice
            tell?(.master(choice))
        }
        if let confirmation = poll.confirmation, confirmation != self.confirmation {
            self.confirmation = confirmation
            tell?(.confirmed(confirmation))
        }
    }

    /// One question to all, and what has come of it.
    private final class Round: @unchecked Sendable {
        private let sentinels: Int
        private let tell: @Sendable (Result<SentinelPoll.Choice, Fault>) -> Void
        private var choices: [SentinelPoll.Choice] = []
        private var faults: [Fault] = []
        private var isDecided = false

        init(
            sentinels: Int,
            _ tell: @escaping @Sendable (Result<SentinelPoll.Choice, Fault>) -> Void
        ) {
            self.sentinels = sentinels
            self.tell = tell
        }

        func note(_ choice: SentinelPoll.Choice) {
            choices.append(choice)
            decide(choices.count { $0 == choice } > sentinels / 2)
        }

        func note(_ fault: Fault) {
            faults.append(fault)
            decide(false)
        }

        private func decide(_ isAgreed: Bool) {
            guard !isDecided, isAgreed || choices.count + faults.count == sentinels else { return }
            isDecided = true
            if let latest = choices.max(by: { $0.generation < $1.generation }) {
                tell(.success(latest))
            } else {
                let why = faults.first.map { ": \($0.why)" } ?? ""
                tell(.failure(Fault(why: "none of \(sentinels) sentinels names the master\(why)")))
            }
        }
    }
}
