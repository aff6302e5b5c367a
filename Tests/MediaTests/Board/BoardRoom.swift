import Basics
import Crypto
import Media

/// Certificates for tests of boards. Keys are dear to make, so all peers of a side share one.
enum BoardRoom {
    static let server = context(1)
    static let client = context(2)
    static let stranger = context(3)

    private static func context(_ seed: UInt64) -> DTLSContext {
        do {
            var random = SeededRandom(seed: seed)
            let certificate = try DTLSCertificate(
                notBefore: 946_684_800,
                notAfter: 4_102_444_799,
                using: &random
            )
            return try DTLSContext(certificate)
        } catch {
            preconditionFailure("a context can be made: \(error)")
        }
    }

    static let node = node(shards: 1)

    /// Calls are spread over so many boards from the first on.
    static func node(shards: Int, gathering: Int = 0) -> PlanNode {
        PlanNode(
            candidates: ["candidate:1 1 udp 2130706431 192.0.2.1 8443 typ host"],
            context: server,
            spread: CallSpread(shards: shards, gathering: gathering)
        )
    }
}
