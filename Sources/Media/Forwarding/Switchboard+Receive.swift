package import Basics
internal import Crypto

// What comes in.
extension Switchboard {
    /// Takes one datagram. Its bytes may be changed (they are decrypted where they lie).
    package mutating func receive(
        _ datagram: UnsafeMutableRawPointer,
        count: Int,
        from path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        counts.datagrams &+= 1
        counts.bytesIn &+= UInt64(count)
        guard count >= 12 else {
            counts.alien &+= 1
            return
        }
        // RFC 7983 section 7.
        switch unsafe datagram.load(as: UInt8.self) {
        case 128...191:
            guard let slot = peer(on: path), unsafe peers[slot].pointee.isConnected else {
                counts.fromNowhere &+= 1
                return
            }
            // RFC 5761 section 4: the second byte of RTCP is 192 to 223.
            let second = unsafe datagram.load(fromByteOffset: 1, as: UInt8.self)
            if 192...223 ~= second {
                unsafe receiveReport(datagram, count: count, slot, at: now, into: &out)
            } else {
                unsafe receiveMedia(datagram, count: count, slot, at: now)
            }
        case 20...63:
            guard let slot = peer(on: path) else {
                counts.fromNowhere &+= 1
                return
            }
            unsafe receiveRecord(datagram, count: count, slot, path, at: now, into: &out)
        case 0...3:
            unsafe receiveCheck(datagram, count: count, path, at: now, into: &out)
        default:
            counts.alien &+= 1
        }
    }

    @inline(__always)
    func peer(on path: DatagramPath) -> UInt32? {
        paths.find(path.fingerprint) { slot in
            unsafe peers[slot].pointee.path == path || peers[slot].pointee.ice.has(path)
        }
    }

    // MARK: - Checks

    private mutating func receiveCheck(
        _ datagram: UnsafeMutableRawPointer,
        count: Int,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let bytes = unsafe Span<UInt8>(
            _unsafeStart: UnsafePointer(datagram.assumingMemoryBound(to: UInt8.self)),
            count: count
        )
        guard let message = Self.check(bytes) else {
            counts.checksRefused &+= 1
            return
        }
        if ReachQuestion.isOne(message) {
            return answerReach(message, count: count, path, at: now, into: &out)
        }
        guard let key = Self.key(of: message),
            let slot = ufrags.find(key, where: { _ in true }), let room = unsafe out.room
        else {
            counts.checksRefused &+= 1
            return
        }
        var answer = unsafe MutableSpan<UInt8>(
            _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
            count: 256
        )
        let verdict = unsafe peers[slot].pointee.ice.receive(
            message,
            from: path,
            at: now,
            into: &answer
        )
        if verdict.answerSize > 0 {
            out.commit(count: verdict.answerSize, to: path, mayJoin: false)
        }
        switch verdict.event {
        case .none:
            counts.checks &+= 1
        case .checked(let path):
            counts.checks &+= 1
            learn(path, of: slot)
            // The path it had is lost, and this one is open.
            if unsafe peers[slot].pointee.path == nil {
                move(slot, to: path, at: now, into: &out)
            }
        case .nominated(let path):
            counts.checks &+= 1
            learn(path, of: slot)
            move(slot, to: path, at: now, into: &out)
        case .conflict, .unknownAttributes, .refused:
            counts.checksRefused &+= 1
        }
    }

    /// Tells whoever probes the port that it is open, now and then.
    private mutating func answerReach(
        _ message: borrowing STUNMessage,
        count: Int,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard reachBudget.take(ReachQuestion.rate, at: now) == .allowed, let room = unsafe out.room
        else {
            counts.checksRefused &+= 1
            return
        }
        let answer = unsafe MutableSpan<UInt8>(
            _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
            count: 256
        )
        let size = ReachQuestion.answer(message, of: count, from: path.remote, into: answer)
        guard size > 0 else { return }
        counts.checks &+= 1
        out.commit(count: size, to: path, mayJoin: false)
    }

    /// A STUN message, or nil: whoever sends anything else is not told.
    @_lifetime(copy bytes)
    private static func check(_ bytes: Span<UInt8>) -> STUNMessage? {
        do throws(STUNFault) {
            let message = try STUNMessage(bytes)
            return message.kind == .request && message.method == .binding ? message : nil
        } catch {
            return nil
        }
    }

    /// What a ufrag of ours is found by: its first eight bytes, which are drawn like the rest.
    static func key(of ufrag: String) -> UInt64 {
        var key: UInt64 = 0
        for byte in ufrag.utf8.prefix(8) { key = key << 8 | UInt64(byte) }
        return key
    }

    /// The same of the name that a check calls us by.
    private static func key(of message: borrowing STUNMessage) -> UInt64? {
        guard let ufrag = message.ufrag, ufrag.count >= 8 else { return nil }
        return ufrag.number64(at: 0)
    }

    /// Leads datagrams of this path to the peer from now on.
    private mutating func learn(_ path: DatagramPath, of slot: UInt32) {
        let peer = unsafe peers[slot]
        guard unsafe !peer.pointee.knownPaths.contains(path) else { return }
        // What the peer's ICE has forgotten leads nowhere any more.
        for old in unsafe peer.pointee.knownPaths where unsafe !peer.pointee.ice.has(old) {
            paths.remove(old.fingerprint, slot)
        }
        unsafe peer.pointee.knownPaths.removeAll { unsafe !peer.pointee.ice.has($0) }
        unsafe peer.pointee.knownPaths.append(path)
        if path.stream != 0 { provedStreams.append(path.stream) }
        paths.insert(path.fingerprint, slot)
    }

    private mutating func move(
        _ slot: UInt32,
        to path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        let isNew = unsafe peer.pointee.path != path
        unsafe peer.pointee.path = path
        schedule.hasten(slot, now)
        guard isNew else { return }
        if unsafe peer.pointee.isConnected {
            unsafe events.append(.moved(peer.pointee.id, to: path))
        }
        beginHandshake(slot, at: now, into: &out)
    }
}

extension Switchboard {
    /// A TCP connection is gone, and every path over it.
    package mutating func lose(stream: UInt32, at now: Instant) {
        for slot in peers.slots where peers.isTaken(slot) {
            let peer = unsafe peers[slot]
            guard let path = unsafe peer.pointee.path, path.stream == stream else { continue }
            // Until a check comes another way there is none; the peer counts as silent after a while.
            unsafe peer.pointee.path = nil
            unsafe peer.pointee.ice.forget(path)
            plan(slot, at: now)
        }
    }
}
