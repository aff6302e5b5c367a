import Basics
import Cluster
import Coordination
import Crypto
import IO
import Synchronization
import Testing
import Wire

/// A node that is nothing but its links, its Redis and its keeper.
final class KeptNode: ClusterWatcher {
    let loop: Loop
    let links: Links
    let system: ClusterSystem
    let client: RedisClient
    let keeper: ClusterKeeper
    private let diary = Diary()
    private let isAlive = Atomic(true)

    /// What the keeper has told.
    private final class Diary: Sendable {
        let news = Mutex<[ClusterNews]>([])
    }

    var member: MemberID { system.member }
    var news: [ClusterNews] { diary.news.withLock { $0 } }

    var takenOver: [TakenPlace] {
        news.flatMap { news -> [TakenPlace] in
            if case .placement(.takenOver(let places)) = news { places } else { [] }
        }
    }

    init(_ name: String, nonce: UInt64, in server: StoreServer, cluster: String = "test") throws {
        loop = try Loop()
        let member = MemberID(name: try #require(NodeName(name)), nonce: nonce)
        let resolver = try NameResolver(threads: 1)
        links = Links(
            Links.Identity(cluster: cluster, member: member),
            loop: loop,
            security: try LinkSecurity(secret: LinkedNode.secret, previous: nil),
            resolver: resolver,
            pace: .wan,
            figures: LinkFigures(in: MetricRegistry()),
            log: .silent
        )
        system = ClusterSystem(member, links: links)
        let address = try links.listen(on: SocketAddress("127.0.0.1:0"))
        client = RedisClient(
            try RedisPlace("redis://127.0.0.1:\(server.port)"),
            loop: loop,
            resolver: resolver
        )
        let diary = diary
        keeper = ClusterKeeper(
            member,
            card: MemberCard(cluster: address.description, web: "https://\(name).example"),
            pace: .wan,
            client: client,
            cluster: cluster,
            links: links,
            log: .silent
        ) { news in diary.news.withLock { $0.append(news) } }
        system.watch(self)
        keeper.begin()
    }

    var hasFenced: Bool {
        news.contains { if case .membership(.fenced) = $0 { true } else { false } }
    }

    var isOpen: Bool { keeper.gate.isOpen(at: Loop.readClock()) }

    /// As a process ends: without a word. What is dead stays dead.
    func die() async {
        guard isAlive.exchange(false, ordering: .relaxed) else { return }
        await links.close()
        await client.close()
        loop.stop()
    }

    func linkOpened(to member: MemberID) { keeper.linkOpened(to: member) }
    func linkBroke(to member: MemberID, why: String) { keeper.linkBroke(to: member) }
    func linkEnded(to member: MemberID) {}
    func certified(_ member: MemberID, _ life: Life) { keeper.certified(member, life) }
    func pulse(_ bytes: [UInt8], from member: MemberID) { keeper.pulse(bytes, from: member) }
    func letterFailed(to address: ActorAddress, _ fault: RemoteFault) {}
    func letterStrayed(_ content: [UInt8], to name: ActorAddress.Name, from sender: MemberID) {}
}

/// Three nodes in a cluster of their own, once they can place calls.
struct KeptCluster {
    let server: StoreServer
    var nodes: [KeptNode]

    /// A machine that has much else to do may keep a thread from running for so long that its node stands
    /// still for the others, and ends. Elsewhere it would be started again; so are all three here.
    init(_ names: [String] = ["crow", "daw", "jay"]) async throws {
        for attempt in 1...3 {
            let server = try StoreServer()
            var nodes: [KeptNode] = []
            for (index, name) in names.enumerated() {
                nodes.append(try KeptNode(name, nonce: UInt64(index + 1), in: server))
            }
            self.init(server: server, nodes: nodes)
            if await isReady(within: .seconds(30 * attempt)) { return }
            await close()
        }
        throw NeverReady()
    }

    private init(server: StoreServer, nodes: [KeptNode]) {
        self.server = server
        self.nodes = nodes
    }

    struct NeverReady: Error {}

    /// Waits until every node can place calls, knowing all others.
    func ready() async throws {
        guard await isReady(within: .seconds(60)) else {
            for node in nodes {
                Issue.record("\(node.member): \(await node.keeper.standing); \(node.news)")
            }
            throw NeverReady()
        }
    }

    private func isReady(within patience: Duration) async -> Bool {
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            var ready = 0
            for node in nodes {
                let standing = await node.keeper.standing
                let others = standing.members.count { $0.isAlive && $0.isLinked && $0.isFit }
                if standing.obstacle == nil, others == nodes.count - 1 { ready += 1 }
            }
            if ready == nodes.count { return true }
            await nodes[0].loop.sleep(for: .milliseconds(10))
        }
        return false
    }

    var haveFenced: Bool { nodes.contains { $0.hasFenced } }
    var areOpen: Bool { !nodes.contains { !$0.isOpen } }

    func close() async {
        for node in nodes { await node.die() }
        server.kill()
    }
}
