/// The first line of a request (RFC 9112 section 3): where its three parts are.
struct HTTPRequestLine: Sendable {
    var method = HTTPMethod.other
    var version = HTTPVersion.http11
    var places = HTTPRequestHead.Places()
    /// The host that a target in absolute form names; the Host field must agree with it.
    var authority: Range<Int>?

    init() {}

    init(
        _ line: Range<Int>,
        in bytes: Span<UInt8>,
        limits: HTTPLimits
    ) throws(HTTPRefusal) {
        var index = line.lowerBound
        while index < line.upperBound, HTTPSyntax.isToken(bytes[index]) {
            index += 1
        }
        places.method = line.lowerBound..<index
        guard index > line.lowerBound, index < line.upperBound else {
            throw HTTPRefusal(index == line.upperBound ? .requestLine : .method, at: UInt64(index))
        }
        guard bytes[index] == UInt8(ascii: " ") else {
            throw HTTPRefusal(.method, at: UInt64(index))
        }
        guard places.method.count <= limits.methodBytes else {
            throw HTTPRefusal(.methodTooLong, at: UInt64(line.lowerBound + limits.methodBytes))
        }
        method = HTTPMethod(bytes.extracting(places.method))

        let target = index + 1
        index = target
        while index < line.upperBound, HTTPSyntax.isTarget(bytes[index]) {
            index += 1
        }
        guard index < line.upperBound, bytes[index] == UInt8(ascii: " ") else {
            throw HTTPRefusal(index < line.upperBound ? .target : .requestLine, at: UInt64(index))
        }
        guard index - target <= limits.targetBytes else {
            throw HTTPRefusal(.targetTooLong, at: UInt64(target + limits.targetBytes))
        }
        places.target = target..<index
        version = try Self.version(index + 1..<line.upperBound, in: bytes)
        if method == .connect { throw HTTPRefusal(.connect, at: UInt64(line.lowerBound)) }
        try splitTarget(in: bytes)
    }

    /// A later minor version of HTTP/1 is read as 1.1, as RFC 9110 section 2.5 asks.
    private static func version(
        _ range: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(HTTPRefusal) -> HTTPVersion {
        let start = range.lowerBound
        guard range.count == 8, bytes.extracting(start..<start + 5).equals("HTTP/"),
            let major = HTTPSyntax.digit(bytes[start + 5]), bytes[start + 6] == UInt8(ascii: "."),
            let minor = HTTPSyntax.digit(bytes[start + 7])
        else {
            throw HTTPRefusal(.requestLine, at: UInt64(start))
        }
        guard major == 1 else { throw HTTPRefusal(.version, at: UInt64(start)) }
        return minor == 0 ? .http10 : .http11
    }

    /// Tells the four forms of RFC 9112 section 3.2 apart and finds path and query.
    private mutating func splitTarget(in bytes: Span<UInt8>) throws(HTTPRefusal) {
        let target = places.target
        guard !target.isEmpty else { throw HTTPRefusal(.target, at: UInt64(target.lowerBound)) }
        if bytes[target.lowerBound] == UInt8(ascii: "/") {
            splitPath(target, in: bytes)
        } else if target.count == 1, bytes[target.lowerBound] == UInt8(ascii: "*") {
            guard method == .options else {
                throw HTTPRefusal(.target, at: UInt64(target.lowerBound))
            }
            places.path = target
        } else {
            try splitAbsolute(target, in: bytes)
        }
    }

    private mutating func splitPath(_ range: Range<Int>, in bytes: Span<UInt8>) {
        var index = range.lowerBound
        while index < range.upperBound, bytes[index] != UInt8(ascii: "?") {
            index += 1
        }
        places.path = range.lowerBound..<index
        if index < range.upperBound { places.query = index + 1..<range.upperBound }
    }

    private mutating func splitAbsolute(
        _ target: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(HTTPRefusal) {
        let text = bytes.extracting(target)
        let scheme =
            if text.count >= 7, text.extracting(0..<7).equalsInAnyCase("http://") {
                7
            } else if text.count >= 8, text.extracting(0..<8).equalsInAnyCase("https://") {
                8
            } else {
                0
            }
        let start = target.lowerBound + scheme
        guard scheme > 0 else { throw HTTPRefusal(.target, at: UInt64(start)) }
        var index = start
        while index < target.upperBound, bytes[index] != UInt8(ascii: "/"),
            bytes[index] != UInt8(ascii: "?")
        {
            index += 1
        }
        guard HTTPSyntax.isAuthority(bytes.extracting(start..<index)) else {
            throw HTTPRefusal(.target, at: UInt64(start))
        }
        authority = start..<index
        splitPath(index..<target.upperBound, in: bytes)
        // No path means the root, and the last slash of "http://" is one to point at.
        if places.path.isEmpty { places.path = start - 1..<start }
    }
}
