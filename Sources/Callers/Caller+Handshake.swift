package import Basics
internal import Crypto
internal import Media

// The handshake, and the data channel in it.
extension Caller {
    mutating func receiveHandshake(
        _ bytes: Span<UInt8>,
        from way: DatagramPath,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        if dtls == nil, role == .server { begin(.server, at: now, into: &out) }
        if path == nil { path = way }
        dtls?.receive(bytes, at: now)
        turn(at: now, into: &out)
    }

    mutating func begin(
        _ role: DTLSMachine.Role,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        do throws(DTLSFault) {
            dtls = try DTLSMachine(role, context, expecting: fingerprints, at: now)
        } catch {
            end(.handshake(error))
            return
        }
        dtls?.advance(to: now)
        turn(at: now, into: &out)
    }

    /// Takes what the handshake has brought, and sends what it wants.
    mutating func turn(at now: Instant, into out: inout OutgoingBatch) {
        while let event = dtls?.nextEvent() {
            switch event {
            case .established(let profile, let material): connect(profile, material, at: now)
            case .message(let bytes): channels?.receive(bytes.span, at: now)
            case .closed: end(.goodbye)
            case .failed(let fault): end(.handshake(fault))
            }
        }
        turnChannels(at: now)
        flushHandshake(into: &out)
    }

    mutating func flushHandshake(into out: inout OutgoingBatch) {
        guard let path else { return }
        while let room = unsafe out.room {
            var space = unsafe MutableSpan<UInt8>(
                _unsafeStart: room.assumingMemoryBound(to: UInt8.self),
                count: OutgoingBatch.packetLimit
            )
            guard let count = dtls?.nextDatagram(into: &space) else { return }
            out.commit(count: count, to: path, mayJoin: false)
        }
    }

    private mutating func connect(_ number: UInt16, _ material: [UInt8], at now: Instant) {
        guard !isConnected else { return }
        if let profile = SRTPProfile(rawValue: number),
            let pair = SRTPMasterKey.pair(from: material.span, profile: profile)
        {
            let (mine, theirs) =
                role == .server ? (pair.server, pair.client) : (pair.client, pair.server)
            self.profile = profile
            sender = SRTPSender(profile, mine)
            receiver = SRTPReceiver(profile, theirs)
        }
        isConnected = true
        // Not all in the same moment, where hundreds come together.
        nextReport = now + Self.reportInterval * Double.random(in: 0.3..<1, using: &random)
        for track in sent where track.isAgreed {
            track.nextFrame = now + track.interval * Double.random(in: 0..<1, using: &random)
        }
        events.append(.connected)
        guard lines.contains(where: { $0.kind == .application }) else { return }
        channels = DataChannels(
            DataChannels.Configuration(),
            isDTLSClient: role == .client,
            using: &random
        )
        channels?.connect(at: now)
    }

    private mutating func turnChannels(at now: Instant) {
        while let event = channels?.nextEvent() {
            switch event {
            case .connected:
                let opening = ChannelOpening(label: Self.label)
                do throws(DataChannels.Refusal) {
                    channel = try channels?.open(opening, at: now)
                } catch {
                    // Of the channels that there may be, this is the first.
                    preconditionFailure("an association has room for its first channel: \(error)")
                }
            case .opened: events.append(.channelOpen)
            case .message(_, _, let bytes): events.append(.message(bytes))
            case .closed: break
            case .ended(let ending): end(.channels(ending))
            }
        }
        guard channels != nil else { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.packet, alignment: 16) { room in
            guard let start = room.baseAddress else { return }
            let bytes = unsafe start.assumingMemoryBound(to: UInt8.self)
            while let count = channels?.nextPacket(
                into: unsafe MutableSpan(_unsafeStart: bytes, count: Self.packet),
                at: now
            ) {
                // What does not fit is sent again by the association.
                _ = dtls?.send(unsafe Span(_unsafeStart: bytes, count: count))
            }
        }
    }

    /// Says something on the data channel. False if there is none, or no room in it.
    package mutating func say(
        _ message: Span<UInt8>,
        at now: Instant,
        into out: inout OutgoingBatch
    ) -> Bool {
        guard !isOver, let channel, channels != nil else { return false }
        do throws(DataChannels.Refusal) {
            try channels?.send(message, isText: false, on: channel, at: now)
        } catch {
            return false
        }
        turn(at: now, into: &out)
        return true
    }

    private static var label: String { "calls-dc" }
    private static var packet: Int { 1_200 }
}
