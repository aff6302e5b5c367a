package import Basics

/// Whose request it is, when proxies stand between.
///
/// Each proxy writes the address it was called from at the end of X-Forwarded-For. What a trusted
/// proxy wrote can be believed; what stands left of an untrusted address is that stranger's own
/// invention. So the walk goes from the right and stops at the first address that isn't trusted.
package enum ForwardedFor {
    /// How many addresses back to look. No honest chain is longer.
    private static let mostHops = 32

    /// The address of the client whose request came with these fields from `peer`.
    ///
    /// A peer that isn't trusted is the client, whatever it writes. What can't be read as an address
    /// ends the walk at the last proxy that could be believed.
    package static func client(
        of fields: HTTPFields,
        peer: IPAddress,
        trusted: [IPNetwork]
    ) -> IPAddress {
        var client = peer
        guard isTrusted(client, trusted) else { return client }
        var hops = 0
        for value in fields.all("x-forwarded-for").reversed() {
            var rest = value
            while true {
                let comma = rest.lastIndex(of: UInt8(ascii: ","))
                let member = rest[(comma.map { $0 + 1 } ?? rest.startIndex)...]
                hops += 1
                guard hops <= mostHops, let address = address(member.span) else { return client }
                client = address
                guard isTrusted(client, trusted) else { return client }
                guard let comma else { break }
                rest = rest[..<comma]
            }
        }
        return client
    }

    private static func isTrusted(_ address: IPAddress, _ trusted: [IPNetwork]) -> Bool {
        trusted.contains { $0.contains(address) }
    }

    /// An address, or, as some proxies write it, one with its port.
    private static func address(_ member: Span<UInt8>) -> IPAddress? {
        let text = member.extracting(member.trimmed(0..<member.count))
        do throws(AddressFault) {
            return try IPAddress(parsing: text)
        } catch {
            // Not an address alone. The last chance is an address with a port.
        }
        do throws(AddressFault) {
            let address = try SocketAddress(parsing: text)
            return text[0] == UInt8(ascii: ":") ? nil : address.ip
        } catch {
            return nil
        }
    }
}
