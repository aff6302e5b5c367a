/// The receiving side of one HTTP/1.1 connection: bytes in, requests out (RFC 9112).
///
///            head ──▶ begun ──▶ counted ──▶ ended ──▶ head of the next request
///             ▲         │ ╰───▶ chunked ──▶   │
///             │         ╰─────────────────▶   ╰──▶ done, if this was to be the last
///             ╰── any of them ──▶ refused, for good
///
/// The same bytes give the same events however they are cut, save that content comes in as many
/// ranges as pieces. Content is never copied: its ranges point into the input. A head that lies
/// within one input is copied once, into what ``HTTPRequestHead`` keeps; one that doesn't is
/// gathered here, up to ``HTTPLimits/headBytes``.
///
/// There is one reading of every message, or none. Wherever servers and proxies have been seen to
/// differ about where a message ends (RFC 9112 section 11.2), the connection is refused instead.
package struct HTTPRequestMachine: Sendable {
    package enum Event: Equatable, Sendable {
        /// All input is taken. Come back with more.
        case needsMore
        case head(HTTPRequestHead)
        /// The next bytes of the content, as a range within the input. Never empty.
        case body(Range<Int>)
        /// The request is whole. The next call begins with the one behind it.
        case end
        /// No more will be taken from this connection. Answer, and close.
        case refused(HTTPRefusal)
    }

    private enum State: Sendable {
        case head
        case begun(HTTPFraming)
        case counted(left: UInt64)
        case chunked
        case ended
        case done
        case refused(HTTPRefusal)
    }

    /// How much content the current request may have. Back at ``HTTPLimits/bodyBytes`` with every
    /// head; a route that takes more (or nothing) says so between ``Event/head(_:)`` and the next
    /// call.
    package var bodyLimit: UInt64

    private let limits: HTTPLimits
    private var state = State.head
    private var reader = HTTPHeadReader()
    private var chunks = HTTPChunkedReader()
    /// The beginning of a head whose end has not come.
    private var partial: [UInt8] = []
    /// How many bytes of the current message were taken.
    private var taken: UInt64 = 0
    private var keepsAlive = true

    package init(limits: HTTPLimits) {
        precondition(limits.headBytes <= 1 << 20, "a head is at most 1 MiB; set headBytes lower")
        self.limits = limits
        bodyLimit = limits.bodyBytes
    }

    /// Whether some bytes of a head have come, but not all: the time for them is running.
    package var isMidHead: Bool { !partial.isEmpty }

    /// Whether a message has begun and not ended.
    package var isMidMessage: Bool {
        switch state {
        case .head: isMidHead
        case .begun, .counted, .chunked, .ended: true
        case .done, .refused: false
        }
    }

    /// Takes one step from `offset` in `input`, moving `offset` past what it took. Call again until
    /// ``Event/needsMore`` or ``Event/refused(_:)``.
    package mutating func next(in input: Span<UInt8>, from offset: inout Int) -> Event {
        switch state {
        case .head:
            return offset < input.count ? nextHead(in: input, from: &offset) : .needsMore
        case .begun(let framing):
            return begin(framing, in: input, from: &offset)
        case .counted(let left):
            return nextCounted(left, in: input, from: &offset)
        case .chunked:
            return nextChunk(in: input, from: &offset)
        case .ended:
            return end()
        case .done:
            // RFC 9112 section 9.6: what follows the last request must not be acted on.
            offset = input.count
            return .needsMore
        case .refused(let refusal):
            return .refused(refusal)
        }
    }

    /// Takes note that the peer will send no more. Nil between messages, where that is fine.
    package mutating func receiveEnd() -> HTTPRefusal? {
        switch state {
        case .head where partial.isEmpty || partial == [13, 10], .done:
            state = .done
            return nil
        case .begun(.none), .ended:
            return nil
        case .head, .begun, .counted, .chunked:
            let refusal = HTTPRefusal(.cutOff, at: taken + UInt64(partial.count))
            state = .refused(refusal)
            return refusal
        case .refused(let refusal):
            return refusal
        }
    }

    private mutating func nextHead(in input: Span<UInt8>, from offset: inout Int) -> Event {
        let rest = input.extracting(offset..<input.count)
        guard partial.isEmpty else { return nextPartialHead(rest, from: &offset) }
        switch reader.advance(in: rest, limits: limits) {
        case .incomplete:
            partial.append(copying: rest)
            offset = input.count
            return .needsMore
        case .complete(let count):
            offset += count
            let bytes = rest.extracting(0..<count)
            return open(unsafe bytes.withUnsafeBufferPointer { unsafe [UInt8]($0) })
        case .refused(let refusal):
            return refuse(refusal)
        }
    }

    private mutating func nextPartialHead(_ rest: Span<UInt8>, from offset: inout Int) -> Event {
        let known = partial.count
        let count = min(rest.count, limits.headBytes - known)
        // Taken out for the while: a span of a part of self would bar its other parts.
        var bytes: [UInt8] = []
        swap(&bytes, &partial)
        bytes.append(copying: rest.extracting(0..<count))
        switch reader.advance(in: bytes.span, limits: limits) {
        case .incomplete:
            swap(&bytes, &partial)
            offset += count
            return .needsMore
        case .complete(let end):
            offset += end - known
            bytes.removeSubrange(end...)
            return open(bytes)
        case .refused(let refusal):
            return refuse(refusal)
        }
    }

    private mutating func open(_ bytes: consuming [UInt8]) -> Event {
        taken = UInt64(bytes.count)
        let head = reader.head(from: bytes)
        reader.reset()
        keepsAlive = head.keepAlive
        bodyLimit = limits.bodyBytes
        state = .begun(head.framing)
        return .head(head)
    }

    private mutating func begin(
        _ framing: HTTPFraming,
        in input: Span<UInt8>,
        from offset: inout Int
    ) -> Event {
        switch framing {
        case .none, .untilClose:
            return end()
        case .length(let length):
            guard length <= bodyLimit else { return refuse(.contentTooLarge, at: 0) }
            state = .counted(left: length)
            return nextCounted(length, in: input, from: &offset)
        case .chunked:
            chunks = HTTPChunkedReader()
            state = .chunked
            return nextChunk(in: input, from: &offset)
        }
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
            return refuse(rule, at: index - start)
        }
    }

    private mutating func end() -> Event {
        state = keepsAlive ? .head : .done
        taken = 0
        return .end
    }

    private mutating func refuse(_ rule: HTTPRefusal.Rule, at index: Int) -> Event {
        // A line of trailers may have begun in an earlier input, so the index may be negative.
        refuse(HTTPRefusal(rule, at: UInt64(clamping: Int64(clamping: taken) + Int64(index))))
    }

    private mutating func refuse(_ refusal: HTTPRefusal) -> Event {
        state = .refused(refusal)
        partial = []
        return .refused(refusal)
    }
}
