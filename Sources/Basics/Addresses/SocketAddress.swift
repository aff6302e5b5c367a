/// Where a socket listens or connects: an address and a port.
@usableFromInline
package struct SocketAddress: Hashable, Sendable {
    @usableFromInline package var ip: IPAddress
    @usableFromInline package var port: UInt16

    @inlinable
    package init(ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// Reads `192.0.2.1:80`, `[2001:db8::1]:80`, or `:80` for all addresses of this machine.
    package init(_ text: String) throws(AddressFault) {
        try self.init(parsing: text.utf8.span)
    }

    package init(parsing text: Span<UInt8>) throws(AddressFault) {
        var colon = text.count - 1
        while colon >= 0, text[colon] != UInt8(ascii: ":") {
            colon -= 1
        }
        guard colon >= 0 else {
            throw AddressFault("a socket address ends in a colon and a port", at: text.count)
        }
        let host = text.extracting(0..<colon)
        port = try Self.port(text, from: colon + 1)
        if host.isEmpty {
            ip = .any
        } else if host[0] == UInt8(ascii: "[") {
            guard host.count > 2, host[colon - 1] == UInt8(ascii: "]") else {
                throw AddressFault("an IPv6 address before a port ends in ]", at: colon)
            }
            let inner = host.extracting(1..<colon - 1)
            for index in inner.indices where inner[index] == UInt8(ascii: ":") {
                ip = try IPAddress(parsing: inner)
                return
            }
            throw AddressFault("only an IPv6 address stands in brackets", at: 0)
        } else {
            for index in host.indices where host[index] == UInt8(ascii: ":") {
                throw AddressFault("an IPv6 address before a port stands in brackets", at: index)
            }
            ip = try IPAddress(parsing: host)
        }
    }

    private static func port(_ text: Span<UInt8>, from start: Int) throws(AddressFault) -> UInt16 {
        var number = 0
        var index = start
        while index < text.count, index - start < 5, text[index] &- 0x30 < 10 {
            number = number * 10 + Int(text[index] &- 0x30)
            index += 1
        }
        guard index == text.count, index > start, let port = UInt16(exactly: number) else {
            throw AddressFault("a port is a number from 0 to 65535", at: start)
        }
        return port
    }
}

extension SocketAddress: CustomStringConvertible {
    @usableFromInline package var description: String {
        switch ip.family {
        case .v4: "\(ip):\(port)"
        case .v6: "[\(ip)]:\(port)"
        }
    }
}
