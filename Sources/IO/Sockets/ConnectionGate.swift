package import Basics

/// How many connections there are, in all and from each neighbourhood, and who may still come in.
///
/// A neighbourhood is one IPv4 address or one IPv6 /64, the smallest thing a home or a host gets.
/// The table holds neighbourhoods with an open connection, so it is bounded by their limit.
package struct ConnectionGate: Sendable {
    package enum Refusal: String, Hashable, Sendable {
        case nodeIsFull = "node_full"
        case neighbourhoodIsFull = "address_full"
    }

    package var limit: Int
    package var limitPerAddress: Int

    package private(set) var count = 0
    private var counts: [IPAddress: Int] = [:]

    package init(limit: Int, limitPerAddress: Int) {
        self.limit = limit
        self.limitPerAddress = limitPerAddress
    }

    /// Lets a connection in, or says why not. A trusted proxy speaks for many people, so it counts
    /// towards the whole only.
    package mutating func enter(_ address: IPAddress, isTrusted: Bool) -> Refusal? {
        guard count < limit else { return .nodeIsFull }
        if !isTrusted {
            let home = address.neighbourhood
            let already = counts[home, default: 0]
            guard already < limitPerAddress else { return .neighbourhoodIsFull }
            counts[home] = already + 1
        }
        count += 1
        return nil
    }

    /// Undoes ``enter(_:isTrusted:)``, with the same arguments.
    package mutating func leave(_ address: IPAddress, isTrusted: Bool) {
        precondition(count > 0, "more connections left than came in")
        count -= 1
        guard !isTrusted else { return }
        let home = address.neighbourhood
        guard let already = counts[home] else {
            preconditionFailure("a connection left that never came in from \(address)")
        }
        counts[home] = already == 1 ? nil : already - 1
    }
}
