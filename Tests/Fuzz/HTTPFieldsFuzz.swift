import Basics
import Wire

/// One target for what fields mean; the first byte chooses the field.
///
/// Claims: dates and tags survive being written and read; ranges lie within the whole and add up
/// to no more than it; a target's names hold no separator and survive being escaped; a forwarded
/// address is the one that a walk over words finds; lists and cookies end within the value.
let fuzzHTTPFields: FuzzTarget = { bytes in
    guard let first = bytes.first else { return }
    let value = bytes[1...]
    switch first % 8 {
    case 0: tryDate(value)
    case 1: tryRange(value)
    case 2: tryTarget(value)
    case 3: tryForwarded(value)
    case 4: tryConditions(value)
    case 5: tryCookies(value)
    case 6: tryCoding(value)
    default: tryQuery(value)
    }
}

private func fields(_ name: StaticString, _ value: ArraySlice<UInt8>) -> HTTPFields {
    var fields = HTTPFields()
    fields.append(name, value.span)
    return fields
}

private func tryDate(_ value: ArraySlice<UInt8>) {
    let now = HTTPDate(secondsSince1970: 1_790_000_000)
    guard let date = HTTPDate(parsing: value.span, now: now) else { return }
    precondition(date.bytes.count == 29)
    precondition(HTTPDate(parsing: date.bytes.span, now: now) == date)
    if value.count == 29, value.first(where: { $0 == UInt8(ascii: ",") }) != nil {
        let isLeapSecond = value[value.startIndex + 23] == UInt8(ascii: "6")
        precondition(isLeapSecond || date.bytes[...] == value || value.contains(UInt8(ascii: "-")))
    }
}

private func tryRange(_ value: ArraySlice<UInt8>) {
    for length in [0, 1, 100, UInt64.max] {
        guard case .partial(let ranges) = HTTPRange(parsing: value.span, length: length) else {
            continue
        }
        precondition(!ranges.isEmpty && ranges.count <= 16)
        var left = length
        for range in ranges {
            precondition(!range.isEmpty && range.upperBound <= length)
            left -= range.upperBound - range.lowerBound
        }
    }
}

private func tryTarget(_ value: ArraySlice<UInt8>) {
    do throws(RequestTarget.Fault) {
        let target = try RequestTarget(path: value.span)
        var path = ""
        for segment in target.segments {
            precondition(!segment.isEmpty && segment != "." && segment != "..")
            precondition(!segment.utf8.contains { $0 == 0x2F || $0 == 0x5C || $0 < 0x20 })
            path += "/"
            for byte in segment.utf8 {
                path += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        if target.hasTrailingSlash || path.isEmpty { path += "/" }
        precondition((try? RequestTarget(path: path.utf8.span)) == target)
    } catch {
        precondition(error.offset <= value.count)
    }
}

private func tryForwarded(_ value: ArraySlice<UInt8>) {
    let fields = fields("x-forwarded-for", value)
    let peer = IPAddress(v4: 0x0A00_0001)
    let near = [IPNetwork(peer, prefix: 8)]
    precondition(ForwardedFor.client(of: fields, peer: peer, trusted: []) == peer)
    // The same walk over words, right to left, with as many steps as are allowed.
    var expected = peer
    let words = (fields.string("x-forwarded-for") ?? "")
        .split(separator: ",", omittingEmptySubsequences: false)
    for word in words.reversed().prefix(32) where near[0].contains(expected) {
        let text = String(word.drop { $0 == " " || $0 == "\t" })
        let bare = String(text.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        if let address = try? IPAddress(bare) {
            expected = address
        } else if !bare.hasPrefix(":"), let address = try? SocketAddress(bare) {
            expected = address.ip
        } else {
            break
        }
    }
    precondition(ForwardedFor.client(of: fields, peer: peer, trusted: near) == expected)
}

private func tryConditions(_ value: ArraySlice<UInt8>) {
    if let tag = ETag(parsing: value.span) {
        precondition(ETag(parsing: tag.text.utf8.span).map { $0.isWeak == tag.isWeak } ?? false)
        precondition(tag.isWeaklyEqual(to: tag))
        let fields = fields("if-none-match", value)
        let conditions = HTTPConditions(etag: tag, now: HTTPDate(secondsSince1970: 0))
        precondition(conditions.verdict(on: fields, method: .get) == .notModified)
    }
    let fields = fields("if-match", value)
    let conditions = HTTPConditions(etag: nil, now: HTTPDate(secondsSince1970: 0))
    precondition(conditions.verdict(on: fields, method: .put) == .preconditionFailed)
}

private func tryCookies(_ value: ArraySlice<UInt8>) {
    let fields = fields("cookie", value)
    for cookie in fields.cookies("a") {
        precondition(cookie.count + 2 <= value.count)
        precondition(!cookie.contains(UInt8(ascii: ";")))
    }
    let text = String(decoding: value, as: UTF8.self)
    if let cookie = HTTPCookie(name: "a", value: text, isSecure: true) {
        let sent = Array("a=\(cookie.value)".utf8)
        let heard = HTTPFields(cookies: sent).cookie("a")
        precondition(heard.map { Array($0) } == Array(text.utf8))
    }
}

extension HTTPFields {
    fileprivate init(cookies: [UInt8]) {
        self.init()
        append("cookie", cookies.span)
    }
}

/// A member that welcomes plain content no less makes no difference; none that refuses gzip helps.
private func tryCoding(_ value: ArraySlice<UInt8>) {
    let alone = ContentCoding.best(for: fields("accept-encoding", value))
    var more = fields("accept-encoding", value)
    more.append("accept-encoding", "gzip;q=1")
    precondition(ContentCoding.best(for: more) == .gzip)
    let names = String(decoding: value, as: UTF8.self).lowercased()
    if alone == .gzip { precondition(names.contains("gzip") || names.contains("*")) }
}

private func tryQuery(_ value: ArraySlice<UInt8>) {
    var count = 0
    for parameter in QueryParameters(value) {
        count += 1
        // What isn't UTF-8 grows to three bytes each.
        precondition(parameter.name.utf8.count + parameter.value.utf8.count <= 3 * value.count)
    }
    precondition(count <= value.count)
}
