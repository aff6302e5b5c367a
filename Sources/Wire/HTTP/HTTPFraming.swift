/// How the end of a message's content is known (RFC 9112 section 6.3).
package enum HTTPFraming: Hashable, Sendable {
    case none
    case length(UInt64)
    case chunked
    /// A response that goes on until its connection closes. Never a request's.
    case untilClose
}

package enum HTTPVersion: Hashable, Sendable {
    case http10
    case http11
}

/// What the fields of a head say about where its message ends and what becomes of the connection.
///
/// Judged field by field, so that a refusal names the line that made two readings possible.
struct HTTPFramingFields: Sendable {
    /// Whether Host and Expect, which are a request's, are looked at.
    var isRequest = true
    var version = HTTPVersion.http11
    private(set) var hosts = 0
    private(set) var host = 0..<0
    private(set) var length: UInt64?
    private(set) var isChunked = false
    private(set) var hasClose = false
    private(set) var hasKeepAlive = false
    private(set) var hasUpgrade = false
    private(set) var upgrades = false
    private(set) var expectsContinue = false

    var keepsAlive: Bool {
        switch version {
        case .http11: !hasClose
        case .http10: hasKeepAlive && !hasClose
        }
    }

    mutating func note(_ entry: HTTPFields.Entry, in bytes: Span<UInt8>) throws(HTTPRefusal) {
        let name = bytes.extracting(entry.name)
        switch name.count {
        case 4 where isRequest && name.equalsInAnyCase("host"):
            hosts += 1
            host = entry.value
            if hosts > 1 { throw HTTPRefusal(.secondHost, at: UInt64(entry.nameStart)) }
        case 6 where isRequest && name.equalsInAnyCase("expect"):
            guard bytes.extracting(entry.value).equalsInAnyCase("100-continue") else {
                throw HTTPRefusal(.expectation, at: UInt64(entry.valueStart))
            }
            expectsContinue = true
        case 7 where name.equalsInAnyCase("upgrade"):
            hasUpgrade = true
        case 10 where name.equalsInAnyCase("connection"):
            noteConnection(bytes.extracting(entry.value))
        case 14 where name.equalsInAnyCase("content-length"):
            guard length == nil else {
                throw HTTPRefusal(.secondContentLength, at: UInt64(entry.nameStart))
            }
            if isChunked { throw HTTPRefusal(.lengthAndCoding, at: UInt64(entry.nameStart)) }
            length = try Self.number(entry, in: bytes)
        case 17 where name.equalsInAnyCase("transfer-encoding"):
            if length != nil { throw HTTPRefusal(.lengthAndCoding, at: UInt64(entry.nameStart)) }
            guard version == .http11 else {
                throw HTTPRefusal(.codingInOldVersion, at: UInt64(entry.nameStart))
            }
            guard !isChunked, bytes.extracting(entry.value).equalsInAnyCase("chunked") else {
                throw HTTPRefusal(.transferCoding, at: UInt64(entry.valueStart))
            }
            isChunked = true
        default:
            break
        }
    }

    private mutating func noteConnection(_ value: Span<UInt8>) {
        _ = value.anyListMember { member in
            let token = value.extracting(member)
            switch token.count {
            case 5: hasClose = hasClose || token.equalsInAnyCase("close")
            case 7: upgrades = upgrades || token.equalsInAnyCase("upgrade")
            case 10: hasKeepAlive = hasKeepAlive || token.equalsInAnyCase("keep-alive")
            default: break
            }
            return false
        }
    }

    /// `1*DIGIT`, and nothing else that some parser might take for a number.
    private static func number(
        _ entry: HTTPFields.Entry,
        in bytes: Span<UInt8>
    ) throws(HTTPRefusal) -> UInt64 {
        var number: UInt64 = 0
        var overflows = entry.value.isEmpty
        for index in entry.value {
            guard let digit = HTTPSyntax.digit(bytes[index]) else {
                throw HTTPRefusal(.contentLength, at: UInt64(index))
            }
            let (tens, isTooMany) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooMuch) = tens.addingReportingOverflow(UInt64(digit))
            overflows = overflows || isTooMany || isTooMuch
            number = sum
        }
        if overflows { throw HTTPRefusal(.contentLength, at: UInt64(entry.valueStart)) }
        return number
    }
}
