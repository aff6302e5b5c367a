internal import Basics

/// `redis://user:password@host:port/0`
struct RedisPlace {
    var host: String
    var port: UInt16
    var username = ""
    var password = Secret("")
    var isSecure: Bool

    init?(_ url: String) {
        isSecure = url.hasPrefix("rediss://")
        var rest = url[...]
        for scheme in ["redis://", "rediss://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            username = String(decoding: Self.unescaped(parts.first ?? ""), as: UTF8.self)
            password = Secret(Self.unescaped(parts.count > 1 ? parts[1] : ""))
            rest = rest[rest.index(after: at)...]
        }
        let place = String(rest.prefix { $0 != "/" && $0 != "?" })
        guard let (host, port) = HostAndPort.split(place, usual: 6_379) else { return nil }
        self.host = host
        self.port = port
    }

    /// Without `%2F` and its like (RFC 3986 section 2.1).
    private static func unescaped(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
