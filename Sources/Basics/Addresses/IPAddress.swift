/// An IPv4 or IPv6 address, as a value.
///
/// Sixteen bytes inline and one for the family, so that it can be the key of a table that is asked
/// at every accepted connection. An IPv4 address that arrives mapped into IPv6 (`::ffff:192.0.2.1`,
/// as a dual-stack socket shows it) becomes the IPv4 address it stands for: one machine, one value.
///
/// Zones (`fe80::1%eth0`) are refused: they mean something on one machine only.
@usableFromInline
package struct IPAddress: Hashable, Sendable {
    @usableFromInline
    package enum Family: Sendable {
        case v4
        case v6
    }

    @usableFromInline package let family: Family
    /// The first eight bytes of an IPv6 address; zero for IPv4.
    @usableFromInline package let high: UInt64
    /// The last eight bytes of an IPv6 address, or the four of an IPv4 address.
    @usableFromInline package let low: UInt64

    /// Creates an IPv4 address from its four bytes, the first of them highest.
    @inlinable
    package init(v4 bits: UInt32) {
        family = .v4
        high = 0
        low = UInt64(bits)
    }

    /// Creates an IPv6 address, or the IPv4 address it stands for if it is a mapped one.
    @inlinable
    package init(v6 high: UInt64, _ low: UInt64) {
        let isMapped = high == 0 && low >> 32 == 0xFFFF
        family = isMapped ? .v4 : .v6
        self.high = high
        self.low = isMapped ? low & 0xFFFF_FFFF : low
    }

    /// All addresses of this machine, IPv4 and IPv6: what a listener without a host binds to.
    package static let any = IPAddress(v6: 0, 0)
    package static let anyV4 = IPAddress(v4: 0)
    package static let loopback = IPAddress(v4: 0x7F00_0001)
    package static let loopbackV6 = IPAddress(v6: 0, 1)

    /// The four bytes of an IPv4 address as one number; nil for IPv6.
    package var v4Bits: UInt32? { family == .v4 ? UInt32(truncatingIfNeeded: low) : nil }

    package var isUnspecified: Bool { high == 0 && low == 0 }

    /// Whom to count this address with: itself for IPv4, its /64 for IPv6, of which one home or one
    /// host has all the addresses.
    package var neighbourhood: IPAddress {
        family == .v4 ? self : IPAddress(v6: high, 0)
    }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        switch family {
        case .v4: low >> 24 == 127
        case .v6: high == 0 && low == 1
        }
    }

    /// 169.254.0.0/16 or fe80::/10: known on one cable only, and with IPv6 only by whoever names it.
    package var isLinkLocal: Bool {
        switch family {
        case .v4: low >> 16 == 0xA9FE
        case .v6: high >> 54 == 0xFE80 >> 6
        }
    }

    /// Addresses that no packet from the internet can bear: RFC 1918, RFC 4193 and link-local.
    package var isPrivate: Bool {
        switch family {
        case .v4:
            low >> 24 == 10 || low >> 20 == 0xAC1 || low >> 16 == 0xC0A8 || low >> 16 == 0xA9FE
        case .v6:
            high >> 57 == 0xFC >> 1 || high >> 54 == 0xFE80 >> 6
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The one spelling that RFC 5952 allows: lower case, no leading zeros, the longest run of two
    /// or more zero groups (the first of several) as `::`.
    @usableFromInline package var description: String {
        switch family {
        case .v4:
            return "\(low >> 24).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
        case .v6:
            let gap = longestZeros
            var text = ""
            var index = 0
            while index < 8 {
                if index == gap.lowerBound && gap.count > 1 {
                    text += "::"
                    index = gap.upperBound
                    continue
                }
                if !text.isEmpty && !text.hasSuffix("::") { text += ":" }
                text += String(group(index), radix: 16)
                index += 1
            }
            return text
        }
    }

    private func group(_ index: Int) -> UInt64 {
        (index < 4 ? high >> (48 - 16 * index) : low >> (112 - 16 * index)) & 0xFFFF
    }

    private var longestZeros: Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in 0..<8 {
            if group(index) != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<index + 1
            }
        }
        return longest
    }
}
