package import Basics

/// What a request shows to say whose it is.
package enum Credentials: Hashable, Sendable {
    /// `Authorization: Bearer …`, which a page can only send if it knows the token.
    case bearer(Secret)
    /// The cookie, which a browser sends along whoever made it send the request.
    case cookie(Secret)
    case none

    /// Longer than any token of ours.
    private static let longest = 4_096

    /// Reads both headers; the first wins, and a cookie that stands there twice counts as none, for
    /// one of the two was planted.
    ///
    /// Total and linear. The scheme is read in any case (RFC 9110, section 11.1).
    package init(authorization: Span<UInt8>?, cookie: Span<UInt8>?) {
        if let authorization, let token = Self.bearer(in: authorization) {
            self = .bearer(token)
        } else if authorization == nil, let cookie,
            let token = Self.value(of: SessionCookies.session, in: cookie)
        {
            self = .cookie(token)
        } else {
            self = .none
        }
    }

    private static func bearer(in header: Span<UInt8>) -> Secret? {
        let scheme = Array("bearer ".utf8)
        guard header.count > scheme.count, header.count <= longest + scheme.count else {
            return nil
        }
        for index in scheme.indices where header[index] | 0x20 != scheme[index] { return nil }
        let token = trim(header.extracting(scheme.count..<header.count))
        return token.isEmpty ? nil : Secret(token)
    }

    private static func value(of name: String, in header: Span<UInt8>) -> Secret? {
        let name = Array(name.utf8)
        var found: [UInt8]?
        var start = 0
        while start < header.count {
            var end = start
            while end < header.count, header[end] != UInt8(ascii: ";") { end += 1 }
            let pair = trim(header.extracting(start..<end))
            start = end + 1
            guard pair.count > name.count, pair.starts(with: name),
                pair[name.count] == UInt8(ascii: "=")
            else { continue }
            let value = Array(pair[(name.count + 1)...])
            guard found == nil || found == value else { return nil }
            found = value
        }
        guard let found, !found.isEmpty, found.count <= longest else { return nil }
        return Secret(found)
    }

    private static func trim(_ bytes: Span<UInt8>) -> [UInt8] {
        var low = 0
        var high = bytes.count
        while low < high, bytes[low] == 0x20 || bytes[low] == 0x09 { low += 1 }
        while low < high, bytes[high - 1] == 0x20 || bytes[high - 1] == 0x09 { high -= 1 }
        return (low..<high).map { bytes[$0] }
    }

    /// The token that is shown, of either kind.
    package var token: Secret? {
        switch self {
        case .bearer(let token), .cookie(let token): token
        case .none: nil
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .bearer: hasher.combine(0)
        case .cookie: hasher.combine(1)
        case .none: hasher.combine(2)
        }
    }
}
