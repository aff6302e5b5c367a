internal import Basics

// Re-configuration (RFC 6525), of which data channels need the reset of outgoing streams, and of
// incoming ones only as the peer's outgoing.
extension SCTPAssociation {
    mutating func receiveReconfiguration(_ chunk: borrowing SCTPChunk, at now: Instant) {
        guard phase.isOpen else { return }
        var parameters = SCTPParameters(chunk.value)
        var left = 2
        while left > 0, let parameter = parameters.next() {
            left -= 1
            let value = parameter.value
            guard value.count >= 4 else { continue }
            let number = value.number32(at: 0)
            switch parameter.type {
            case .resetResponse:
                guard value.count >= 8 else { continue }
                let result = SCTPStreamResets.Result(rawValue: value.number32(at: 4)) ?? .denied
                let answer = SCTPStreamResets.Answer(number: number, result: result)
                let timeout = outbound.roundTrip.timeout
                silences = 0
                let streams = resets.receive(answer, at: now, timeout: timeout)
                guard !streams.isEmpty else { continue }
                outbound.resetNumbers(of: streams)
                events.append(.ownReset(streams))
            case .outgoingReset:
                guard value.count >= 12 else { continue }
                receiveReset(number, value)
            case .addOutgoing:
                receiveMoreStreams(number, value)
            case .incomingReset, .wholeReset, .addIncoming:
                decide(number) { _ in .denied }
            default:
                tally.chunksRefused += 1
            }
        }
    }

    /// The peer's outgoing streams begin anew, once all it sent on them has arrived (section 5.2.2).
    private mutating func receiveReset(_ number: UInt32, _ value: Span<UInt8>) {
        let lastTSN = TSN(value.number32(at: 8))
        var streams: [UInt16] = []
        var offset = 12
        while offset + 2 <= value.count, streams.count < Int(incomingStreams) {
            let stream = value.number16(at: offset)
            if stream < incomingStreams { streams.append(stream) }
            offset += 2
        }
        // No list means all streams; a list of none that exist must not.
        let isVoid = streams.isEmpty && offset > 12
        let mustWait = lastTSN.distance(from: received.cumulative) > 0
        switch resets.judge(number) {
        case .new where mustWait, .known(.inProgress) where mustWait:
            resets.wait(for: .init(number: number, streams: streams, lastTSN: lastTSN))
        case .new, .known(.inProgress):
            resets.answer(number, isVoid ? .denied : .performed)
            if !isVoid { perform(streams) }
        case .known(let result): resets.answer(number, result)
        case .outOfTurn: resets.answer(number, .badNumber)
        }
    }

    mutating func perform(_ streams: [UInt16]) {
        reassembly.reset(streams)
        events.append(.peerReset(streams))
    }

    /// More streams from the peer (section 4.5), as far as we have said that we take them.
    private mutating func receiveMoreStreams(_ number: UInt32, _ value: Span<UInt8>) {
        guard value.count >= 8 else { return }
        let more = Int(value.number16(at: 4))
        decide(number) { association in
            let total = Int(association.incomingStreams) + more
            guard total <= Int(association.configuration.streamCount) else { return .denied }
            association.incomingStreams = UInt16(total)
            return .performed
        }
    }

    /// Answers a request that needs no waiting, and one that came twice as the first time.
    private mutating func decide(
        _ number: UInt32,
        _ decision: (inout SCTPAssociation) -> SCTPStreamResets.Result
    ) {
        switch resets.judge(number) {
        case .new: resets.answer(number, decision(&self))
        case .known(let result): resets.answer(number, result)
        case .outOfTurn: resets.answer(number, .badNumber)
        }
    }
}
