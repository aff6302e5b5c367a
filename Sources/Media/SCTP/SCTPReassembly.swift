internal import Basics

/// A DATA chunk that arrived for the first time (RFC 9260 section 3.3.1).
struct ArrivedData: ~Escapable {
    let tsn: TSN
    let stream: UInt16
    let number: UInt16
    let payloadProtocol: UInt32
    let flags: UInt8
    let bytes: Span<UInt8>

    /// `chunk` has at least the twelve bytes that come before the data.
    @_lifetime(copy chunk)
    init(_ chunk: borrowing SCTPChunk) {
        let value = chunk.value
        tsn = TSN(value.number32(at: 0))
        stream = value.number16(at: 4)
        number = value.number16(at: 6)
        payloadProtocol = value.number32(at: 8)
        flags = chunk.flags
        bytes = value.extracting(12..<value.count)
    }

    var isUnordered: Bool { flags & SCTPFlag.unordered != 0 }
    var begins: Bool { flags & SCTPFlag.begin != 0 }
    var ends: Bool { flags & SCTPFlag.end != 0 }
}

/// A whole message from the peer.
package struct SCTPMessage: Equatable, Sendable {
    package var stream: UInt16
    package var payloadProtocol: UInt32
    package var bytes: [UInt8]
}

/// Puts fragments together to messages, and ordered messages into their order.
///
///     DATA ──▶ pieces ──▶ whole ──▶ its turn? ──▶ out
///              (by TSN)     │           ▲
///                           │ no        │
///                           ╰──▶ early ─╯
///                            (by stream, number)
///
/// A piece is a run of consecutive fragments, its bytes already joined, so that a message costs no
/// more in a thousand fragments than in two. Only what is out of line is kept at all; a message that
/// comes whole and in its turn passes through.
struct SCTPReassembly {
    private var pieces: [Piece] = []
    private var early: [Early] = []
    private var numbers = StreamNumbers()
    /// Bytes of pieces and early messages, with ``SCTPConfiguration/messageCost`` each.
    private(set) var buffered = 0
    private let maxMessageSize: Int

    private struct Piece {
        var first: TSN
        var last: TSN
        var stream: UInt16
        var number: UInt16
        var payloadProtocol: UInt32
        var isUnordered: Bool
        var begins: Bool
        var ends: Bool
        var bytes: [UInt8]

        func belongs(to other: Piece) -> Bool {
            stream == other.stream && isUnordered == other.isUnordered
                && (isUnordered || number == other.number)
        }
    }

    private struct Early {
        var number: UInt16
        var message: SCTPMessage
    }

    enum Verdict {
        case taken
        /// A fragment that contradicts its neighbour, a message that grows too large, a number that
        /// was used before.
        case broken
    }

    init(maxMessageSize: Int) {
        self.maxMessageSize = maxMessageSize
    }

    /// Takes a chunk that came for the first time, and hands out what became whole and due.
    mutating func take(
        _ data: borrowing ArrivedData,
        into events: inout Fifo<SCTPEvent>
    ) -> Verdict {
        guard data.bytes.count <= maxMessageSize else { return .broken }
        let piece = Piece(
            first: data.tsn,
            last: data.tsn,
            stream: data.stream,
            number: data.number,
            payloadProtocol: data.payloadProtocol,
            isUnordered: data.isUnordered,
            begins: data.begins,
            ends: data.ends,
            bytes: [UInt8](copying: data.bytes)
        )
        if piece.begins, piece.ends {
            return deliver(piece, into: &events)
        }
        guard let place = join(piece) else { return .broken }
        guard pieces[place].bytes.count <= maxMessageSize else { return .broken }
        guard pieces[place].begins, pieces[place].ends else { return .taken }
        let whole = pieces.remove(at: place)
        buffered -= whole.bytes.count + SCTPConfiguration.messageCost
        if pieces.isEmpty, pieces.capacity > 4 { pieces = [] }
        return deliver(whole, into: &events)
    }

    /// Joins a fragment to its neighbours. Returns where it now lies, or nil if it contradicts one.
    private mutating func join(_ piece: consuming Piece) -> Int? {
        let tsn = piece.first
        var (low, high) = (0, pieces.count)
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].last.distance(from: tsn) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        buffered += piece.bytes.count
        var place = low
        if !piece.begins, place > 0, tsn.distance(from: pieces[place - 1].last) == 1 {
            place -= 1
            guard !pieces[place].ends, piece.belongs(to: pieces[place]) else { return nil }
            pieces[place].last = tsn
            pieces[place].ends = piece.ends
            pieces[place].bytes += piece.bytes
        } else {
            // One that begins must not follow one that has not ended.
            if place > 0, tsn.distance(from: pieces[place - 1].last) == 1, !pieces[place - 1].ends {
                return nil
            }
            buffered += SCTPConfiguration.messageCost
            pieces.insert(piece, at: place)
        }
        let next = place + 1
        guard next < pieces.count, pieces[next].first.distance(from: pieces[place].last) == 1 else {
            return place
        }
        guard pieces[place].ends == pieces[next].begins else { return nil }
        guard !pieces[place].ends else { return place }
        guard pieces[next].belongs(to: pieces[place]) else { return nil }
        pieces[place].last = pieces[next].last
        pieces[place].ends = pieces[next].ends
        pieces[place].bytes += pieces[next].bytes
        pieces.remove(at: next)
        buffered -= SCTPConfiguration.messageCost
        return place
    }

    private mutating func deliver(
        _ piece: consuming Piece,
        into events: inout Fifo<SCTPEvent>
    ) -> Verdict {
        let (stream, number, isUnordered) = (piece.stream, piece.number, piece.isUnordered)
        let message = SCTPMessage(
            stream: stream,
            payloadProtocol: piece.payloadProtocol,
            bytes: piece.bytes
        )
        if isUnordered {
            events.append(.message(message))
            return .taken
        }
        let expected = numbers[stream]
        guard number == expected else {
            guard Int16(bitPattern: number &- expected) > 0 else { return .broken }
            let place = placeOfEarly(stream, number)
            if place < early.count, early[place].message.stream == stream,
                early[place].number == number
            {
                return .broken
            }
            buffered += message.bytes.count + SCTPConfiguration.messageCost
            early.insert(Early(number: number, message: message), at: place)
            return .taken
        }
        numbers[stream] = number &+ 1
        events.append(.message(message))
        deliverEarly(of: stream, into: &events)
        return .taken
    }

    /// Hands out those whose turn has come.
    private mutating func deliverEarly(of stream: UInt16, into events: inout Fifo<SCTPEvent>) {
        let start = placeOfEarly(stream, numbers[stream])
        var end = start
        while end < early.count, early[end].message.stream == stream,
            early[end].number == numbers[stream]
        {
            numbers[stream] = early[end].number &+ 1
            handOut(end, into: &events)
            end += 1
        }
        removeEarly(start..<end)
    }

    private mutating func handOut(_ place: Int, into events: inout Fifo<SCTPEvent>) {
        buffered -= early[place].message.bytes.count + SCTPConfiguration.messageCost
        events.append(.message(early[place].message))
    }

    private mutating func removeEarly(_ places: Range<Int>) {
        guard !places.isEmpty else { return }
        early.removeSubrange(places)
        if early.isEmpty, early.capacity > 4 { early = [] }
    }

    /// Sorted by stream, and within a stream by how far ahead of its turn.
    private func placeOfEarly(_ stream: UInt16, _ number: UInt16) -> Int {
        let ahead = number &- numbers[stream]
        var (low, high) = (0, early.count)
        while low < high {
            let middle = (low + high) / 2
            let other = early[middle].message.stream
            let isBefore =
                other < stream || other == stream && early[middle].number &- numbers[stream] < ahead
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: - What will not come

extension SCTPReassembly {
    /// FORWARD-TSN: fragments up to here are of no use any more (RFC 3758 section 3.6).
    mutating func skip(to tsn: TSN) {
        var gone = 0
        while gone < pieces.count, pieces[gone].first.distance(from: tsn) <= 0 {
            buffered -= pieces[gone].bytes.count + SCTPConfiguration.messageCost
            gone += 1
        }
        pieces.removeFirst(gone)
    }

    /// FORWARD-TSN: messages of an ordered stream up to this number are not waited for. Those that
    /// are there are whole, and handed out.
    mutating func skip(
        _ stream: UInt16,
        through number: UInt16,
        into events: inout Fifo<SCTPEvent>
    ) {
        guard Int16(bitPattern: number &- numbers[stream]) >= 0 else { return }
        let start = placeOfEarly(stream, numbers[stream])
        var end = start
        while end < early.count, early[end].message.stream == stream,
            Int16(bitPattern: number &- early[end].number) >= 0
        {
            handOut(end, into: &events)
            end += 1
        }
        removeEarly(start..<end)
        numbers[stream] = number &+ 1
        deliverEarly(of: stream, into: &events)
    }

    /// The peer counts these streams from zero again; all, if there are none in the list. What
    /// waited for a number that now never comes is let go.
    mutating func reset(_ streams: [UInt16]) {
        var freed = 0
        early.removeAll { early in
            guard streams.isEmpty || streams.contains(early.message.stream) else { return false }
            freed += early.message.bytes.count + SCTPConfiguration.messageCost
            return true
        }
        buffered -= freed
        numbers.reset(streams)
    }
}
