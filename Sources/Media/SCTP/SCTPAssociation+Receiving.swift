package import Basics

// What comes from the peer (sections 6.2 and 8.5).
extension SCTPAssociation {
    /// Takes the content of one DTLS record.
    package mutating func receive(_ bytes: Span<UInt8>, at now: Instant) {
        do throws(SCTPFault) {
            let packet = try SCTPPacket(
                bytes,
                isZeroChecksumAcceptable: configuration.acceptsZeroChecksum
            )
            guard packet.destinationPort == configuration.localPort,
                packet.sourcePort == configuration.remotePort
            else {
                tally.packetsRefused += 1
                return
            }
            receive(packet, at: now)
        } catch {
            tally.packetsRefused += 1
        }
        settle(at: now)
    }

    private mutating func receive(_ packet: borrowing SCTPPacket, at now: Instant) {
        var chunks = packet.chunks
        guard let first = chunks.next() else { return }
        let isReflected = first.flags & SCTPFlag.reflected != 0
        let isPeers = packet.tag == (isReflected ? peerTag : localTag)
        switch first.type {
        case .initiation:
            guard packet.tag == 0, packet.chunkCount == 1 else { break }
            tally.packetsReceived += 1
            return receiveInitiation(first, at: now)
        case .abort:
            guard isPeers, phase != .idle, phase != .ended else { break }
            tally.packetsReceived += 1
            return receiveAbort(first)
        case .shutdownComplete:
            guard isPeers, packet.chunkCount == 1 else { break }
            tally.packetsReceived += 1
            return receiveShutdownComplete()
        case .cookieEcho:
            guard receiveCookieEcho(first, tag: packet.tag, at: now) else { break }
            tally.packetsReceived += 1
            return receiveRest(chunks, at: now)
        default:
            guard packet.tag == localTag, phase != .idle, phase != .ended else {
                return refuse(first.type, tag: packet.tag)
            }
            tally.packetsReceived += 1
            return receiveRest(packet.chunks, at: now)
        }
        tally.packetsRefused += 1
    }

    /// A packet that belongs to no association (section 8.4).
    private mutating func refuse(_ type: SCTPChunkType, tag: UInt32) {
        tally.packetsRefused += 1
        guard phase == .ended else { return }
        if type == .shutdownAck {
            post(.shutdownComplete(tag: tag, isReflected: true))
        } else if type != .error, type != .cookieAck {
            post(.abort(nil, detail: [], tag: tag, isReflected: true))
        }
    }

    private mutating func receiveRest(_ chunks: consuming SCTPChunks, at now: Instant) {
        var hadData = false
        var hadSack = false
        while phase != .ended, let chunk = chunks.next() {
            switch chunk.type {
            case .data:
                receiveData(chunk, at: now)
                hadData = true
            case .sack:
                // One says it all; more would only cost.
                if !hadSack { receiveSack(chunk, at: now) }
                hadSack = true
            case .initiationAck: receiveInitiationAck(chunk, at: now)
            case .heartbeat:
                if phase.isOpen || phase == .cookieEchoed, chunk.value.count <= Self.heartbeatLimit
                {
                    due.heartbeat = chunk.value.copied
                }
            case .abort: receiveAbort(chunk)
            case .shutdown: receiveShutdown(chunk, at: now)
            case .shutdownAck: receiveShutdownAck()
            case .error: receiveError(chunk)
            case .cookieAck: receiveCookieAck()
            case .reconfiguration: receiveReconfiguration(chunk, at: now)
            case .forwardTSN: receiveForward(chunk)
            // Not asked for, or not alone in its packet.
            case .heartbeatAck, .initiation, .cookieEcho, .shutdownComplete: break
            case let type:
                if type.wantsReport {
                    complain(.unrecognizedChunk, quoting: chunk.whole)
                }
                guard type.maySkip else {
                    tally.chunksRefused += 1
                    return finishPacket(hadData: hadData, at: now)
                }
            }
        }
        finishPacket(hadData: hadData, at: now)
    }

    /// Acknowledges every second packet with DATA at once, and others before long (section 6.2).
    private mutating func finishPacket(hadData: Bool, at now: Instant) {
        guard hadData, phase.isOpen else { return }
        unacknowledged += 1
        if unacknowledged >= 2 || !received.runs.isEmpty || !received.duplicates.isEmpty {
            due.sack = true
        }
        if phase == .shutdownSent {
            due.sack = true
            due.shutdown = true
        }
        if sackDeadline == nil { sackDeadline = now + configuration.ackDelay }
    }

    private mutating func receiveData(_ chunk: borrowing SCTPChunk, at now: Instant) {
        switch phase {
        case .established, .shutdownPending, .shutdownSent: break
        case .idle, .cookieWait, .cookieEchoed, .shutdownReceived, .shutdownAckSent, .ended: return
        }
        guard chunk.value.count > 12 else {
            let detail = chunk.value.count < 4 ? [] : chunk.value.extracting(0..<4).copied
            return abort(.noUserData, detail: detail)
        }
        let data = ArrivedData(chunk)
        if data.flags & SCTPFlag.immediate != 0 { due.sack = true }
        let isNext: Bool
        switch received.judge(data.tsn) {
        case .next: isNext = true
        case .beyondGap: isNext = false
        case .duplicate:
            received.noteDuplicate(data.tsn)
            tally.chunksDuplicated += 1
            due.sack = true
            return
        case .outOfReach:
            tally.chunksRefused += 1
            due.sack = true
            return
        }
        guard data.stream < incomingStreams else {
            received.take(data.tsn)
            tally.chunksRefused += 1
            let name = [UInt8(data.stream >> 8), UInt8(data.stream & 255), 0, 0]
            return complain(.invalidStream, quoting: name.span)
        }
        let size = data.bytes.count + SCTPConfiguration.messageCost
        if reassembly.buffered + unread + size > configuration.receiveBufferSize {
            // What is next may be what the rest waits for, so it is taken unless reading makes room.
            guard isNext, unread == 0 else {
                tally.chunksRefused += 1
                due.sack = true
                return
            }
            let most = configuration.receiveBufferSize + 2 * configuration.maxMessageSize
            guard reassembly.buffered + size <= most else { return abort(.outOfResource) }
        }
        received.take(data.tsn)
        let count = events.count
        guard reassembly.take(data, into: &events) == .taken else {
            return abort(.protocolViolation)
        }
        countUnread(from: count)
    }

    private mutating func receiveForward(_ chunk: borrowing SCTPChunk) {
        let value = chunk.value
        guard phase.isOpen, value.count >= 4, value.count.isMultiple(of: 4) else { return }
        due.sack = true
        let tsn = TSN(value.number32(at: 0))
        guard tsn.distance(from: received.cumulative) > 0 else { return }
        received.advance(to: tsn)
        reassembly.skip(to: tsn)
        let count = events.count
        var offset = 4
        while offset < value.count {
            let stream = value.number16(at: offset)
            if stream < incomingStreams {
                reassembly.skip(stream, through: value.number16(at: offset + 2), into: &events)
            }
            offset += 4
        }
        countUnread(from: count)
    }

    private mutating func countUnread(from start: Int) {
        for index in start..<events.count {
            if case .message(let message) = events[index] { unread += message.bytes.count }
        }
    }

    private mutating func receiveSack(_ chunk: borrowing SCTPChunk, at now: Instant) {
        let value = chunk.value
        guard phase.isOpen, value.count >= 12 else { return }
        let blocks = Int(value.number16(at: 8))
        guard 12 + 4 * blocks <= value.count else {
            tally.chunksRefused += 1
            return
        }
        let verdict = outbound.acknowledge(
            TSN(value.number32(at: 0)),
            window: Int(value.number32(at: 4)),
            gaps: value.extracting(12..<12 + 4 * blocks),
            at: now
        )
        switch verdict {
        case .stale: break
        case .taken(let isProgress): if isProgress { silences = 0 }
        case .impossible: abort(.protocolViolation)
        }
    }

    private mutating func receiveError(_ chunk: borrowing SCTPChunk) {
        let value = chunk.value
        guard phase == .cookieEchoed, value.count >= 4 else { return }
        guard SCTPCause(rawValue: value.number16(at: 0)) == .staleCookie else { return }
        // Once more from the start (section 5.2.6); the timer has the same patience as before.
        phase = .cookieWait
        due.cookieEcho = false
        due.initiation = true
    }

    private static var heartbeatLimit: Int { 512 - SCTPPacket.headerSize - 4 }
}
