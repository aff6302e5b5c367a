internal import Basics
internal import Cluster
internal import Coordination
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// A member that hosts nothing: it has a keeper, links and mutexes as a node has, and people who want them.
final class Claimant: Sendable {
    static let cluster = "trial"
    static let channels = (1...4).compactMap { Channel("place\($0)") }
    static let mutexes = (1...2).compactMap { MutexName("mutex\($0)") }

    private let keeper: ClusterKeeper
    private let mutexes: ClusterMutex
    private let ear: Ear
    private let links: Links

    init(_ terms: ClaimantCommand.Terms) throws {
        guard let name = NodeName(terms.name) else {
            throw DrillFault("\(terms.name) names no member", code: 2)
        }
        let member = MemberID(name: name, nonce: .random(in: .min ... .max))
        let loop = try Loop(name: "cluster")
        let resolver = try NameResolver(threads: 1)
        links = Links(
            Links.Identity(cluster: Self.cluster, member: member),
            loop: loop,
            security: try LinkSecurity(secret: Secret(terms.secret), previous: nil),
            resolver: resolver,
            pace: terms.pace,
            figures: LinkFigures(in: MetricRegistry()),
            log: .silent
        )
        let address = try links.listen(on: terms.listen)
        let place = try RedisPlace(terms.redis)
        var rules = RedisRules()
        rules.answerTimeout = .milliseconds(500)
        var confirmation: Duration?
        if case .sentinels = place.way {
            rules.confirmEvery = .milliseconds(200)
            confirmation = terms.pace.confirmation
        }
        func client() -> RedisClient {
            RedisClient(place, loop: loop, resolver: resolver, rules: rules)
        }
        let gate = HoldGate(until: Instant(nanoseconds: .min))
        let mutexes = ClusterMutex(
            member,
            cluster: Self.cluster,
            gate: gate,
            client: client(),
            subscriber: RedisSubscriber(place, loop: loop, resolver: resolver, rules: rules),
            terms: MutexTerms(confirmation: confirmation),
            figures: MutexFigures(in: MetricRegistry(), prefix: "claimant_"),
            log: .silent
        )
        self.mutexes = mutexes
        let board = Board()
        keeper = ClusterKeeper(
            member,
            card: MemberCard(cluster: "\(address)"),
            pace: terms.pace,
            gate: gate,
            client: client(),
            cluster: Self.cluster,
            links: links,
            log: .silent
        ) { news in
            guard case .membership(let news) = news else { return }
            switch news {
            case .joined(let life):
                mutexes.join(life)
                board.keeper?.assumeIsolated { mutexes.follow($0.standing.generation) }
            case .generation(let generation): mutexes.follow(generation)
            case .memberDied(let other, let life): mutexes.note(dead: other, life)
            case .fenced: mutexes.fence()
            case .left, .refused, .memberJoined, .memberLeft: break
            }
        }
        board.keeper = keeper
        ear = Ear(keeper)
    }

    /// The keeper, for the news that it tells, which all come on its loop.
    private final class Board: @unchecked Sendable {
        weak var keeper: ClusterKeeper?
    }

    /// Passes on what comes over the links.
    private final class Ear: LinkReceiver {
        private let keeper: ClusterKeeper

        init(_ keeper: ClusterKeeper) { self.keeper = keeper }

        func linkOpened(to member: MemberID) { keeper.linkOpened(to: member) }
        func linkBroke(to member: MemberID, why: String) { keeper.linkBroke(to: member) }
        func pulse(_ bytes: [UInt8], from member: MemberID) { keeper.pulse(bytes, from: member) }
        func certified(_ member: MemberID, _ life: Life) { keeper.certified(member, life) }
        func parcel(_ parcel: Parcel, from member: MemberID) {}
        func linkEnded(to member: MemberID) {}
    }

    func run() async {
        await links.tell(ear)
        keeper.begin()
        await withTaskGroup { group in
            for channel in Self.channels { group.addTask { await self.claim(channel) } }
            for name in Self.mutexes { group.addTask { await self.grab(name) } }
            group.addTask { await self.watchPlaces() }
        }
    }

    // MARK: - Places

    /// Claims the channel again and again, and ends what it has now and then.
    private func claim(_ channel: Channel) async {
        while true {
            await keeper.loop.sleep(for: .milliseconds(Int.random(in: 50...250)))
            let called = Loop.readClock()
            guard case .mine(let token) = await keeper.claim(channel, above: nil) else { continue }
            let now = Loop.readClock()
            // Only what may be used counts as had: its answer may have come when the right had run out.
            guard keeper.gate.isOpen(at: now) else { continue }
            ClaimantWord(.has, channel.description, token, at: now, since: called).say()
            guard Int.random(in: 0..<20) == 0 else { continue }
            ClaimantWord(.frees, channel.description, token, at: Loop.readClock()).say()
            keeper.end(HostedPlace(channel: channel, token: token))
        }
    }

    /// What is hosted here at this moment, by the gate that everything of a node passes.
    private func watchPlaces() async {
        while true {
            await keeper.loop.sleep(for: .milliseconds(20))
            let places = await keeper.places
            for place in places {
                let now = Loop.readClock()
                guard keeper.gate.isOpen(at: now) else { break }
                ClaimantWord(.uses, place.channel.description, place.token, at: now).say()
            }
        }
    }

    // MARK: - Mutexes

    private func grab(_ name: MutexName) async {
        while true {
            await mutexes.loop.sleep(for: .milliseconds(Int.random(in: 5...100)))
            let called = Loop.readClock()
            do throws(MutexFault) {
                let hold = try await mutexes.grab(name, within: .seconds(5))
                let text = name.description
                let now = Loop.readClock()
                // The same here: it may be lost by the time one hears of having it.
                guard hold.isHeld else {
                    mutexes.release(hold)
                    continue
                }
                ClaimantWord(.has, text, hold.fence, at: now, since: called).say()
                for _ in 0..<Int.random(in: 1...4) {
                    await mutexes.loop.sleep(for: .milliseconds(5))
                    let now = Loop.readClock()
                    guard hold.isHeld else { break }
                    ClaimantWord(.uses, text, hold.fence, at: now).say()
                }
                ClaimantWord(.frees, text, hold.fence, at: Loop.readClock()).say()
                mutexes.release(hold)
            } catch {
                ClaimantWord(.misses, name.description, nil, at: Loop.readClock()).say()
            }
        }
    }
}
