/// Reads the head of one request from bytes that begin where it begins.
///
/// Fed again with the same bytes and more until it is whole; see ``HTTPSection``.
struct HTTPHeadReader: Sendable {
    enum Step {
        case incomplete
        /// This many bytes were the head. Ask for it with ``head(from:)``.
        case complete(Int)
        case refused(HTTPRefusal)
    }

    private enum Phase: Sendable {
        case start
        case afterEmptyLine
        case fields
    }

    private var phase = Phase.start
    private var section = HTTPSection()
    private var line = HTTPRequestLine()
    private var framing = HTTPFramingFields()

    mutating func advance(in bytes: Span<UInt8>, limits: HTTPLimits) -> Step {
        while true {
            switch section.nextLine(in: bytes, limit: limits.headBytes) {
            case .incomplete:
                return .incomplete
            case .refused(.headTooLarge, let index) where phase != .fields:
                return .refused(HTTPRefusal(.targetTooLong, at: UInt64(index)))
            case .refused(let rule, let index):
                return .refused(HTTPRefusal(rule, at: UInt64(index)))
            case .line(let range):
                do throws(HTTPRefusal) {
                    if try read(range, in: bytes, limits: limits) {
                        try finish(at: range.lowerBound, in: bytes)
                        return .complete(range.upperBound + 2)
                    }
                } catch {
                    return .refused(error)
                }
            }
        }
    }

    /// Takes one line in; true if it was the empty one that ends the head.
    private mutating func read(
        _ range: Range<Int>,
        in bytes: Span<UInt8>,
        limits: HTTPLimits
    ) throws(HTTPRefusal) -> Bool {
        switch phase {
        case .start where range.isEmpty:
            phase = .afterEmptyLine
        case .afterEmptyLine where range.isEmpty:
            throw HTTPRefusal(.emptyLines, at: UInt64(range.lowerBound))
        case .start, .afterEmptyLine:
            line = try HTTPRequestLine(range, in: bytes, limits: limits)
            framing.version = line.version
            phase = .fields
        case .fields where range.isEmpty:
            return true
        case .fields:
            guard section.entries.count < limits.fields else {
                throw HTTPRefusal(.tooManyFields, at: UInt64(range.lowerBound))
            }
            try framing.note(section.readField(range, in: bytes), in: bytes)
        }
        return false
    }

    /// The rules about the head as a whole.
    private mutating func finish(at end: Int, in bytes: Span<UInt8>) throws(HTTPRefusal) {
        if framing.hosts == 0 {
            if framing.version == .http11 { throw HTTPRefusal(.noHost, at: UInt64(end)) }
        } else {
            guard HTTPSyntax.isAuthority(bytes.extracting(framing.host)) else {
                throw HTTPRefusal(.host, at: UInt64(framing.host.lowerBound))
            }
            if let authority = line.authority {
                let host = bytes.extracting(framing.host)
                guard host.equalsInAnyCase(bytes.extracting(authority)) else {
                    throw HTTPRefusal(.hostMismatch, at: UInt64(framing.host.lowerBound))
                }
            }
        }
        line.places.host = framing.hosts > 0 ? framing.host : line.authority ?? 0..<0
    }

    /// The head, once it is complete, and its bytes.
    func head(from bytes: consuming [UInt8]) -> HTTPRequestHead {
        let end: HTTPFraming =
            if framing.isChunked {
                .chunked
            } else if let length = framing.length, length > 0 {
                .length(length)
            } else {
                .none
            }
        let isModern = framing.version == .http11
        return HTTPRequestHead(
            method: line.method,
            version: framing.version,
            fields: HTTPFields(bytes: bytes, entries: section.copyEntries()),
            framing: end,
            keepAlive: framing.keepsAlive,
            expectsContinue: framing.expectsContinue && isModern && end != .none,
            isUpgrade: framing.upgrades && framing.hasUpgrade && isModern && end == .none,
            places: line.places
        )
    }

    mutating func reset() {
        phase = .start
        section.reset()
        line = HTTPRequestLine()
        framing = HTTPFramingFields()
    }
}
