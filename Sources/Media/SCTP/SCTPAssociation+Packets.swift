package import Basics

// What goes to the peer.
extension SCTPAssociation {
    /// Writes the next packet, and returns its size; nil if there is nothing to send now.
    ///
    /// The buffer has at least ``SCTPConfiguration/maxPacketSize`` bytes.
    package mutating func nextPacket(
        into buffer: consuming MutableSpan<UInt8>,
        at now: Instant
    ) -> Int? {
        precondition(buffer.count >= configuration.packetLimit, "a packet needs its whole buffer")
        let size: Int?
        if let letter = letters.popFirst() {
            size = write(letter, into: buffer)
        } else if due.initiation, phase == .cookieWait {
            size = writeInitiation(into: buffer)
        } else {
            size = writeBundle(into: buffer, at: now)
        }
        if size != nil { tally.packetsSent += 1 }
        return size
    }

    @_lifetime(copy buffer)
    private func writer(_ buffer: consuming MutableSpan<UInt8>, tag: UInt32) -> SCTPWriter {
        SCTPWriter(
            from: configuration.localPort,
            to: configuration.remotePort,
            tag: tag,
            limit: configuration.packetLimit,
            into: buffer
        )
    }

    private func write(_ letter: Letter, into buffer: consuming MutableSpan<UInt8>) -> Int {
        switch letter {
        case .initiationAck(let greeting, let tag, let cookie, let unrecognized):
            var writer = writer(buffer, tag: tag)
            let chunk = writer.begin(SCTPChunkType.initiationAck)
            SCTPGreeting.write(greeting, into: &writer)
            let parameter = writer.begin(SCTPParameterType.stateCookie)
            writer.append(cookie)
            writer.end(parameter)
            writer.append(unrecognized.span)
            writer.end(chunk)
            return writer.finish(hasChecksum: true)
        case .abort(let cause, let detail, let tag, let isReflected):
            var writer = writer(buffer, tag: tag)
            let flags = isReflected ? SCTPFlag.reflected : 0
            let chunk = writer.begin(SCTPChunkType.abort, flags: flags)
            if let cause { Self.write(cause, detail, into: &writer) }
            writer.end(chunk)
            return writer.finish(hasChecksum: true)
        case .error(let cause, let detail, let tag):
            var writer = writer(buffer, tag: tag)
            let chunk = writer.begin(SCTPChunkType.error)
            Self.write(cause, detail, into: &writer)
            writer.end(chunk)
            return writer.finish(hasChecksum: true)
        case .shutdownComplete(let tag, let isReflected):
            var writer = writer(buffer, tag: tag)
            writer.append(.shutdownComplete, flags: isReflected ? SCTPFlag.reflected : 0)
            return writer.finish(hasChecksum: true)
        }
    }

    /// A cause lies as a parameter does, with a number of its own.
    private static func write(_ cause: SCTPCause, _ detail: [UInt8], into writer: inout SCTPWriter)
    {
        let start = writer.begin(SCTPParameterType(rawValue: cause.rawValue))
        writer.append(detail.span)
        writer.end(start)
    }

    private mutating func writeInitiation(into buffer: consuming MutableSpan<UInt8>) -> Int {
        due.initiation = false
        var writer = writer(buffer, tag: 0)
        let chunk = writer.begin(SCTPChunkType.initiation)
        SCTPGreeting.write(ownGreeting(localTag, outbound.nextTSN), into: &writer)
        writer.end(chunk)
        return writer.finish(hasChecksum: true)
    }

    /// Control chunks first, then DATA as much as fits (section 6.10).
    private mutating func writeBundle(
        into buffer: consuming MutableSpan<UInt8>,
        at now: Instant
    ) -> Int? {
        guard phase.isOpen || phase == .cookieEchoed else { return nil }
        var writer = writer(buffer, tag: peerTag)
        let isEcho = due.cookieEcho
        if isEcho {
            writer.append(.cookieEcho, peerCookie.span)
            due.cookieEcho = false
        }
        if due.cookieAck {
            writer.append(.cookieAck)
            due.cookieAck = false
        }
        writeSack(into: &writer)
        writeComplaints(into: &writer)
        writeReconfiguration(into: &writer, at: now)
        writeForward(into: &writer, at: now)
        if due.shutdown, writer.room >= 8 {
            let chunk = writer.begin(SCTPChunkType.shutdown)
            writer.append(received.cumulative.rawValue)
            writer.end(chunk)
            due.shutdown = false
        }
        if due.shutdownAck, writer.room >= 4 {
            writer.append(.shutdownAck)
            due.shutdownAck = false
        }
        if phase.maySend {
            while writer.room > SCTPWriter.dataHeadSize,
                let index = outbound.next(room: writer.room, at: now)
            {
                let tsn = outbound.cumulative.advanced(by: index + 1)
                writer.appendData(outbound.sent[index], tsn)
            }
            outbound.packetEnded()
        }
        guard !writer.isEmpty else { return nil }
        // A cookie must arrive as it was made, whoever has promised what (RFC 9653 section 5.2).
        let mayLackChecksum = peer?.acceptsZeroChecksum == true && !isEcho
        return writer.finish(hasChecksum: !mayLackChecksum)
    }

    /// What the peer may send. Less than a packet is nothing: it would come in crumbs.
    private var window: Int {
        let room = configuration.receiveBufferSize - reassembly.buffered - unread
        return room < configuration.packetLimit + SCTPConfiguration.messageCost ? 0 : room
    }

    /// When it is due, and before that if a packet leaves anyway.
    private mutating func writeSack(into writer: inout SCTPWriter) {
        let window = window
        let hasOpened =
            announcedWindow < configuration.receiveBufferSize / 4
            && window >= configuration.receiveBufferSize / 2
        let isWelcome = sackDeadline != nil && phase.maySend && outbound.hasSomethingToSend
        guard phase.isOpen, due.sack || isWelcome || hasOpened, writer.room >= 16 else { return }
        announcedWindow = window
        due.sack = false
        sackDeadline = nil
        unacknowledged = 0
        let chunk = writer.begin(SCTPChunkType.sack)
        let blocks = min(received.runs.count, (writer.room - 12) / 4)
        let duplicates = min(received.duplicates.count, (writer.room - 12) / 4 - blocks)
        writer.append(received.cumulative.rawValue)
        writer.append(UInt32(clamping: window))
        writer.append(UInt16(blocks))
        writer.append(UInt16(duplicates))
        for run in received.runs.prefix(blocks) {
            let first = run.first.distance(from: received.cumulative)
            let last = run.last.distance(from: received.cumulative)
            writer.append(UInt16(clamping: first))
            writer.append(UInt16(clamping: last))
        }
        for tsn in received.duplicates.prefix(duplicates) { writer.append(tsn.rawValue) }
        writer.end(chunk)
        received.forgetDuplicates()
    }

    private mutating func writeComplaints(into writer: inout SCTPWriter) {
        if !due.complaints.isEmpty, writer.room >= 4 + due.complaints.count {
            writer.append(.error, due.complaints.span)
            due.complaints = []
        }
        if let information = due.heartbeat, writer.room >= 4 + information.count.roundedUpToFour {
            writer.append(.heartbeatAck, information.span)
            due.heartbeat = nil
        }
    }

    private mutating func writeReconfiguration(
        into writer: inout SCTPWriter,
        at now: Instant
    ) {
        if phase.maySend { resets.ask(outbound) }
        if !resets.answers.isEmpty, writer.room >= 28 {
            let chunk = writer.begin(SCTPChunkType.reconfiguration)
            for answer in resets.answers {
                let parameter = writer.begin(SCTPParameterType.resetResponse)
                writer.append(answer.number)
                writer.append(answer.result.rawValue)
                writer.end(parameter)
            }
            writer.end(chunk)
            resets.answersSent()
        }
        if let request = resets.asked, resets.mustAsk,
            writer.room >= 20 + 2 * request.streams.count + 2
        {
            let chunk = writer.begin(SCTPChunkType.reconfiguration)
            let parameter = writer.begin(SCTPParameterType.outgoingReset)
            writer.append(request.number)
            writer.append(resets.lastHeard)
            writer.append(request.lastTSN.rawValue)
            for stream in request.streams { writer.append(stream) }
            writer.end(parameter)
            writer.end(chunk)
            resets.wasAsked(at: now, timeout: outbound.roundTrip.timeout)
        }
    }

    private mutating func writeForward(into writer: inout SCTPWriter, at now: Instant) {
        guard outbound.mustForward, phase.maySend, writer.room >= 64 else { return }
        let (tsn, streams) = outbound.forward(limit: (writer.room - 8) / 4)
        let chunk = writer.begin(SCTPChunkType.forwardTSN)
        writer.append(tsn.rawValue)
        for skipped in streams {
            writer.append(skipped.stream)
            writer.append(skipped.number)
        }
        writer.end(chunk)
        outbound.forwarded(at: now)
    }
}
