internal import Basics

/// Where a request of ours goes: `https://host[:port]/path?query`, in parts that can't be wrong.
///
/// A user and password are refused, since they end up in logs; so is a fragment, which is the
/// reader's and never sent (RFC 9110 section 4.2).
package struct HTTPLocation: Hashable, Sendable {
    package let isSecure: Bool
    /// In lower case; an IPv6 address without its brackets.
    package let host: String
    package let port: UInt16
    /// The path and the query, as they stand in the request line. Never empty.
    package let target: String

    package init(_ text: String) throws(HTTPLocationFault) {
        try self.init(parsing: text.utf8.span)
    }

    package init(parsing text: Span<UInt8>) throws(HTTPLocationFault) {
        guard text.count <= Self.mostBytes else {
            throw HTTPLocationFault(.tooLong, at: Self.mostBytes)
        }
        let start: Int
        if text.count >= 8, text.extracting(0..<8).equalsInAnyCase("https://") {
            (isSecure, start) = (true, 8)
        } else if text.count >= 7, text.extracting(0..<7).equalsInAnyCase("http://") {
            (isSecure, start) = (false, 7)
        } else {
            throw HTTPLocationFault(.scheme, at: 0)
        }
        var end = start
        while end < text.count, text[end] != UInt8(ascii: "/"), text[end] != UInt8(ascii: "?") {
            guard text[end] != UInt8(ascii: "@") else { throw HTTPLocationFault(.user, at: end) }
            end += 1
        }
        let hostEnd: Int
        if start < end, text[start] == UInt8(ascii: "[") {
            (host, hostEnd) = try Self.bracketed(text, start + 1..<end)
        } else {
            (host, hostEnd) = try Self.named(text, start..<end)
        }
        port = try Self.port(text, hostEnd..<end) ?? (isSecure ? 443 : 80)
        var target: [UInt8] = []
        if end == text.count || text[end] != UInt8(ascii: "/") { target.append("/") }
        for index in end..<text.count {
            guard HTTPSyntax.isTarget(text[index]) else {
                throw HTTPLocationFault(.target, at: index)
            }
            target.append(text[index])
        }
        self.target = String(decoding: target, as: UTF8.self)
    }

    /// What the Host field says: the port only if it is not the scheme's own.
    package var authority: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// The part that says whom to connect to, as people write it.
    package var origin: String { (isSecure ? "https://" : "http://") + authority }

    private static func bracketed(
        _ text: Span<UInt8>,
        _ range: Range<Int>
    ) throws(HTTPLocationFault) -> (String, Int) {
        var end = range.lowerBound
        while end < range.upperBound, text[end] != UInt8(ascii: "]") { end += 1 }
        guard end < range.upperBound else { throw HTTPLocationFault(.host, at: end) }
        do throws(AddressFault) {
            let address = try IPAddress(parsing: text.extracting(range.lowerBound..<end))
            return (address.description, end + 1)
        } catch {
            throw HTTPLocationFault(.host, at: range.lowerBound + error.offset)
        }
    }

    /// A name of up to 253 bytes (RFC 1035 section 2.3.4), or an IPv4 address.
    private static func named(
        _ text: Span<UInt8>,
        _ range: Range<Int>
    ) throws(HTTPLocationFault) -> (String, Int) {
        var name: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound, text[index] != UInt8(ascii: ":") {
            let byte = HTTPSyntax.lowercase(text[index])
            let isLetter = byte &- UInt8(ascii: "a") < 26 || HTTPSyntax.digit(byte) != nil
            let isMark =
                byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            guard isLetter || isMark, name.count < 253 else {
                throw HTTPLocationFault(.host, at: index)
            }
            name.append(byte)
            index += 1
        }
        guard !name.isEmpty else { throw HTTPLocationFault(.host, at: index) }
        return (String(decoding: name, as: UTF8.self), index)
    }

    private static func port(
        _ text: Span<UInt8>,
        _ range: Range<Int>
    ) throws(HTTPLocationFault) -> UInt16? {
        guard !range.isEmpty else { return nil }
        guard text[range.lowerBound] == UInt8(ascii: ":"), (2...6).contains(range.count) else {
            throw HTTPLocationFault(.port, at: range.lowerBound)
        }
        var number = 0
        for index in range.dropFirst() {
            guard let digit = HTTPSyntax.digit(text[index]) else {
                throw HTTPLocationFault(.port, at: index)
            }
            number = number * 10 + Int(digit)
        }
        guard (1...65_535).contains(number) else {
            throw HTTPLocationFault(.port, at: range.lowerBound + 1)
        }
        return UInt16(number)
    }

    package static let mostBytes = 8 * 1024
}

/// Why a text is no place that a request can go to: the rule it breaks, and at which byte.
package struct HTTPLocationFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Hashable, Sendable {
        case tooLong = "a URL has at most 8192 bytes"
        case scheme = "a URL begins with http:// or https://"
        case user = "a URL holds no user or password; send them in a field"
        case host = "a host is a name, an IPv4 address, or an IPv6 address in brackets"
        case port = "a port is a number from 1 to 65535"
        case target = "a path holds visible ASCII; escape other bytes and leave out the fragment"
    }

    package var rule: Rule
    package var offset: Int

    init(_ rule: Rule, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }

    package var description: String { "\(rule.rawValue) (byte \(offset))" }
}
