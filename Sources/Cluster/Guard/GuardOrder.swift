internal import Basics
package import Coordination
package import Wire

/// What a node tells its guard, over the pipe between them.
package enum GuardOrder: Hashable, Sendable {
    /// Which cluster, who is guarded, how to prove it to the others, and after how long without a word a process that
    /// is stopped hosts nothing any more.
    case watch(cluster: String, MemberID, GuardCredentials, stall: Duration)
    /// What the guard would have to say now, and to whom.
    case tell(Life, [Neighbour])
    /// The node is alive, and has nothing else to say.
    case alive
    /// The node ends by itself: there is nothing to say.
    case farewell

    /// Another node, by the name that its certificate bears, and where it is dialled.
    package struct Neighbour: Hashable, Sendable, Comparable {
        var name: String
        var address: String

        package static func < (lhs: Neighbour, rhs: Neighbour) -> Bool { lhs.name < rhs.name }
    }
}

extension GuardOrder.Neighbour: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(name)
        writer.write(address)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        name = try reader.read()
        address = try reader.read()
    }
}

/// What a node shows to other nodes, in the form in which it goes to its guard.
package enum GuardCredentials: Hashable, Sendable {
    case secret([UInt8])
    case certificates(chain: [UInt8], key: [UInt8], authorities: [UInt8])

    func security() throws -> LinkSecurity {
        switch self {
        case .secret(let secret): try LinkSecurity(secret: Secret(secret), previous: nil)
        case .certificates(let chain, let key, let authorities):
            try LinkSecurity(
                certificateChainPEM: chain,
                privateKeyPEM: key,
                authoritiesPEM: authorities
            )
        }
    }
}

extension GuardOrder: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .watch(let cluster, let member, let credentials, let stall):
            writer.write(byte: 1)
            writer.write(cluster)
            writer.write(member)
            writer.write(UInt64(max((stall / .milliseconds(1)).rounded(), 0)))
            switch credentials {
            case .secret(let secret):
                writer.write(byte: 1)
                writer.write(bytes: secret)
            case .certificates(let chain, let key, let authorities):
                writer.write(byte: 2)
                writer.write(bytes: chain)
                writer.write(bytes: key)
                writer.write(bytes: authorities)
            }
        case .tell(let life, let neighbours):
            writer.write(byte: 2)
            writer.write(life.rawValue)
            writer.write(neighbours)
        case .farewell: writer.write(byte: 3)
        case .alive: writer.write(byte: 4)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        switch kind {
        case 1:
            let cluster: String = try reader.read()
            let member: MemberID = try reader.read()
            let stall = try reader.number()
            guard 1...3_600_000 ~= stall else { throw .badValue("a stall of \(stall) ms") }
            let credentials: GuardCredentials
            switch try reader.byte() {
            case 1: credentials = .secret(try reader.bytes())
            case 2:
                credentials = .certificates(
                    chain: try reader.bytes(),
                    key: try reader.bytes(),
                    authorities: try reader.bytes()
                )
            case let other: throw .badValue("credentials of kind \(other)")
            }
            self = .watch(
                cluster: cluster,
                member,
                credentials,
                stall: .milliseconds(Int64(stall))
            )
        case 2: self = .tell(Life(try reader.number()), try reader.read())
        case 3: self = .farewell
        case 4: self = .alive
        default: throw .badValue("an order of kind \(kind)")
        }
    }
}

/// The last word about a member, by the guard that saw its process end.
package struct DeathCertificate: Hashable, Sendable, Packable {
    package var cluster: String
    package var member: MemberID
    package var life: Life

    package init(cluster: String, member: MemberID, life: Life) {
        self.cluster = cluster
        self.member = member
        self.life = life
    }

    package func pack(into writer: inout PackWriter) {
        writer.write(cluster)
        writer.write(member)
        writer.write(life.rawValue)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        cluster = try reader.read()
        member = try reader.read()
        life = Life(try reader.number())
    }
}
