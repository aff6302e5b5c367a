package import Basics
internal import Crypto
internal import Media

// How it finds a way to the other side (RFC 8445), and keeps it (RFC 7675). As one who has a single
// address, it tries each of the other's in turn; whichever answers first is the way.
extension Caller {
    /// Begins to look, or looks anew.
    mutating func seek(_ description: SessionDescription, at now: Instant) {
        candidates = []
        for line in description.sections.flatMap(\.candidates) {
            // A line of a kind that is not known here is of no use here, which is no fault of it.
            guard let candidate = try? ICECandidate(line), candidate.transport == .udp,
                candidate.component == 1, case .address(let ip) = candidate.host
            else { continue }
            let address = SocketAddress(ip: ip, port: candidate.port)
            guard !candidates.contains(address), candidates.count < Self.mostCandidates,
                addresses.isEmpty || addresses.contains(where: { $0.ip.family == ip.family })
            else { continue }
            candidates.append(address)
        }
        checkInterval = Self.firstCheckInterval
        nextCheck = now
        lastAnswer = now
    }

    /// Another way out of here: asks at once whether it leads there, too.
    package mutating func moved(at now: Instant) {
        checkInterval = Self.firstCheckInterval
        if peer != nil { nextCheck = now }
    }

    mutating func checkIfDue(at now: Instant, into out: inout OutgoingBatch) {
        guard let due = nextCheck, due <= now else { return }
        let patience = path == nil ? Self.seekingTime : Self.consentTime
        if let lastAnswer, now - lastAnswer >= patience {
            end(path == nil ? .unreachable : .silent)
            return
        }
        if let path {
            check(path, into: &out)
        } else {
            for address in candidates { check(DatagramPath(remote: address, local: 0), into: &out) }
        }
        nextCheck = now + checkInterval
        checkInterval = min(checkInterval * 2, path == nil ? .milliseconds(400) : Self.pause)
    }

    private mutating func check(_ way: DatagramPath, into out: inout OutgoingBatch) {
        guard let peer, let peerKey, let room = unsafe out.room else {
            counts.dropped &+= 1
            return
        }
        let id = transaction ?? STUNTransactionID(using: &random)
        transaction = id
        let tie = session
        let space = unsafe MutableSpan<UInt8>(
            _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
            count: 512
        )
        var writer = STUNWriter(.request, .binding, id, into: space)
        writer.append(.username, "\(peer.ufrag):\(own.ufrag)")
        writer.append(.priority, UInt32(0x6E7F_1EFF))
        if isControlling {
            writer.append(.iceControlling, tie)
            writer.append(.useCandidate)
        } else {
            writer.append(.iceControlled, tie)
        }
        writer.appendIntegrity(peerKey)
        writer.appendFingerprint()
        guard let count = writer.finish() else { return }
        out.commit(count: count, to: way, mayJoin: false)
    }

    mutating func receiveCheck(
        _ bytes: Span<UInt8>,
        from way: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        // Anybody may send anything here; it is counted, whatever is wrong with it.
        guard let message = try? STUNMessage(bytes), message.method == .binding else {
            counts.strange &+= 1
            return
        }
        switch message.kind {
        case .request:
            guard message.isVouched(by: ownKey) else {
                counts.strange &+= 1
                return
            }
            answer(message.transaction, way, into: &out)
            // Before the description has come, it can be answered and no more.
            if peer != nil, path == nil, !isControlling, message.has(.useCandidate) {
                found(way, at: now, into: &out)
            }
        case .success:
            guard let peerKey, message.isVouched(by: peerKey),
                message.transaction == transaction
            else { return }
            transaction = nil
            lastAnswer = now
            checkInterval = Self.pause
            nextCheck = now + Self.pause
            if path == nil, isControlling { found(way, at: now, into: &out) }
        case .failure: counts.strange &+= 1
        case .indication: break
        }
    }

    private mutating func answer(
        _ id: STUNTransactionID,
        _ way: DatagramPath,
        into out: inout OutgoingBatch
    ) {
        guard let room = unsafe out.room else {
            counts.dropped &+= 1
            return
        }
        let space = unsafe MutableSpan<UInt8>(
            _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
            count: 256
        )
        var writer = STUNWriter(.success, .binding, id, into: space)
        writer.append(.xorMappedAddress, way.remote)
        writer.appendIntegrity(ownKey)
        writer.appendFingerprint()
        guard let count = writer.finish() else { return }
        out.commit(count: count, to: way, mayJoin: false)
    }

    private mutating func found(
        _ way: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        path = way
        checkInterval = Self.pause
        nextCheck = now + Self.pause
        lastAnswer = now
        if role == .client, dtls == nil { begin(.client, at: now, into: &out) }
    }

    /// Between two checks of a way that is known.
    private static var pause: Duration { .seconds(4) }
    private static var seekingTime: Duration { .seconds(15) }
    private static var consentTime: Duration { .seconds(30) }
    private static var mostCandidates: Int { 8 }
}
