/// Takes chunked content apart (RFC 9112 section 7.1), by ranges, without copying it.
///
///     size ──digits──▶ sizeEnd ──CR LF──▶ data ──▶ dataEnd ──CR LF──╮
///      ▲                  │ size 0                                  │
///      ╰──────────────────┼─────────────────────────────────────────╯
///                         ╰──▶ trailers ──empty line──▶ done
///
/// Strict where parsers are known to disagree: no extensions, no blanks, no signs, no more digits
/// than fit, no line end but CR LF. Trailers are read, checked and dropped, since nothing here asks
/// for one; those that would change where messages end are refused.
struct HTTPChunkedReader: Sendable {
    enum Step {
        case needsMore
        case content(Range<Int>)
        case end
        /// `at` is an index in the input, or beyond the bytes of trailers that were kept.
        case refused(HTTPRefusal.Rule, at: Int)
    }

    private enum Phase: Sendable {
        case size(digits: Int)
        case sizeEnd
        case data
        case dataEnd(hasCR: Bool)
        case trailers
    }

    private var phase = Phase.size(digits: 0)
    /// The size that is being read, then how much of the chunk is still to come.
    private var left: UInt64 = 0
    private var total: UInt64 = 0
    private var trailers = HTTPSection()
    private var trailerBytes: [UInt8] = []

    /// Takes one step from `offset`, moving it past what was taken.
    mutating func next(
        in input: Span<UInt8>,
        from offset: inout Int,
        bodyLimit: UInt64,
        limits: HTTPLimits
    ) -> Step {
        while offset < input.count {
            let byte = input[offset]
            switch phase {
            case .size(let digits):
                if let digit = HTTPSyntax.hexDigit(byte), digits < min(limits.chunkDigits, 16) {
                    left = left << 4 | UInt64(digit)
                    phase = .size(digits: digits + 1)
                    offset += 1
                } else if digits > 0, byte == UInt8(ascii: "\r") {
                    let (sum, overflows) = total.addingReportingOverflow(left)
                    if overflows || sum > bodyLimit {
                        return .refused(.contentTooLarge, at: offset)
                    }
                    total = sum
                    phase = .sizeEnd
                    offset += 1
                } else {
                    let isExtension = digits > 0 && byte == UInt8(ascii: ";")
                    return .refused(isExtension ? .chunkExtension : .chunkSize, at: offset)
                }
            case .sizeEnd:
                guard byte == UInt8(ascii: "\n") else { return .refused(.chunkSize, at: offset) }
                phase = left == 0 ? .trailers : .data
                offset += 1
            case .data:
                let count = min(UInt64(input.count - offset), left)
                let range = offset..<offset + Int(count)
                left -= count
                offset = range.upperBound
                if left == 0 { phase = .dataEnd(hasCR: false) }
                return .content(range)
            case .dataEnd(let hasCR):
                guard byte == UInt8(ascii: hasCR ? "\n" : "\r") else {
                    return .refused(.chunkEnd, at: offset)
                }
                phase = hasCR ? .size(digits: 0) : .dataEnd(hasCR: true)
                offset += 1
            case .trailers:
                return nextTrailer(in: input, from: &offset, limits: limits)
            }
        }
        return .needsMore
    }

    private mutating func nextTrailer(
        in input: Span<UInt8>,
        from offset: inout Int,
        limits: HTTPLimits
    ) -> Step {
        // Positions in what was gathered are `start` away from positions in the input.
        let start = offset - trailerBytes.count
        let count = min(input.count - offset, limits.trailerBytes - trailerBytes.count)
        trailerBytes.append(copying: input.extracting(offset..<offset + count))
        // Taken out for the while: a span of a part of self would bar its other parts.
        var bytes: [UInt8] = []
        swap(&bytes, &trailerBytes)
        defer { swap(&bytes, &trailerBytes) }
        while true {
            switch trailers.nextLine(in: bytes.span, limit: limits.trailerBytes) {
            case .incomplete:
                offset += count
                return .needsMore
            case .refused(.headTooLarge, let index):
                return .refused(.trailersTooLarge, at: start + index)
            case .refused(let rule, let index):
                return .refused(rule, at: start + index)
            case .line(let line) where line.isEmpty:
                offset = start + line.upperBound + 2
                return .end
            case .line(let line):
                guard trailers.entries.count < limits.trailerFields else {
                    return .refused(.trailersTooLarge, at: start + line.lowerBound)
                }
                do throws(HTTPRefusal) {
                    let entry = try trailers.readField(line, in: bytes.span)
                    if Self.mayNotTrail(bytes.span.extracting(entry.name)) {
                        return .refused(.trailerField, at: start + line.lowerBound)
                    }
                } catch {
                    return .refused(error.rule, at: start + Int(error.offset))
                }
            }
        }
    }

    /// Fields about framing, routing, identity and the content itself (RFC 9110 section 6.5.1).
    private static func mayNotTrail(_ name: Span<UInt8>) -> Bool {
        let names: [StaticString] = [
            "content-length", "transfer-encoding", "host", "connection", "keep-alive", "upgrade",
            "te", "trailer", "expect", "content-encoding", "content-type", "content-range",
            "authorization", "proxy-authorization", "cookie", "set-cookie", "forwarded",
            "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
        ]
        return names.contains { name.equalsInAnyCase($0) }
    }
}
