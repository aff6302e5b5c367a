internal import Basics
internal import Crypto

// The handshake, and what comes encrypted under it: messages of data channels.
extension Switchboard {
    mutating func receiveRecord(
        _ datagram: UnsafeMutableRawPointer,
        count: Int,
        _ slot: UInt32,
        _ path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        if unsafe peer.pointee.dtls == nil {
            // Where the handshake is ours to begin there is nothing to answer.
            guard unsafe peer.pointee.remote?.isOurTurn != true else { return }
            // Made at the first record from a path that has passed a check, so that a description
            // alone costs no memory.
            unsafe makeMachine(peer, .server, at: now)
        }
        let bytes = unsafe Span<UInt8>(
            _unsafeStart: UnsafePointer(datagram.assumingMemoryBound(to: UInt8.self)),
            count: count
        )
        unsafe peer.pointee.dtls?.receive(bytes, at: now)
        turn(slot, over: path, at: now, into: &out)
    }

    /// Begins a handshake that is ours to begin, now that there is a path for it.
    mutating func beginHandshake(
        _ slot: UInt32,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        guard let path = unsafe peer.pointee.path, unsafe peer.pointee.dtls == nil,
            unsafe peer.pointee.remote?.isOurTurn == true
        else { return }
        unsafe makeMachine(peer, .client, at: now)
        unsafe peer.pointee.dtls?.advance(to: now)
        turn(slot, over: path, at: now, into: &out)
    }

    private mutating func makeMachine(
        _ peer: UnsafeMutablePointer<Peer>,
        _ role: DTLSMachine.Role,
        at now: Instant
    ) {
        counts.handshakes &+= 1
        do throws(DTLSFault) {
            unsafe peer.pointee.dtls = try DTLSMachine(role, peer.pointee.context, at: now)
        } catch {
            counts.handshakesFailed &+= 1
            return
        }
        if let remote = unsafe peer.pointee.remote {
            unsafe peer.pointee.dtls?.expect(remote.fingerprints)
        }
    }

    /// Lets the machine and what it carries do all they can: events out, messages in, datagrams away.
    mutating func turn(
        _ slot: UInt32,
        over path: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        while let event = unsafe peer.pointee.dtls?.nextEvent() {
            switch event {
            case .established(let profile, let material):
                connect(slot, profile, material, over: path, at: now)
            case .message(let bytes):
                unsafe peer.pointee.channels?.receive(bytes.span, at: now)
            case .closed:
                end(slot, .closed, at: now, into: &out)
                return
            case .failed(let fault):
                counts.handshakesFailed &+= 1
                unsafe sendRecords(peer, over: path, into: &out)
                end(slot, fault.isAboutCertificate ? .refused : .failed, at: now, into: &out)
                return
            }
        }
        unsafe pumpChannels(peer, at: now)
        unsafe sendRecords(peer, over: path, into: &out)
        plan(slot, at: now)
    }

    private mutating func connect(
        _ slot: UInt32,
        _ profile: UInt16,
        _ material: [UInt8],
        over path: DatagramPath,
        at now: Instant
    ) {
        let peer = unsafe peers[slot]
        let isClient = unsafe peer.pointee.remote?.isOurTurn == true
        if let profile = SRTPProfile(rawValue: profile),
            let keys = SRTPMasterKey.pair(from: material.span, profile: profile)
        {
            unsafe peer.pointee.sender = SRTPSender(
                profile,
                isClient ? keys.client : keys.server,
                library: rules.library
            )
            unsafe peer.pointee.receiver = SRTPReceiver(
                profile,
                isClient ? keys.server : keys.client,
                library: rules.library
            )
        }
        if unsafe peer.pointee.path == nil { unsafe peer.pointee.path = path }
        unsafe peer.pointee.isConnected = true
        unsafe openChannels(peer)
        unsafe peer.pointee.nextReport = now + .milliseconds(500)
        unsafe events.append(.connected(peer.pointee.id, over: path))
        for downlink in unsafe peer.pointee.downlinks { unwelcomed.append(downlink) }
    }

    /// Makes what data channels need, if they are agreed upon and it is not there.
    mutating func openChannels(_ peer: UnsafeMutablePointer<Peer>) {
        guard unsafe peer.pointee.isConnected, unsafe peer.pointee.channels == nil,
            let remote = unsafe peer.pointee.remote, let channels = remote.channels
        else { return }
        var configuration = DataChannels.Configuration()
        configuration.association.remotePort = channels.port
        configuration.association.peerMaxMessageSize = channels.messageLimit
        unsafe peer.pointee.channels = DataChannels(
            configuration,
            isDTLSClient: remote.isOurTurn,
            using: &random
        )
    }

    /// What the association has for the planner, and for the peer.
    private mutating func pumpChannels(_ peer: UnsafeMutablePointer<Peer>, at now: Instant) {
        while let event = unsafe peer.pointee.channels?.nextEvent() {
            let id = unsafe peer.pointee.id
            switch event {
            case .connected: break
            case .opened(let channel, let opening):
                events.append(.channelOpened(id, channel: channel, label: opening.label))
            case .message(let channel, let isText, let bytes):
                events.append(.channelMessage(id, channel: channel, isText: isText, bytes))
            case .closed(let channel):
                events.append(.channelClosed(id, channel: channel))
            case .ended: break
            }
        }
        if unsafe peer.pointee.awaitsReceipt, unsafe peer.pointee.channels?.hasAllArrived == true {
            unsafe peer.pointee.awaitsReceipt = false
            events.append(.channelDelivered(unsafe peer.pointee.id))
        }
        var room = InlineArray<1_200, UInt8>(repeating: 0)
        for _ in 0..<Self.packetsPerTurn {
            guard
                let count = unsafe peer.pointee.channels?.nextPacket(
                    into: room.mutableSpan,
                    at: now
                )
            else { return }
            _ = unsafe peer.pointee.dtls?.send(room.span.extracting(0..<count))
        }
    }

    private static var packetsPerTurn: Int { 32 }

    /// A message of ours on a data channel. If it can't be sent, the planner hears of it by the
    /// channel's end, or by the peer's.
    mutating func send(
        _ bytes: [UInt8],
        isText: Bool,
        on channel: UInt16,
        asksForReceipt: Bool,
        of id: PeerID,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        guard let slot = peerSlots[id] else { return }
        let peer = unsafe peers[slot]
        guard let path = unsafe peer.pointee.path, unsafe peer.pointee.channels != nil else {
            return
        }
        do throws(DataChannels.Refusal) {
            unsafe try peer.pointee.channels?.send(
                bytes.span,
                isText: isText,
                on: channel,
                asksForReceipt: asksForReceipt,
                at: now
            )
            if asksForReceipt { unsafe peer.pointee.awaitsReceipt = true }
        } catch {
            counts.messagesRefused &+= 1
        }
        turn(slot, over: path, at: now, into: &out)
    }

    /// Datagrams of the machine go out.
    mutating func sendRecords(
        _ peer: UnsafeMutablePointer<Peer>,
        over path: DatagramPath,
        into out: inout OutgoingBatch
    ) {
        while let room = unsafe out.room {
            var span = unsafe MutableSpan<UInt8>(
                _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
                count: OutgoingBatch.packetLimit
            )
            guard let count = unsafe peer.pointee.dtls?.nextDatagram(into: &span) else { return }
            out.commit(count: count, to: path, mayJoin: false)
        }
    }
}

extension DTLSFault {
    fileprivate var isAboutCertificate: Bool {
        if case .wrongFingerprint = self { true } else { false }
    }
}
