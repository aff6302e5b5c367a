/// The first word on a link, of whoever has dialled.
package struct LinkHello: Hashable, Sendable, Packable {
    /// The versions of this protocol that are spoken there, from and to.
    package var versions: ClosedRange<UInt64>
    package var cluster: String
    /// The member that speaks, and the one that it looks for.
    package var from: String
    package var to: String
    /// Parcels of the other's that it has already, from a link before this one.
    package var received: UInt64
    /// The ledger in which it counts, and the one of the other's that it knows; 0 if none. Numbers of two
    /// ledgers that do not know each other mean nothing.
    package var ledger: UInt64
    package var otherLedger: UInt64

    package init(
        versions: ClosedRange<UInt64>,
        cluster: String,
        from: String,
        to: String,
        received: UInt64,
        ledger: UInt64,
        otherLedger: UInt64
    ) {
        self.versions = versions
        self.cluster = cluster
        self.from = from
        self.to = to
        self.received = received
        self.ledger = ledger
        self.otherLedger = otherLedger
    }

    /// So that whoever dials something else is told from a node.
    private static let magic: [UInt8] = Array("roost-link".utf8)

    package func pack(into writer: inout PackWriter) {
        writer.write(bytes: Self.magic)
        writer.record { record in
            record.write(versions.lowerBound)
            record.write(versions.upperBound)
            record.write(cluster)
            record.write(from)
            record.write(to)
            record.write(received)
            record.write(ledger)
            record.write(otherLedger)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        guard try reader.bytes() == Self.magic else { throw .badValue("no hello of a node") }
        self = try reader.record { (record) throws(PackFault) in
            let (lowest, highest) = (try record.number(), try record.number())
            guard lowest <= highest else { throw .badNumber }
            return LinkHello(
                versions: lowest...highest,
                cluster: try record.read(),
                from: try record.read(),
                to: try record.read(),
                received: try record.number(),
                ledger: try record.number(),
                otherLedger: try record.number()
            )
        }
    }
}

/// The answer to a hello.
package struct LinkWelcome: Hashable, Sendable, Packable {
    /// The version that both will speak.
    package var version: UInt64
    package var received: UInt64
    /// The ledger in which it counts. If it is not the one that the hello knew, both begin anew.
    package var ledger: UInt64

    package init(version: UInt64, received: UInt64, ledger: UInt64) {
        self.version = version
        self.received = received
        self.ledger = ledger
    }

    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(version)
            record.write(received)
            record.write(ledger)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            LinkWelcome(
                version: try record.number(),
                received: try record.number(),
                ledger: try record.number()
            )
        }
    }
}
