import Basics
import Media

/// Whatever a peer says in an established association: what is held stays within its limits, every
/// packet that goes out is whole, an end comes once and last, and a peer that falls silent leaves
/// nothing running.
///
/// The input is a list of steps. Tags, checksums and the numbers that count from the handshake are put
/// right, since no peer of chance would guess them.
let fuzzSCTP: FuzzTarget = { bytes in
    var script = Script(bytes)
    var session = SCTPSession(isOwnInit: script.next() & 1 != 0)
    while let step = script.step() {
        switch step {
        case .packet(let chunks): session.say(chunks)
        case .raw(let packet): session.hand(packet)
        case .send(let size, let how): session.send(size, how)
        case .reset(let stream): session.reset(stream)
        case .pass(let milliseconds): session.pass(.milliseconds(milliseconds))
        case .close: session.close()
        }
    }
    session.fallSilent()
}

/// Steps out of bytes; every input is some script.
private struct Script {
    enum Step {
        case packet([UInt8])
        case raw([UInt8])
        case send(Int, UInt8)
        case reset(UInt16)
        case pass(Int64)
        case close
    }

    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        offset += 1
        return bytes[offset - 1]
    }

    mutating func step() -> Step? {
        guard offset < bytes.count else { return nil }
        switch next() {
        case 0..<170: return .packet(some(Int(next())))
        case 170..<180: return .raw(some(Int(next())))
        case 180..<215: return .send(Int(next()) * 16 + 1, next())
        case 215..<230: return .reset(UInt16(next() & 7))
        case 230..<254: return .pass(Int64(next()) * 8)
        default: return .close
        }
    }

    private mutating func some(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, offset + count)
        defer { offset = end }
        return Array(bytes[offset..<end])
    }
}

private struct SCTPSession: ~Copyable {
    private var association: SCTPAssociation
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var theirTag: UInt32 = 0
    private var theirTSN: UInt32 = 0
    private var isOver = false
    private let ownTag: UInt32 = 0xABCD_EF01
    private let ownTSN: UInt32 = 0xFFFF_FFF0
    private let configuration: SCTPConfiguration

    init(isOwnInit: Bool) {
        var random = SeededRandom(seed: 1)
        var configuration = SCTPConfiguration()
        configuration.receiveBufferSize = 20_000
        configuration.sendBufferSize = 20_000
        configuration.maxMessageSize = 4_000
        configuration.streamCount = 8
        self.configuration = configuration
        association = SCTPAssociation(configuration, using: &random)
        if isOwnInit { association.connect(at: now) }
        drain()
        var greeting = big(ownTag) + big(UInt32(50_000)) + [0, 8, 0, 8] + big(ownTSN)
        greeting += [0x80, 8, 0, 6, 130, 192, 0, 0, 0xC0, 0, 0, 4]
        hand(packet([1, 0, 0, UInt8(greeting.count + 4)] + greeting, tag: 0))
        // The cookie is the last parameter of INIT ACK.
        let cookie = Array(lastInitiationAck.suffix(8))
        hand(packet([10, 0, 0, 12] + cookie, tag: theirTag))
        precondition(association.isConnected, "a handshake connects")
    }

    private var lastInitiationAck: [UInt8] = []

    mutating func say(_ chunks: [UInt8]) {
        hand(packet(corrected(chunks), tag: theirTag))
    }

    mutating func hand(_ packet: [UInt8]) {
        association.receive(packet.span, at: now)
        drain()
    }

    mutating func send(_ size: Int, _ how: UInt8) {
        let reliability: SCTPReliability =
            switch how & 3 {
            case 0, 1: .full
            case 2: .retransmits(UInt32(how >> 6))
            default: .lifetime(.milliseconds(Int64(how)))
            }
        do throws(SCTPRefusal) {
            try association.send(
                [UInt8](repeating: how, count: size).span,
                stream: UInt16(how >> 2 & 7),
                payloadProtocol: 51,
                isOrdered: how & 32 == 0,
                reliability: reliability,
                at: now
            )
        } catch {
            precondition(size <= 4_081, "a refusal has its reason: \(error)")
        }
        precondition(association.bufferedBytes <= configuration.sendBufferSize)
        drain()
    }

    mutating func reset(_ stream: UInt16) {
        _ = association.reset(stream)
        drain()
    }

    mutating func close() {
        association.close(at: now)
        drain()
    }

    mutating func pass(_ duration: Duration) {
        let end = now + duration
        var count = 0
        while let deadline = association.deadline, deadline <= end {
            now = max(now, deadline)
            association.advance(to: now)
            drain()
            count += 1
            precondition(count < 1_000, "time stands still")
        }
        now = end
    }

    mutating func fallSilent() {
        pass(.seconds(600))
        precondition(association.deadline == nil, "who is alone comes to rest")
        if isOver { precondition(association.bufferedBytes == 0, "the dead hold nothing") }
    }

    private mutating func drain() {
        while let event = association.nextEvent() {
            precondition(!isOver, "nothing comes after the end")
            switch event {
            case .message(let message):
                precondition(!message.bytes.isEmpty, "no message is empty")
                precondition(message.bytes.count <= configuration.maxMessageSize)
                precondition(message.stream < 8, "streams are those agreed on")
            case .closed: isOver = true
            case .connected, .cannotReset, .peerReset, .ownReset, .restarted: break
            }
        }
        var buffer = [UInt8](repeating: 0xAA, count: 1_200)
        var count = 0
        while let size = association.nextPacket(into: buffer.mutableSpan, at: now) {
            check(Array(buffer[..<size]))
            precondition(buffer[1_148...].allSatisfy { $0 == 0xAA })
            count += 1
            precondition(count < 100, "packets come to an end")
        }
    }

    /// What we send is a packet, by a reader of its own.
    private mutating func check(_ packet: [UInt8]) {
        precondition(packet.count >= 16 && packet.count <= 1_148 && packet.count % 4 == 0)
        var offset = 12
        while offset < packet.count {
            let length = Int(packet[offset + 2]) << 8 | Int(packet[offset + 3])
            precondition(length >= 4 && offset + length <= packet.count, "chunks are whole")
            if packet[offset] <= 2, packet[offset] > 0 {
                theirTag = number(packet, offset + 4)
                theirTSN = number(packet, offset + 16)
                lastInitiationAck = packet
            }
            offset += (length + 3) & ~3
        }
        precondition(offset == packet.count, "a packet ends where its last chunk does")
    }

    /// Makes numbers that count from the handshake do so, by their lower half.
    private func corrected(_ chunks: [UInt8]) -> [UInt8] {
        var bytes = chunks
        var offset = 0
        while offset + 8 <= bytes.count {
            switch bytes[offset] {
            case 0, 192: correct(&bytes, offset + 4, from: ownTSN)
            case 3, 7: correct(&bytes, offset + 4, from: theirTSN)
            case 130 where offset + 12 <= bytes.count:
                let isAnswer = bytes[offset + 5] == 16
                correct(&bytes, offset + 8, from: isAnswer ? theirTSN : ownTSN)
                if offset + 20 <= bytes.count { correct(&bytes, offset + 16, from: ownTSN) }
            default: break
            }
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            guard length >= 4 else { break }
            offset += (length + 3) & ~3
        }
        return bytes
    }

    private func correct(_ bytes: inout [UInt8], _ offset: Int, from base: UInt32) {
        let step = Int16(bitPattern: UInt16(bytes[offset + 2]) << 8 | UInt16(bytes[offset + 3]))
        bytes.replaceSubrange(
            offset..<offset + 4,
            with: big(base &+ UInt32(truncatingIfNeeded: step))
        )
    }

    private func packet(_ chunks: [UInt8], tag: UInt32) -> [UInt8] {
        var bytes = big(UInt16(5000)) + big(UInt16(5000)) + big(tag) + [0, 0, 0, 0] + chunks
        let sum = CRC32C.checksum(ofPacket: bytes.span)
        for place in 0..<4 {
            bytes[8 + place] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(place)))
        }
        return bytes
    }
}

private func big(_ number: some FixedWidthInteger) -> [UInt8] {
    stride(from: number.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: number >> $0)
    }
}

private func number(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
}
