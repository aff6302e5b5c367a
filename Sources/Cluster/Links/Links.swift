package import Basics
package import Coordination
internal import Glibc
package import IO
package import Wire

/// The connections to all other nodes of the cluster, one a node.
///
/// Of two nodes the one with the lesser name dials; the other does too when that takes long. Whoever is
/// dialled takes in any member that proves itself and speaks of the same cluster, for the table of members
/// may reach it later than the call. Two that can't reach each other speak through a third (see
/// ``LinkRelay``) until they can. Parcels are kept in a ``LinkLedger`` a member, which outlives
/// connections and ends with the member.
///
/// All of it belongs to one loop; from elsewhere, say it with ``visit(_:)``.
package actor Links {
    package struct Identity: Sendable {
        package var cluster: String
        package var member: MemberID
        package var versions: ClosedRange<UInt64>

        package init(
            cluster: String,
            member: MemberID,
            versions: ClosedRange<UInt64> = Links.versions
        ) {
            self.cluster = cluster
            self.member = member
            self.versions = versions
        }
    }

    /// What this build speaks: raised when frames or letters change so that older nodes misread them.
    /// 2: members may speak through a third. 3: whoever has nothing to say says so five times a second.
    package static let versions: ClosedRange<UInt64> = 1...3

    package nonisolated let loop: Loop
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    package nonisolated let identity: Identity
    let security: LinkSecurity
    let resolver: NameResolver
    /// How long nothing may come over a link before it counts as cut. Long enough for a member that is well to
    /// be heard several times, and no longer than others take to believe one gone.
    let patience: Duration
    let figures: LinkFigures
    let log: Log
    weak var receiver: (any LinkReceiver)?
    var neighbours: [MemberID: LinkNeighbour] = [:]
    var strangers: [ObjectIdentifier: LinkConnection] = [:]
    private var listener: Listener?
    var nextRound: Instant?
    var refusals = LogLimiter(linesPerSecond: 1)
    var isClosed = false
    var isWatchingRelays = false

    package init(
        _ identity: Identity,
        loop: Loop,
        security: LinkSecurity,
        resolver: NameResolver,
        pace: Pace,
        figures: LinkFigures,
        log: Log
    ) {
        self.identity = identity
        self.loop = loop
        self.security = security
        self.resolver = resolver
        patience = pace.stall
        self.figures = figures
        self.log = log
    }

    package nonisolated func visit(_ body: @escaping @Sendable (isolated Links) -> Void) {
        if loop.isCurrent {
            assumeIsolated { body($0) }
        } else {
            loop.execute { self.assumeIsolated { body($0) } }
        }
    }

    // MARK: - Opening and closing

    /// Binds the address and begins to accept. Returns the address with its real port.
    package nonisolated func listen(on address: SocketAddress) throws(SystemFault) -> SocketAddress
    {
        let listener = try Listener(
            on: address,
            loop: loop,
            starved: figures.starved,
            log: log
        ) { [weak self] descriptor, peer, _ in
            guard let self else {
                Glibc.close(descriptor)
                return
            }
            visit { $0.accept(descriptor, from: peer) }
        }
        visit { $0.listener = listener }
        listener.open()
        return listener.bound
    }

    /// Everything that comes is told from here on.
    package func tell(_ receiver: any LinkReceiver) { self.receiver = receiver }

    package func close() {
        isClosed = true
        listener?.close()
        for connection in strangers.values { connection.assumeIsolated { $0.end() } }
        strangers = [:]
        for member in Array(neighbours.keys) { forget(member) }
    }

    // MARK: - Who there is

    /// Where members can be reached. The link to whoever is not among them is given up.
    package func expect(_ members: [MemberID: String]) {
        guard !isClosed else { return }
        for (member, address) in members where member != identity.member {
            let neighbour = neighbour(member)
            if neighbour?.address != address { neighbour?.nextDial = loop.now }
            neighbour?.address = address
        }
        for member in Array(neighbours.keys) where members[member] == nil {
            // A member that has dialled before we heard of it is left the time to be heard of.
            if neighbours[member]?.address != nil { forget(member) }
        }
        round()
    }

    package func isLinked(to member: MemberID) -> Bool { neighbours[member]?.path != nil }

    package var linkedMembers: [MemberID] {
        neighbours.filter { $0.value.path != nil }.keys.sorted()
    }

    /// What operators are shown of the ways to members.
    package func views(of members: [MemberID]) -> [MemberID: LinkView] {
        var views: [MemberID: LinkView] = [:]
        for neighbour in members.compactMap({ neighbours[$0] }) {
            views[neighbour.member] = LinkView(
                third: neighbour.relay?.third,
                trouble: neighbour.direct == nil ? neighbour.trouble : nil
            )
        }
        return views
    }

    func neighbour(_ member: MemberID) -> LinkNeighbour? {
        if let known = neighbours[member] { return known }
        guard neighbours.count < Self.neighbourLimit else { return nil }
        let neighbour = LinkNeighbour(member, at: loop.now)
        neighbours[member] = neighbour
        return neighbour
    }

    func forget(_ member: MemberID) {
        guard let neighbour = neighbours.removeValue(forKey: member) else { return }
        end(neighbour)
        neighbour.dialling?.assumeIsolated { $0.end() }
        endRelays(through: member)
        figures.linked.set(Double(linkedMembers.count))
        receiver?.linkEnded(to: member)
    }

    /// Nobody has said meanwhile that it is a member.
    func forgetStranger(_ member: MemberID) {
        guard let neighbour = neighbours[member], neighbour.address == nil, neighbour.path == nil
        else { return }
        forget(member)
    }

    /// How long a member of that version may be silent.
    func patience(with version: UInt64) -> Duration {
        version >= Self.aliveVersion ? patience : Self.olderPatience
    }

    /// Whoever has nothing to say says so once in this time.
    static let aliveTime = Duration.milliseconds(200)
    /// From when on members say five times a second that they are there; before, once.
    private static let aliveVersion: UInt64 = 3
    private static let olderPatience = Duration.seconds(4)
    static let strangerTime = Duration.seconds(10)
    static let neighbourLimit = 64
    static let strangerLimit = 64

    // MARK: - Sending

    /// Sends it once and in order, now or when the link is there again. Says why if it can't.
    package func send(_ parcel: Parcel, to member: MemberID) -> RemoteFault? {
        guard let neighbour = neighbours[member] else {
            return .unreachable(member.description)
        }
        let frame = ClusterFrame.parcel(parcel).bytes
        guard frame.count <= ClusterFrame.limit + ClusterFrame.headLength else {
            return .unreadable(
                "it has \(frame.count) bytes, and \(ClusterFrame.limit) is the limit"
            )
        }
        guard neighbour.ledger.keep(frame) else {
            figures.overloads.add()
            return .overloaded
        }
        send(frame, to: neighbour)
        return nil
    }

    /// Sends it if the link is there. False if it isn't.
    @discardableResult
    package func pulse(_ bytes: [UInt8], to member: MemberID) -> Bool {
        guard let neighbour = neighbours[member], neighbour.path != nil else { return false }
        if let count = neighbour.ledger.acknowledgement() {
            send(ClusterFrame.acknowledgement(count).bytes, to: neighbour)
        }
        send(ClusterFrame.pulse(bytes).bytes, to: neighbour)
        return true
    }

    /// Says how many parcels have come, whether or not it was said before, so that the other side hears
    /// something.
    func keepAlive(_ connection: LinkConnection) {
        guard let member = connection.assumeIsolated({ $0.peer }).member,
            let neighbour = neighbours[member], neighbour.direct === connection
        else { return }
        let count = neighbour.ledger.acknowledgement() ?? neighbour.ledger.received
        send(ClusterFrame.acknowledgement(count).bytes, to: neighbour)
    }

    /// Sends a frame on whichever path there is.
    func send(_ frame: [UInt8], to neighbour: LinkNeighbour) {
        switch neighbour.path {
        case .direct(let connection): connection.assumeIsolated { $0.send(frame) }
        case .relayed(let relay): pass(Array(frame.dropFirst(ClusterFrame.headLength)), on: relay)
        case nil: break
        }
    }
}
