/// Where a page came from, as a browser says it (RFC 6454): scheme, host and port, in lower case and
/// with the port spelled out, so that equal origins are equal values.
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    private let scheme: [UInt8]
    private let host: [UInt8]
    /// Nil for a scheme that has no port of its own, as apps' and extensions' don't.
    private let port: UInt16?

    package var description: String {
        let address = String(decoding: scheme + Array("://".utf8) + host, as: UTF8.self)
        return if let port, port != Self.usualPort(of: scheme) { "\(address):\(port)" } else {
            address
        }
    }

    /// Reads `scheme://host` or `scheme://host:port` and nothing more: no path, no user, no `null`.
    package init?(_ text: Span<UInt8>) {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        guard text.count > colon + 3, text[colon + 1] == UInt8(ascii: "/"),
            text[colon + 2] == UInt8(ascii: "/")
        else { return nil }
        var scheme: [UInt8] = []
        for index in 0..<colon {
            let byte = HTTPSyntax.lowercase(text[index])
            let isLetter = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
            let isMark = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let isLater = isMark || byte == UInt8(ascii: ".") || HTTPSyntax.digit(byte) != nil
            guard isLetter || index > 0 && isLater else { return nil }
            scheme.append(byte)
        }
        self.init(scheme: scheme, authority: text.extracting(colon + 3..<text.count))
    }

    /// The origin of pages that are served under this Host.
    package init?(host: Span<UInt8>, isSecure: Bool) {
        self.init(scheme: Array((isSecure ? "https" : "http").utf8), authority: host)
    }

    private init?(scheme: [UInt8], authority: Span<UInt8>) {
        guard HTTPSyntax.isAuthority(authority) else { return nil }
        var end = authority.count
        while end > 0, HTTPSyntax.digit(authority[end - 1]) != nil { end -= 1 }
        let hasPort = end > 0 && authority[end - 1] == UInt8(ascii: ":")
        let hostEnd = hasPort ? end - 1 : authority.count
        if hasPort && end < authority.count {
            var value = 0
            for index in end..<authority.count {
                value = value * 10 + Int(authority[index] - UInt8(ascii: "0"))
            }
            guard let port = UInt16(exactly: value) else { return nil }
            self.port = port
        } else {
            port = Self.usualPort(of: scheme)
        }
        self.scheme = scheme
        var host: [UInt8] = []
        for index in 0..<hostEnd { host.append(HTTPSyntax.lowercase(authority[index])) }
        self.host = host
    }

    private static func usualPort(of scheme: [UInt8]) -> UInt16? {
        if scheme.elementsEqual("https".utf8) { return 443 }
        return scheme.elementsEqual("http".utf8) ? 80 : nil
    }
}

extension Span<UInt8> {
    fileprivate func firstIndex(of byte: UInt8) -> Int? {
        for index in indices where self[index] == byte { return index }
        return nil
    }
}
