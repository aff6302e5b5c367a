/// All of a response before its content, as a client hears it.
package struct HTTPResponseHead: Equatable, Sendable {
    package let status: HTTPStatus
    package let version: HTTPVersion
    package let fields: HTTPFields
    package let framing: HTTPFraming
    /// Whether another request may be sent on this connection once this message is whole.
    package let keepAlive: Bool

    /// The first line of a response (RFC 9112 section 4). The phrase is not looked at, and the space
    /// before it may be missing when it is.
    static func line(
        _ line: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(HTTPRefusal) -> (version: HTTPVersion, status: HTTPStatus) {
        let refusal = HTTPRefusal(.statusLine, at: UInt64(line.lowerBound))
        let text = bytes.extracting(line)
        guard text.count >= 12, text.extracting(0..<5).equals("HTTP/"),
            let major = HTTPSyntax.digit(text[5]), text[6] == UInt8(ascii: "."),
            let minor = HTTPSyntax.digit(text[7]), text[8] == UInt8(ascii: " "),
            text.count == 12 || text[12] == UInt8(ascii: " ")
        else { throw refusal }
        guard major == 1 else { throw HTTPRefusal(.version, at: UInt64(line.lowerBound)) }
        var code: UInt16 = 0
        for index in 9..<12 {
            guard let digit = HTTPSyntax.digit(text[index]) else { throw refusal }
            code = code * 10 + UInt16(digit)
        }
        guard (100...599).contains(code) else { throw refusal }
        return (minor == 0 ? .http10 : .http11, HTTPStatus(rawValue: code))
    }
}
