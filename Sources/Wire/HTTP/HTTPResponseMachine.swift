/// The receiving side of one HTTP/1.1 connection of a client: bytes in, responses out.
///
///     idle ──begin(method)──▶ head ──▶ counted, chunked, or untilClose ──▶ ended ──▶ idle
///                             ▲  │ 1xx                                      │
///                             ╰──╯                                          ╰──▶ done
///
/// The twin of ``HTTPRequestMachine``, with its rules about lines, framing and limits. Bytes that
/// come while nothing was asked are refused: they would be taken for the next request's answer.
///
/// Interim responses are passed over, save 101, after which the bytes are another protocol's.
package struct HTTPResponseMachine: Sendable {
    package enum Event: Equatable, Sendable {
        /// All input is taken. Come back with more.
        case needsMore
        case head(HTTPResponseHead)
        /// The next bytes of the content, as a range within the input. Never empty.
        case body(Range<Int>)
        /// The response is whole. Ask again if its head's keepAlive was true; close otherwise.
        case end
        /// The connection is of no more use.
        case failed(HTTPRefusal)
    }

    private enum State: Sendable {
        case idle
        case head
        case counted(left: UInt64)
        case chunked
        case untilClose
        case ended
        case done
        case failed(HTTPRefusal)
    }

    /// How many interim responses may precede a final one.
    private static let mostInterim = 8

    /// How much content a response may have; may be set at any time before it comes.
    package var bodyLimit: UInt64

    private let limits: HTTPLimits
    private var state = State.idle
    private var hasNoContent = false
    private var interim = 0
    private var status: HTTPStatus?
    private var section = HTTPSection()
    private var framing = HTTPFramingFields()
    private var chunks = HTTPChunkedReader()
    private var gathered: [UInt8] = []
    private var taken: UInt64 = 0
    private var keepsAlive = true

    package init(limits: HTTPLimits) {
        precondition(limits.headBytes <= 1 << 20, "a head is at most 1 MiB; set headBytes lower")
        self.limits = limits
        bodyLimit = limits.bodyBytes
    }

    /// Whether a request may be sent now.
    package var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// Takes note that a request of this method was sent. Only when idle.
    package mutating func begin(_ method: HTTPMethod) {
        precondition(isIdle, "one request at a time; wait for .end, and close if it was the last")
        state = .head
        hasNoContent = method == .head
        interim = 0
        taken = 0
        bodyLimit = limits.bodyBytes
        resetHead()
    }

    /// Takes one step from `offset` in `input`, moving `offset` past what it took. Call again until
    /// ``Event/needsMore`` or ``Event/failed(_:)``.
    package mutating func next(in input: Span<UInt8>, from offset: inout Int) -> Event {
        switch state {
        case .idle:
            return offset < input.count ? fail(HTTPRefusal(.unasked, at: 0)) : .needsMore
        case .head:
            return nextHead(in: input, from: &offset)
        case .counted(let left):
            return nextCounted(left, in: input, from: &offset)
        case .chunked:
            return nextChunk(in: input, from: &offset)
        case .untilClose:
            guard offset < input.count else { return .needsMore }
            guard bodyLimit > 0 else { return fail(HTTPRefusal(.contentTooLarge, at: taken)) }
            let count = min(UInt64(input.count - offset), bodyLimit)
            let range = offset..<offset + Int(count)
            bodyLimit -= count
            taken += count
            offset = range.upperBound
            return .body(range)
        case .ended:
            return end()
        case .done:
            offset = input.count
            return .needsMore
        case .failed(let refusal):
            return .failed(refusal)
        }
    }

    /// Takes note that the peer will send no more. ``Event/end`` if that ends the response,
    /// ``Event/failed(_:)`` if it cuts one off, ``Event/needsMore`` if none was under way.
    package mutating func receiveEnd() -> Event {
        switch state {
        case .idle, .done:
            state = .done
            return .needsMore
        case .untilClose, .ended:
            state = .done
            return .end
        case .head, .counted, .chunked:
            return fail(HTTPRefusal(.cutOff, at: taken + UInt64(gathered.count)))
        case .failed(let refusal):
            return .failed(refusal)
        }
    }

    /// A response's head is gathered here first even if it came whole: one connection of ours to
    /// somewhere else is no hot path.
    private mutating func nextHead(in input: Span<UInt8>, from offset: inout Int) -> Event {
        while true {
            let known = gathered.count
            let count = min(input.count - offset, limits.headBytes - known)
            // Taken out for the while: a span of a part of self would bar its other parts.
            var bytes: [UInt8] = []
            swap(&bytes, &gathered)
            bytes.append(copying: input.extracting(offset..<offset + count))
            do throws(HTTPRefusal) {
                guard let end = try advance(in: bytes.span) else {
                    swap(&bytes, &gathered)
                    offset += count
                    return .needsMore
                }
                offset += end - known
                bytes.removeSubrange(end...)
            } catch {
                return fail(error)
            }
            guard let status else { return fail(HTTPRefusal(.statusLine, at: 0)) }
            if status.rawValue >= 200 || status == .switchingProtocols {
                return open(status, bytes)
            }
            interim += 1
            guard interim <= Self.mostInterim else {
                return fail(HTTPRefusal(.tooManyInterim, at: 0))
            }
            resetHead()
        }
    }

    /// Reads the lines that have come; the length of the head once its end is among them.
    private mutating func advance(in bytes: Span<UInt8>) throws(HTTPRefusal) -> Int? {
        while true {
            switch section.nextLine(in: bytes, limit: limits.headBytes) {
            case .incomplete:
                return nil
            case .refused(let rule, let index):
                throw HTTPRefusal(rule, at: UInt64(index))
            case .line(let line) where status == nil:
                let first = try HTTPResponseHead.line(line, in: bytes)
                framing.version = first.version
                status = first.status
            case .line(let line) where line.isEmpty:
                return line.upperBound + 2
            case .line(let line):
                guard section.entries.count < limits.fields else {
                    throw HTTPRefusal(.tooManyFields, at: UInt64(line.lowerBound))
                }
                try framing.note(section.readField(line, in: bytes), in: bytes)
            }
        }
    }

    private mutating func open(_ status: HTTPStatus, _ bytes: consuming [UInt8]) -> Event {
        taken = UInt64(bytes.count)
        let end: HTTPFraming =
            if hasNoContent || status.isBodiless {
                .none
            } else if framing.isChunked {
                .chunked
            } else if let length = framing.length {
                length > 0 ? .length(length) : .none
            } else {
                .untilClose
            }
        keepsAlive =
            framing.keepsAlive && end != .untilClose && status != .switchingProtocols
        let head = HTTPResponseHead(
            status: status,
            version: framing.version,
            fields: HTTPFields(bytes: bytes, entries: section.copyEntries()),
            framing: end,
            keepAlive: keepsAlive
        )
        switch end {
        case .none:
            state = .ended
        case .length(let length):
            guard length <= bodyLimit else {
                return fail(HTTPRefusal(.contentTooLarge, at: taken))
            }
            state = .counted(left: length)
        case .chunked:
            chunks = HTTPChunkedReader()
            state = .chunked
        case .untilClose:
            state = .untilClose
        }
        return .head(head)
    }

    private mutating func nextCounted(
        _ left: UInt64,
        in input: Span<UInt8>,
        from offset: inout Int
    ) -> Event {
        let count = min(UInt64(input.count - offset), left)
        guard count > 0 else { return .needsMore }
        let range = offset..<offset + Int(count)
        offset = range.upperBound
        taken += count
        state = count == left ? .ended : .counted(left: left - count)
        return .body(range)
    }

    private mutating func nextChunk(in input: Span<UInt8>, from offset: inout Int) -> Event {
        let start = offset
        let step = chunks.next(in: input, from: &offset, bodyLimit: bodyLimit, limits: limits)
        switch step {
        case .needsMore:
            taken += UInt64(offset - start)
            return .needsMore
        case .content(let range):
            taken += UInt64(offset - start)
            return .body(range)
        case .end:
            return end()
        case .refused(let rule, let index):
            let place = Int64(clamping: taken) + Int64(index - start)
            return fail(HTTPRefusal(rule, at: UInt64(clamping: place)))
        }
    }

    private mutating func end() -> Event {
        state = keepsAlive ? .idle : .done
        return .end
    }

    private mutating func resetHead() {
        status = nil
        section.reset()
        framing = HTTPFramingFields()
        framing.isRequest = false
    }

    private mutating func fail(_ refusal: HTTPRefusal) -> Event {
        state = .failed(refusal)
        gathered = []
        return .failed(refusal)
    }
}
