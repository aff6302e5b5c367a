package import Basics
package import Coordination
internal import Glibc
package import IO
package import Wire

/// The connections to all other nodes of the cluster, one a node.
///
/// Of two nodes the one with the lesser name dials; the other does too when that takes long. Whoever is
/// dialled takes in any member that proves itself and speaks of the same cluster, for the table of members
/// may reach it later than the call. Parcels are kept in a ``LinkLedger`` a member, which outlives
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
    package static let versions: ClosedRange<UInt64> = 1...1

    private final class Neighbour {
        var ledger = LinkLedger()
        /// Both sides' ledgers by number, for a member that has lost its own counts from 0 again.
        let ledgerID = UInt64.random(in: 1...UInt64.max)
        var otherLedgerID: UInt64 = 0
        var connection: LinkConnection?
        /// Where it can be dialled; nil while nobody has said that it is a member.
        var address: String?
        var dialling: LinkConnection?
        var nextDial: Instant
        var failures = 0
        var version: UInt64 = 0

        init(at now: Instant) {
            nextDial = now
        }
    }

    package nonisolated let loop: Loop
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    package nonisolated let identity: Identity
    private let security: LinkSecurity
    private let resolver: NameResolver
    private let figures: LinkFigures
    private let log: Log
    private weak var receiver: (any LinkReceiver)?
    private var neighbours: [MemberID: Neighbour] = [:]
    private var strangers: [ObjectIdentifier: LinkConnection] = [:]
    private var listener: Listener?
    private var nextRound: Instant?
    private var refusals = LogLimiter(linesPerSecond: 1)
    private var isClosed = false

    package init(
        _ identity: Identity,
        loop: Loop,
        security: LinkSecurity,
        resolver: NameResolver,
        figures: LinkFigures,
        log: Log
    ) {
        self.identity = identity
        self.loop = loop
        self.security = security
        self.resolver = resolver
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

    package func isLinked(to member: MemberID) -> Bool { neighbours[member]?.connection != nil }

    package var linkedMembers: [MemberID] {
        neighbours.filter { $0.value.connection != nil }.keys.sorted()
    }

    private func neighbour(_ member: MemberID) -> Neighbour? {
        if let known = neighbours[member] { return known }
        guard neighbours.count < Self.neighbourLimit else { return nil }
        let neighbour = Neighbour(at: loop.now)
        neighbours[member] = neighbour
        return neighbour
    }

    private func forget(_ member: MemberID) {
        guard let neighbour = neighbours.removeValue(forKey: member) else { return }
        neighbour.connection?.assumeIsolated { $0.end() }
        neighbour.dialling?.assumeIsolated { $0.end() }
        figures.linked.set(Double(linkedMembers.count))
        receiver?.linkEnded(to: member)
    }

    /// Nobody has said meanwhile that it is a member.
    private func forgetStranger(_ member: MemberID) {
        guard let neighbour = neighbours[member], neighbour.address == nil,
            neighbour.connection == nil
        else { return }
        forget(member)
    }

    private static let strangerTime = Duration.seconds(10)
    private static let neighbourLimit = 64
    private static let strangerLimit = 64

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
        neighbour.connection?.assumeIsolated { $0.send(frame) }
        return nil
    }

    /// Sends it if the link is there. False if it isn't.
    @discardableResult
    package func pulse(_ bytes: [UInt8], to member: MemberID) -> Bool {
        guard let neighbour = neighbours[member], let connection = neighbour.connection else {
            return false
        }
        if let count = neighbour.ledger.acknowledgement() {
            connection.assumeIsolated { $0.send(ClusterFrame.acknowledgement(count).bytes) }
        }
        connection.assumeIsolated { $0.send(ClusterFrame.pulse(bytes).bytes) }
        return true
    }

    /// Says how many parcels have come, whether or not it was said before, so that the other side hears
    /// something.
    func keepAlive(_ connection: LinkConnection) {
        guard let member = connection.assumeIsolated({ $0.peer }).member,
            let neighbour = neighbours[member], neighbour.connection === connection
        else { return }
        let count = neighbour.ledger.acknowledgement() ?? neighbour.ledger.received
        connection.assumeIsolated { $0.send(ClusterFrame.acknowledgement(count).bytes) }
    }

    // MARK: - Dialling

    /// Dials whom it is time to dial, and comes again when it is time for the next.
    private func round() {
        guard !isClosed else { return }
        let now = loop.now
        for (member, neighbour) in neighbours.sorted(by: { $0.key < $1.key })
        where neighbour.connection == nil && neighbour.dialling == nil {
            guard let address = neighbour.address, neighbour.nextDial <= now else { continue }
            let isOurs = identity.member < member
            neighbour.nextDial = now + Self.dialTime
            if isOurs || neighbour.failures > 0 {
                dial(member, address)
            } else {
                // The other dials; if it doesn't, we do.
                neighbour.failures = 1
            }
        }
        let due = neighbours.values
            .filter { $0.connection == nil && $0.address != nil }
            .map(\.nextDial).min()
        guard let due, nextRound.map({ due < $0 || $0 <= now }) ?? true else { return }
        nextRound = due
        loop.schedule(at: max(due, now + .milliseconds(10))) { [weak self] in
            self?.assumeIsolated { links in
                links.nextRound = nil
                links.round()
            }
        }
    }

    private func dial(_ member: MemberID, _ address: String) {
        LinkAddress.find(address, resolver) { [weak self] finding in
            self?.visit { links in
                switch finding {
                case .found(let address): links.dial(member, at: address)
                case .missing(let why): links.complain(member, why)
                }
            }
        }
    }

    private func dial(_ member: MemberID, at address: SocketAddress) {
        guard let neighbour = neighbours[member], neighbour.connection == nil,
            neighbour.dialling == nil, !isClosed
        else { return }
        do throws(SystemFault) {
            let connection = try LinkConnection(dialling: address, of: member, by: self, security)
            neighbour.dialling = connection
            let fault = connection.assumeIsolated { $0.begin() }
            if let fault { lost(connection, wasOpen: false, fault) }
        } catch {
            complain(member, error.description)
            wait(neighbour)
        }
    }

    func hello(to member: MemberID) -> LinkHello {
        LinkHello(
            versions: identity.versions,
            cluster: identity.cluster,
            from: identity.member.description,
            to: member.description,
            received: neighbours[member]?.ledger.received ?? 0,
            ledger: neighbours[member]?.ledgerID ?? 0,
            otherLedger: neighbours[member]?.otherLedgerID ?? 0
        )
    }

    private func wait(_ neighbour: Neighbour) {
        neighbour.failures += 1
        var random = SystemRandomNumberGenerator()
        let most = min(50 << min(neighbour.failures, 5), 1_000)
        let pause = Duration.milliseconds(Int.random(in: most / 2...most, using: &random))
        neighbour.nextDial = loop.now + pause
        round()
    }

    /// The longest that one attempt may take before the next is thought of.
    private static let dialTime = Duration.milliseconds(500)

    // MARK: - What connections tell

    private func accept(_ descriptor: Int32, from address: SocketAddress) {
        let connection = LinkConnection(accepted: descriptor, from: address, by: self, security)
        guard !isClosed, strangers.count < Self.strangerLimit else {
            figures.refused.child("full").add()
            return connection.assumeIsolated { $0.end() }
        }
        strangers[ObjectIdentifier(connection)] = connection
        if let fault = connection.assumeIsolated({ $0.begin() }) {
            lost(connection, wasOpen: false, fault)
        }
    }

    /// A connection has failed, or was closed by the other side.
    func lost(_ connection: LinkConnection, wasOpen: Bool, _ why: String) {
        let peer = connection.assumeIsolated { $0.peer }
        if strangers.removeValue(forKey: ObjectIdentifier(connection)) != nil {
            figures.refused.child("stranger").add()
            if case .stranger(let address) = peer {
                log.limited(
                    .warning,
                    by: &refusals,
                    at: loop.now,
                    "a connection to the cluster's port was given up",
                    ["from": .string(address.description), "why": .string(why)]
                )
            }
            return
        }
        guard let member = peer.member, let neighbour = neighbours[member] else { return }
        if neighbour.dialling === connection {
            neighbour.dialling = nil
            complain(member, why)
            wait(neighbour)
        } else if neighbour.connection === connection {
            neighbour.connection = nil
            figures.broken.add()
            figures.linked.set(Double(linkedMembers.count))
            log.warning(
                "a link to another node has broken",
                ["node": .string(member.description), "why": .string(why)]
            )
            receiver?.linkBroke(to: member, why: why)
            neighbour.failures = 0
            wait(neighbour)
            guard neighbour.address == nil else { return }
            loop.schedule(at: loop.now + Self.strangerTime) { [weak self] in
                self?.assumeIsolated { $0.forgetStranger(member) }
            }
        }
    }

    private func complain(_ member: MemberID, _ why: String) {
        log.limited(
            .warning,
            by: &refusals,
            at: loop.now,
            "another node can't be reached",
            ["node": .string(member.description), "why": .string(why)]
        )
    }

    func take(_ frame: ClusterFrame, from connection: LinkConnection) {
        switch (frame, connection.assumeIsolated { $0.peer }) {
        case (.hello(let hello), .stranger): welcome(hello, on: connection)
        case (.certificate(let bytes), .stranger): take(certificate: bytes, from: connection)
        case (.welcome(let welcome), .dialled(let member)): enter(welcome, member, connection)
        case (.refusal(let why), .dialled(let member)):
            figures.refused.child("by_peer").add()
            complain(member, "it refuses: \(why)")
            neighbours[member]?.dialling = nil
            connection.assumeIsolated { $0.end() }
            if let neighbour = neighbours[member] { wait(neighbour) }
        case (.acknowledgement(let count), .known(let member)):
            guard let neighbour = neighbours[member] else { return }
            do throws(LinkLedger.Fault) {
                try neighbour.ledger.settle(count)
            } catch {
                abandon(connection, member, error)
            }
        case (.pulse(let bytes), .known(let member)): receiver?.pulse(bytes, from: member)
        case (.parcel(let parcel), .known(let member)):
            guard let neighbour = neighbours[member], neighbour.connection === connection else {
                return
            }
            if neighbour.ledger.count(bytes: parcel.size),
                let count = neighbour.ledger.acknowledgement()
            {
                connection.assumeIsolated { $0.send(ClusterFrame.acknowledgement(count).bytes) }
            }
            figures.parcels.add()
            receiver?.parcel(parcel, from: member)
        default:
            connection.assumeIsolated {
                $0.refuse("this frame has no place here; speak hello first")
            }
            lost(connection, wasOpen: false, "it sent a frame out of place")
        }
    }

    private func abandon(
        _ connection: LinkConnection,
        _ member: MemberID,
        _ fault: LinkLedger.Fault
    ) {
        connection.assumeIsolated { $0.end() }
        log.error("a link begins anew", ["node": .string("\(member)"), "why": .error(fault)])
        beginAnew(member)
        round()
    }

    /// What the other counts is not what we count: nothing that is on the way can be relied on.
    @discardableResult
    private func beginAnew(_ member: MemberID) -> Neighbour? {
        let address = neighbours[member]?.address
        forget(member)
        let neighbour = neighbour(member)
        neighbour?.address = address
        return neighbour
    }

    /// A member's guard says that the member is dead.
    private func take(certificate bytes: [UInt8], from connection: LinkConnection) {
        strangers[ObjectIdentifier(connection)] = nil
        defer { connection.assumeIsolated { $0.end() } }
        guard let certificate = try? DeathCertificate(packed: bytes),
            certificate.cluster == identity.cluster,
            connection.assumeIsolated({ $0.proves(certificate.member) })
        else { return figures.refused.child("certificate").add() }
        log.warning(
            "another node's process has ended, says its guard",
            ["node": .string(certificate.member.description)]
        )
        receiver?.certified(certificate.member, certificate.life)
    }

    // MARK: - Greeting

    private func welcome(_ hello: LinkHello, on connection: LinkConnection) {
        strangers[ObjectIdentifier(connection)] = nil
        func refuse(_ word: String, _ why: String) {
            figures.refused.child(word).add()
            log.limited(
                .warning,
                by: &refusals,
                at: loop.now,
                "a node was refused",
                ["node": .string(hello.from), "why": .string(why)]
            )
            connection.assumeIsolated { $0.refuse(why) }
        }
        guard hello.cluster == identity.cluster else {
            return refuse("cluster", "this is cluster \(identity.cluster), not \(hello.cluster)")
        }
        guard hello.to == identity.member.description, let member = MemberID(hello.from) else {
            return refuse("member", "this is \(identity.member), not \(hello.to)")
        }
        guard member.name != identity.member.name else {
            return refuse("twin", "there are two nodes of the name \(member.name); rename one")
        }
        guard connection.assumeIsolated({ $0.proves(member) }) else {
            return refuse("name", "the certificate does not bear the name \(member.name)")
        }
        let version = min(hello.versions.upperBound, identity.versions.upperBound)
        guard version >= max(hello.versions.lowerBound, identity.versions.lowerBound) else {
            let why =
                "link versions \(hello.versions.text) are not spoken here, but "
                + "\(identity.versions.text); upgrade one release at a time"
            return refuse("version", why)
        }
        guard var neighbour = neighbour(member) else {
            return refuse("full", "this node has \(Self.neighbourLimit) links, which is the limit")
        }
        if neighbour.otherLedgerID != 0, neighbour.otherLedgerID != hello.ledger {
            guard let fresh = beginAnew(member) else { return }
            neighbour = fresh
        }
        if let old = neighbour.connection {
            neighbour.connection = nil
            old.assumeIsolated { $0.end() }
            receiver?.linkBroke(to: member, why: "it has dialled again")
        }
        let answer = LinkWelcome(
            version: version,
            received: neighbour.ledger.received,
            ledger: neighbour.ledgerID
        )
        connection.assumeIsolated { $0.send(ClusterFrame.welcome(answer).bytes) }
        // It still counts for a ledger that is no more here, learns so from the answer, and dials again.
        guard [0, neighbour.ledgerID].contains(hello.otherLedger) else {
            return connection.assumeIsolated { $0.hangUp() }
        }
        neighbour.otherLedgerID = hello.ledger
        open(connection, member, neighbour, received: hello.received, version)
    }

    private func enter(_ welcome: LinkWelcome, _ member: MemberID, _ connection: LinkConnection) {
        guard let neighbour = neighbours[member], neighbour.dialling === connection else {
            return connection.assumeIsolated { $0.end() }
        }
        neighbour.dialling = nil
        // What came meanwhile by another connection would come again by this one.
        let greeted = connection.assumeIsolated { $0.greetedWith }
        guard neighbour.connection == nil, neighbour.ledger.received == greeted,
            identity.versions.contains(welcome.version)
        else {
            connection.assumeIsolated { $0.end() }
            if neighbour.connection == nil { wait(neighbour) }
            return
        }
        guard [0, welcome.ledger].contains(neighbour.otherLedgerID) else {
            connection.assumeIsolated { $0.end() }
            beginAnew(member)
            return round()
        }
        neighbour.otherLedgerID = welcome.ledger
        open(connection, member, neighbour, received: welcome.received, welcome.version)
    }

    private func open(
        _ connection: LinkConnection,
        _ member: MemberID,
        _ neighbour: Neighbour,
        received: UInt64,
        _ version: UInt64
    ) {
        do throws(LinkLedger.Fault) {
            let again = try neighbour.ledger.resume(received)
            connection.assumeIsolated { $0.open(to: member) }
            neighbour.connection = connection
            neighbour.failures = 0
            neighbour.version = version
            for frame in again { connection.assumeIsolated { $0.send(frame) } }
        } catch {
            return abandon(connection, member, error)
        }
        figures.linked.set(Double(linkedMembers.count))
        log.info("linked to another node", ["node": .string(member.description)])
        receiver?.linkOpened(to: member)
    }
}

extension ClosedRange<UInt64> {
    fileprivate var text: String {
        lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)"
    }
}

extension Parcel {
    /// About so many bytes.
    fileprivate var size: Int {
        switch self {
        case .call(let call): call.arguments.count + 32
        case .letter(let letter): letter.content.count + 32
        case .reply(_, let bytes): bytes.count + 16
        case .fault, .cancel: 64
        }
    }
}
