/// A range of addresses that share their first bits: `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct IPNetwork: Hashable, Sendable {
    package let address: IPAddress
    /// How many leading bits count: up to 32 for IPv4, up to 128 for IPv6.
    package let prefix: Int

    /// Reads `address/prefix`; an address alone is a network of one.
    ///
    /// Bits after the prefix must be zero: `10.1.2.3/8` is more often a slip than a wish, and the
    /// error says what to write instead.
    package init(_ text: String) throws(AddressFault) {
        try self.init(parsing: text.utf8.span)
    }

    package init(parsing text: Span<UInt8>) throws(AddressFault) {
        var slash = 0
        var hasColon = false
        while slash < text.count, text[slash] != UInt8(ascii: "/") {
            hasColon = hasColon || text[slash] == UInt8(ascii: ":")
            slash += 1
        }
        let address = try IPAddress(parsing: text.extracting(0..<slash))
        // A mapped address has become IPv4, so the 96 bits before it no longer count.
        let mapped = hasColon && address.family == .v4 ? 96 : 0
        let width = address.family == .v4 ? 32 : 128
        guard slash < text.count else {
            self.init(address, prefix: width)
            return
        }
        var written = 0
        var index = slash + 1
        while index < text.count, index - slash <= 3, text[index] &- 0x30 < 10 {
            written = written * 10 + Int(text[index] &- 0x30)
            index += 1
        }
        let prefix = written - mapped
        guard index == text.count, index > slash + 1, prefix >= 0, prefix <= width else {
            throw AddressFault(
                "a network's prefix is a number from \(mapped) to \(width + mapped)",
                at: slash + 1
            )
        }
        self.init(address, prefix: prefix)
        guard self.address == address else {
            throw AddressFault(
                "the bits after a network's prefix are zero; write \(self)",
                at: slash
            )
        }
    }

    /// The network of this many leading bits around an address. The prefix must fit the family.
    package init(_ address: IPAddress, prefix: Int) {
        self.prefix = prefix
        switch address.family {
        case .v4:
            precondition((0...32).contains(prefix), "an IPv4 network has a prefix up to 32")
            let bits = UInt32(truncatingIfNeeded: address.low)
            self.address = IPAddress(v4: bits & ~(UInt32.max >> prefix))
        case .v6:
            precondition((0...128).contains(prefix), "an IPv6 network has a prefix up to 128")
            self.address = IPAddress(
                v6: address.high & Self.mask(prefix),
                address.low & Self.mask(prefix - 64)
            )
        }
    }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.family == address.family else { return false }
        switch address.family {
        case .v4:
            return (other.low ^ address.low) >> (32 - prefix) == 0
        case .v6:
            return other.high & Self.mask(prefix) == address.high
                && other.low & Self.mask(prefix - 64) == address.low
        }
    }

    private static func mask(_ bits: Int) -> UInt64 {
        bits <= 0 ? 0 : bits >= 64 ? .max : ~(.max >> bits)
    }
}

extension IPNetwork: CustomStringConvertible {
    package var description: String { "\(address)/\(prefix)" }
}
