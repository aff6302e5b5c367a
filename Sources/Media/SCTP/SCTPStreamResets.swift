internal import Basics

/// Streams that begin anew, which is how a data channel closes (RFC 6525, RFC 8831 section 6.7).
///
///              want(_:)            all arrived           answered
///     (stream) ─────────▶ wanted ────────────▶ asked ────────────▶ (done)
///                           ▲                  │  ▲╮
///                           ╰──────────────────╯  ╰╯ T3 ran out
///                      the peer still waits for data
///
/// One request at a time, as section 5.1.2 wants it. A peer that refuses is not asked again: the
/// stream is done with on this side, and the channel must not hang.
struct SCTPStreamResets {
    /// What a request or the answer to one says (section 4.4).
    enum Result: UInt32 {
        case nothingToDo = 0
        case performed = 1
        case denied = 2
        case badNumber = 5
        case inProgress = 6
    }

    struct Request {
        var number: UInt32
        var streams: [UInt16]
        var lastTSN: TSN
    }

    struct Answer: Equatable {
        var number: UInt32
        var result: Result
    }

    /// The peer's request whose data has not all arrived.
    struct Deferred {
        var number: UInt32
        var streams: [UInt16]
        var lastTSN: TSN
    }

    struct Wish {
        var stream: UInt16
        /// The last TSN when all that was given to the stream had one.
        var lastTSN: TSN?
    }

    private(set) var wanted: [Wish] = []
    private(set) var asked: Request?
    /// The request is due, for the first time or again.
    var mustAsk = false
    private(set) var deadline: Instant?
    private(set) var answers: [Answer] = []
    private(set) var deferred: Deferred?

    private var nextNumber: UInt32
    private var expected: UInt32
    /// What the request before `expected` was answered.
    private var lastResult = Result.nothingToDo

    /// `wanted` is what was asked for before the peer had said where it begins.
    init(ownFirstTSN: TSN, peerFirstTSN: TSN, wanted: [Wish] = []) {
        self.wanted = wanted
        nextNumber = ownFirstTSN.rawValue
        expected = peerFirstTSN.rawValue
    }

    // MARK: Ours

    func isResetting(_ stream: UInt16) -> Bool {
        wanted.contains { $0.stream == stream } || asked?.streams.contains(stream) == true
    }

    mutating func want(_ stream: UInt16) {
        if !isResetting(stream) { wanted.append(Wish(stream: stream)) }
    }

    /// Asks for those whose data has all arrived. Earlier the peer would have to put the request
    /// off, and not all do that alike.
    mutating func ask(_ outbound: borrowing SCTPOutbound) {
        guard asked == nil, !wanted.isEmpty else { return }
        var streams: [UInt16] = []
        var lastTSN = outbound.cumulative
        for index in wanted.indices {
            let stream = wanted[index].stream
            if wanted[index].lastTSN == nil, !outbound.isWaiting(on: stream) {
                wanted[index].lastTSN = outbound.lastTSN
            }
            guard let last = wanted[index].lastTSN, streams.count < Self.limit,
                last.distance(from: outbound.cumulative) <= 0
            else { continue }
            streams.append(stream)
            if streams.count == 1 || last.distance(from: lastTSN) > 0 { lastTSN = last }
        }
        guard !streams.isEmpty else { return }
        wanted.removeAll { streams.contains($0.stream) }
        asked = Request(number: nextNumber, streams: streams, lastTSN: lastTSN)
        nextNumber &+= 1
        mustAsk = true
    }

    /// As many streams as fit a packet beside all else.
    private static var limit: Int { 128 }

    mutating func wasAsked(at now: Instant, timeout: Duration) {
        mustAsk = false
        deadline = now + timeout
    }

    /// Nobody answered: the same request again.
    mutating func timedOut() {
        deadline = nil
        mustAsk = asked != nil
    }

    /// The peer has shown that it began this stream anew, before its answer came.
    mutating func presume(_ stream: UInt16) -> Bool {
        guard let request = asked, request.streams.contains(stream) else { return false }
        let others = request.streams.filter { $0 != stream }
        if others.isEmpty {
            asked = nil
            mustAsk = false
            deadline = nil
        } else {
            asked?.streams = others
        }
        return true
    }

    /// Returns the streams that are done with.
    mutating func receive(_ answer: Answer, at now: Instant, timeout: Duration) -> [UInt16] {
        guard let request = asked, answer.number == request.number else { return [] }
        guard answer.result == .inProgress else {
            asked = nil
            mustAsk = false
            deadline = nil
            return request.streams
        }
        // Under a new number: some peers answer a repeated one from memory.
        asked = Request(number: nextNumber, streams: request.streams, lastTSN: request.lastTSN)
        nextNumber &+= 1
        mustAsk = false
        deadline = now + timeout
        return []
    }

    /// The number of the peer's last request, which each of ours repeats.
    var lastHeard: UInt32 { expected &- 1 }

    // MARK: The peer's

    enum Judgement {
        case new
        case known(Result)
        case outOfTurn
    }

    func judge(_ number: UInt32) -> Judgement {
        if number == expected { return .new }
        guard number == expected &- 1 else { return .outOfTurn }
        return .known(lastResult)
    }

    /// Notes the answer to a request, which the next packet takes along. A peer's chunk has two
    /// requests at most; of more, the last count.
    mutating func answer(_ number: UInt32, _ result: Result) {
        if number == expected {
            expected &+= 1
            lastResult = result
        } else if number == expected &- 1 {
            lastResult = result
        }
        if answers.count == 2 { answers.removeFirst() }
        answers.append(Answer(number: number, result: result))
    }

    mutating func answersSent() {
        answers = []
    }

    mutating func wait(for request: Deferred) {
        deferred = request
        answer(request.number, .inProgress)
    }

    /// The request that waited for data up to this TSN, once.
    mutating func due(at cumulative: TSN) -> Deferred? {
        guard let request = deferred, request.lastTSN.distance(from: cumulative) <= 0 else {
            return nil
        }
        deferred = nil
        return request
    }
}
