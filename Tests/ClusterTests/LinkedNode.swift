import Basics
import Cluster
import Coordination
import Crypto
import IO
import Synchronization
import Testing
import Wire

/// A node that is nothing but its links and its actors.
final class LinkedNode: ClusterWatcher {
    struct Strayed: Equatable, Sendable {
        var content: [UInt8]
        var name: ActorAddress.Name
    }

    private struct Heard {
        var opened: [MemberID] = []
        var broken: [MemberID] = []
        var pulses: [[UInt8]] = []
        var strayed: [Strayed] = []
        var failed: [RemoteFault] = []
        var certified: [MemberID] = []
    }

    let loop: Loop
    let links: Links
    let system: ClusterSystem
    let address: SocketAddress
    let registry = MetricRegistry()
    private let heard = Mutex(Heard())

    var member: MemberID { system.member }
    var opened: [MemberID] { heard.withLock { $0.opened } }
    var broken: [MemberID] { heard.withLock { $0.broken } }
    var pulses: [[UInt8]] { heard.withLock { $0.pulses } }
    var strayed: [Strayed] { heard.withLock { $0.strayed } }
    var failed: [RemoteFault] { heard.withLock { $0.failed } }
    var certified: [MemberID] { heard.withLock { $0.certified } }

    static let secret = Secret("a secret that is long enough for two")

    init(
        _ name: String,
        nonce: UInt64 = 1,
        cluster: String = "test",
        versions: ClosedRange<UInt64> = Links.versions,
        pace: Pace = .wan,
        security: LinkSecurity? = nil
    ) async throws {
        loop = try Loop()
        let member = MemberID(name: try #require(NodeName(name)), nonce: nonce)
        links = Links(
            Links.Identity(cluster: cluster, member: member, versions: versions),
            loop: loop,
            security: try security ?? LinkSecurity(secret: Self.secret, previous: nil),
            resolver: try NameResolver(threads: 1),
            pace: pace,
            figures: LinkFigures(in: registry),
            log: .silent
        )
        system = ClusterSystem(member, links: links)
        address = try links.listen(on: SocketAddress("127.0.0.1:0"))
        system.watch(self)
        await system.learn(Parrot.self)
    }

    func expect(_ others: LinkedNode..., at address: SocketAddress? = nil) async {
        let members = others.map { ($0.member, (address ?? $0.address).description) }
        await links.expect(Dictionary(uniqueKeysWithValues: members))
    }

    func close() async {
        await links.close()
        loop.stop()
    }

    /// Two nodes that know of each other, once they are linked.
    static func pair() async throws -> (LinkedNode, LinkedNode) {
        let (a, b) = (try await LinkedNode("a"), try await LinkedNode("b"))
        await a.expect(b)
        await b.expect(a)
        try await eventually { a.opened.contains(b.member) && b.opened.contains(a.member) }
        return (a, b)
    }

    // MARK: - ClusterWatcher

    func linkOpened(to member: MemberID) { heard.withLock { $0.opened.append(member) } }

    func linkBroke(to member: MemberID, why: String) {
        heard.withLock { $0.broken.append(member) }
    }

    func linkEnded(to member: MemberID) {}

    func certified(_ member: MemberID, _ life: Life) {
        heard.withLock { $0.certified.append(member) }
    }

    func pulse(_ bytes: [UInt8], from member: MemberID) {
        heard.withLock { $0.pulses.append(bytes) }
    }

    func letterFailed(to address: ActorAddress, _ fault: RemoteFault) {
        heard.withLock { $0.failed.append(fault) }
    }

    func letterStrayed(_ content: [UInt8], to name: ActorAddress.Name, from sender: MemberID) {
        heard.withLock { $0.strayed.append(Strayed(content: content, name: name)) }
    }
}

/// Waits until it is so, five seconds at most.
func eventually(
    within patience: Duration = .seconds(20),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ isSo: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + patience
    while clock.now < end {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it never came to be so", sourceLocation: sourceLocation)
}
