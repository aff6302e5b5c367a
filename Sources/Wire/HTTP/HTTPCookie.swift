/// A cookie to be set (RFC 6265 section 4.1, and the SameSite of its successor).
///
/// Cautious unless told otherwise: unseen by scripts, not sent from other sites, for one session.
package struct HTTPCookie: Equatable, Sendable {
    package enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
        /// Only together with ``HTTPCookie/isSecure``, or browsers drop the cookie.
        case none = "None"
    }

    package let name: String
    package let value: String
    package let path: String
    package var maxAgeSeconds: Int?
    package var isSecure: Bool
    package var isHTTPOnly = true
    package var sameSite = SameSite.lax

    /// Nil if name, value or path hold a byte that would end them early: encode the value first.
    package init?(name: String, value: String, path: String = "/", isSecure: Bool) {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPSyntax.isToken),
            value.utf8.allSatisfy(HTTPSyntax.isCookie),
            path.utf8.allSatisfy({ HTTPSyntax.isText($0) && $0 != UInt8(ascii: ";") })
        else { return nil }
        self.name = name
        self.value = value
        self.path = path
        self.isSecure = isSecure
    }

    /// A value that takes the cookie back.
    package var expired: HTTPCookie {
        var cookie = self
        cookie.maxAgeSeconds = 0
        return cookie
    }

    /// The value of a Set-Cookie field.
    package var text: String {
        var text = "\(name)=\(value); Path=\(path)"
        if let maxAgeSeconds { text += "; Max-Age=\(maxAgeSeconds)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        return text + "; SameSite=\(sameSite.rawValue)"
    }
}

extension HTTPFields {
    /// The values of all cookies of this name, in the order the client sent them.
    ///
    /// More than one is possible, and the first need not be ours: a neighbouring site under the same
    /// domain can set one. Whoever finds a session this way tries each.
    package func cookies(_ name: StaticString) -> [ArraySlice<UInt8>] {
        var values: [ArraySlice<UInt8>] = []
        for field in all("cookie") {
            var start = field.startIndex
            while start < field.endIndex {
                let end = field[start...].firstIndex(of: UInt8(ascii: ";")) ?? field.endIndex
                if let value = Self.value(of: field[start..<end], named: name) {
                    values.append(value)
                }
                start = end < field.endIndex ? end + 1 : end
            }
        }
        return values
    }

    /// The first value of that name; see ``cookies(_:)``.
    package func cookie(_ name: StaticString) -> ArraySlice<UInt8>? { cookies(name).first }

    /// What stands behind `name=`, without blanks around it and without its quotes if it has both.
    private static func value(
        of pair: ArraySlice<UInt8>,
        named name: StaticString
    ) -> ArraySlice<UInt8>? {
        guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        guard trim(pair[..<equals]).span.equals(name) else { return nil }
        let value = trim(pair[(equals + 1)...])
        let isQuoted =
            value.count >= 2 && value.first == UInt8(ascii: "\"")
            && value.last == UInt8(ascii: "\"")
        return isQuoted ? value.dropFirst().dropLast() : value
    }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let range = bytes.span.trimmed(0..<bytes.count)
        return bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound]
    }
}
