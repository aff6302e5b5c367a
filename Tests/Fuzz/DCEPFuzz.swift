import Basics
import Media

/// What was read is written and read again the same. And whatever a peer says on whatever stream, no
/// more channels are open than may be, and a channel says something only between its opening and its
/// end.
let fuzzDCEP: FuzzTarget = { bytes in
    if let message = DCEPMessage(bytes.span) {
        // Bytes that are no text become longer characters, and a label has its limit.
        if bytes.count < 20_000 {
            precondition(DCEPMessage(message.bytes.span) == message, "read as written")
        }
        precondition(DCEPMessage((bytes + [0]).span) == nil, "a message ends where it says")
    }
    var pair = ChannelPair()
    var offset = 0
    while offset + 3 <= bytes.count {
        let (kind, stream, count) = (bytes[offset], bytes[offset + 1], Int(bytes[offset + 2]))
        offset += 3
        let end = min(bytes.count, offset + count)
        switch kind {
        case 0..<60: pair.say(Array(bytes[offset..<end]), stream, 50)
        case 60..<120:
            // A message that opens, with any lengths and label.
            let opening = [3, kind & 0x83, 1, 0, 0, 0, 0, stream, 0, UInt8(end - offset), 0, 0]
            pair.say(opening + bytes[offset..<end], stream, 50)
        case 120..<180: pair.say(Array(bytes[offset..<end]), stream, 51 + UInt32(kind % 8))
        case 180..<210: pair.resetPeers(stream)
        case 210..<240: pair.close(stream)
        default: pair.openOwn()
        }
        if kind < 210 { offset = end }
    }
}

private struct ChannelPair: ~Copyable {
    private var channels: DataChannels
    private var peer: SCTPAssociation
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var open: Set<UInt16> = []
    private var asked: Set<UInt16> = []

    init() {
        var random = SeededRandom(seed: 1)
        var configuration = DataChannels.Configuration()
        configuration.association.streamCount = 64
        configuration.maxLabelSize = 64
        channels = DataChannels(configuration, isDTLSClient: false, using: &random)
        peer = SCTPAssociation(SCTPConfiguration(), using: &random)
        peer.connect(at: now)
        exchange()
        precondition(channels.isConnected)
    }

    mutating func say(_ bytes: [UInt8], _ stream: UInt8, _ kind: UInt32) {
        do throws(SCTPRefusal) {
            try peer.send(
                bytes.span,
                stream: UInt16(stream & 63),
                payloadProtocol: kind,
                at: now
            )
        } catch {
            precondition(error != .full && error != .tooLarge, "all has been taken")
        }
        exchange()
    }

    mutating func resetPeers(_ stream: UInt8) {
        _ = peer.reset(UInt16(stream & 63))
        exchange()
    }

    mutating func close(_ stream: UInt8) {
        channels.close(UInt16(stream & 63))
        exchange()
    }

    mutating func openOwn() {
        do throws(DataChannels.Refusal) {
            asked.insert(try channels.open(ChannelOpening(label: "own"), at: now))
        } catch {
            precondition(error == .tooManyChannels, "there is no other reason: \(error)")
        }
        exchange()
    }

    private mutating func exchange() {
        var buffer = [UInt8](repeating: 0, count: 1_200)
        for _ in 0..<6 {
            while let count = peer.nextPacket(into: buffer.mutableSpan, at: now) {
                channels.receive(buffer.span.extracting(0..<count), at: now)
            }
            while let event = channels.nextEvent() { check(event) }
            while let count = channels.nextPacket(into: buffer.mutableSpan, at: now) {
                peer.receive(buffer.span.extracting(0..<count), at: now)
            }
            while peer.nextEvent() != nil {}
            now = now + .milliseconds(250)
            peer.advance(to: now)
            channels.advance(to: now)
        }
    }

    private mutating func check(_ event: DataChannels.Event) {
        switch event {
        case .connected: break
        case .opened(let id, let opening):
            precondition(open.insert(id).inserted, "a channel opens once")
            precondition(opening.label.utf8.count <= 64 && open.count <= 16)
            asked.remove(id)
        case .message(let id, _, _):
            precondition(open.contains(id) || asked.contains(id), "who speaks is open")
        case .closed(let id):
            precondition(open.remove(id) != nil || asked.remove(id) != nil, "what closes was open")
        case .ended(let ending): preconditionFailure("nobody ends it: \(ending)")
        }
    }
}
