internal import Basics

/// The voices of one call, of which the loudest few are passed on.
struct CallVoices: ~Copyable {
    var loudest: LoudestSpeakers
}

// Which voices pass.
extension Switchboard {
    /// Counts a track among the voices of its call, if it is one and not muted.
    mutating func takePart(_ slot: UInt32) {
        let uplink = unsafe uplinks[slot]
        guard unsafe uplink.pointee.shape.isVoice, unsafe !uplink.pointee.isMuted else {
            leaveVoices(slot)
            return
        }
        guard unsafe uplink.pointee.speaker == nil, rules.loudest > 0 else { return }
        let call = unsafe uplink.pointee.call
        let voices: UInt32
        if let known = voiceSlots[call] {
            voices = known
        } else {
            let made = CallVoices(loudest: LoudestSpeakers(limit: rules.loudest))
            guard let slot = self.voices.insert(made) else { return }
            voiceSlots[call] = slot
            voices = slot
        }
        guard let speaker = unsafe self.voices[voices].pointee.loudest.enter() else { return }
        unsafe uplink.pointee.speaker = Uplink.Speaker(voices: voices, place: speaker)
    }

    mutating func leaveVoices(_ slot: UInt32) {
        let uplink = unsafe uplinks[slot]
        guard let speaker = unsafe uplink.pointee.speaker else { return }
        unsafe uplink.pointee.speaker = nil
        unsafe voices[speaker.voices].pointee.loudest.leave(speaker.place)
        guard unsafe voices[speaker.voices].pointee.loudest.count == 0 else { return }
        voices.remove(speaker.voices)
        voiceSlots[unsafe uplink.pointee.call] = nil
    }

    /// The track is muted: listeners are told of its silence, and the next sound begins anew.
    mutating func silence(_ slot: UInt32, at now: Instant) {
        let uplink = unsafe uplinks[slot]
        leaveVoices(slot)
        unsafe uplink.pointee.sound.close()
        if unsafe uplink.pointee.shape.isVoice, unsafe !uplink.pointee.isMirror {
            _ = unsafe uplink.pointee.voice.mute()
            unsafe events.append(.voice(uplink.pointee.id, isOn: false))
        }
        // What lies in the ring was said before and must not be heard after.
        if let newest = unsafe uplink.pointee.layer(0).pointee.history.newest {
            unsafe uplink.pointee.unheard = newest &+ 1
        }
        for index in unsafe 0..<uplink.pointee.layerCount {
            unsafe uplink.pointee.layer(index).pointee.letGo()
        }
    }

    /// Puts down a packet of sound for its listeners, if it is to be heard.
    mutating func gatherSound(
        _ record: PacketRecord,
        _ slot: UInt32,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        at now: Instant
    ) {
        // Who speaks is said once, by the board that has the speaker.
        if unsafe uplink.pointee.shape.isVoice, record.marks.contains(.audioLevel),
            unsafe !uplink.pointee.isMirror
        {
            if let change = unsafe uplink.pointee.voice.heard(record.audioLevel & 0x7F, at: now) {
                unsafe events.append(.voice(uplink.pointee.id, isOn: change == .on))
            }
        }
        guard let speaker = unsafe uplink.pointee.speaker else {
            if unsafe !uplink.pointee.shape.isVoice || rules.loudest == 0 {
                unsafe put(record, slot, uplink, layer, at: now)
            }
            return
        }
        let hasLevel = record.marks.contains(.audioLevel)
        let answer = unsafe voices[speaker.voices].pointee.loudest.heard(
            speaker.place,
            LoudestSpeakers.Sound(
                level: hasLevel ? record.audioLevel & 0x7F : nil,
                hasVoice: !hasLevel || record.audioLevel & 0x80 != 0,
                size: Int(record.payloadCount)
            ),
            // Not now: so that all boards of a call judge alike, of what was on its way to some of them.
            at: record.arrival
        )
        switch answer {
        case .forward:
            unsafe put(record, slot, uplink, layer, at: now)
        case .drop:
            unsafe uplink.pointee.sound.close()
        case .admit(let since):
            unsafe replay(since, before: record, slot, uplink, layer, at: now)
            unsafe put(record, slot, uplink, layer, at: now)
        }
    }

    /// What was said just before it was known that somebody speaks.
    private mutating func replay(
        _ since: Instant,
        before record: PacketRecord,
        _ slot: UInt32,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        at now: Instant
    ) {
        let oldest = unsafe uplink.pointee.unheard
        var first = record.sequence
        while first > oldest, record.sequence &- first < Self.lookBack,
            let earlier = unsafe layer.pointee.history.record(first &- 1), earlier.arrival >= since
        {
            first &-= 1
        }
        while first < record.sequence {
            if let earlier = unsafe layer.pointee.history.record(first) {
                unsafe put(earlier, slot, uplink, layer, at: now)
            }
            first &+= 1
        }
    }

    /// So many packets are replayed at most: 200 ms of sound.
    private static var lookBack: UInt64 { 10 }

    private mutating func put(
        _ record: PacketRecord,
        _ slot: UInt32,
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ layer: UnsafeMutablePointer<UplinkLayer>,
        at now: Instant
    ) {
        let captured = unsafe layer.pointee.clock.instant(of: record.timestamp) ?? record.arrival
        let packet = unsafe SourcePacket(
            record,
            source: layer.pointee.source,
            captured: captured,
            isVP8: false
        )
        let isShown = unsafe uplink.pointee.sound.shown == packet.source
        // What was heard before a pause is not heard again.
        guard unsafe isShown || record.sequence >= uplink.pointee.unheard else { return }
        let heard =
            unsafe isShown
            ? uplink.pointee.sound.forward(packet) : uplink.pointee.sound.show(packet)
        guard let rewritten = heard else { return }
        unsafe uplink.pointee.unheard = max(uplink.pointee.unheard, record.sequence &+ 1)
        let fresh = UplinkLayer.Fresh(
            sequence: record.sequence,
            number: rewritten.sequence,
            timestamp: rewritten.timestamp
        )
        unsafe gather(fresh, endsFrame: true, slot, layer, at: now)
    }
}
