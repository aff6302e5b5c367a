/// What a chunk is for (RFC 9260 section 3.2, RFC 6525, RFC 3758).
struct SCTPChunkType: RawRepresentable, Hashable, Sendable {
    var rawValue: UInt8

    static var data: SCTPChunkType { SCTPChunkType(rawValue: 0) }
    static var initiation: SCTPChunkType { SCTPChunkType(rawValue: 1) }
    static var initiationAck: SCTPChunkType { SCTPChunkType(rawValue: 2) }
    static var sack: SCTPChunkType { SCTPChunkType(rawValue: 3) }
    static var heartbeat: SCTPChunkType { SCTPChunkType(rawValue: 4) }
    static var heartbeatAck: SCTPChunkType { SCTPChunkType(rawValue: 5) }
    static var abort: SCTPChunkType { SCTPChunkType(rawValue: 6) }
    static var shutdown: SCTPChunkType { SCTPChunkType(rawValue: 7) }
    static var shutdownAck: SCTPChunkType { SCTPChunkType(rawValue: 8) }
    static var error: SCTPChunkType { SCTPChunkType(rawValue: 9) }
    static var cookieEcho: SCTPChunkType { SCTPChunkType(rawValue: 10) }
    static var cookieAck: SCTPChunkType { SCTPChunkType(rawValue: 11) }
    static var shutdownComplete: SCTPChunkType { SCTPChunkType(rawValue: 14) }
    static var reconfiguration: SCTPChunkType { SCTPChunkType(rawValue: 130) }
    static var forwardTSN: SCTPChunkType { SCTPChunkType(rawValue: 192) }

    /// What to do about one that nobody here knows (section 3.2): go on to the next, and tell.
    var maySkip: Bool { rawValue & 0x80 != 0 }
    var wantsReport: Bool { rawValue & 0x40 != 0 }
}

/// One chunk, where it lies. `value` is without head and padding.
struct SCTPChunk: ~Escapable {
    let type: SCTPChunkType
    let flags: UInt8
    let value: Span<UInt8>
    /// With its head, as an error report quotes it.
    let whole: Span<UInt8>

    /// `offset` is where a chunk begins that ``SCTPPacket`` has found to be whole.
    @_lifetime(copy packet)
    init(of packet: Span<UInt8>, at offset: Int) {
        type = SCTPChunkType(rawValue: packet[offset])
        flags = packet[offset + 1]
        whole = packet.extracting(offset..<offset + Int(packet.number16(at: offset + 2)))
        value = whole.extracting(4..<whole.count)
    }
}

/// Bits in a chunk's flags.
enum SCTPFlag {
    /// DATA: ends a message, begins one, is delivered at once, wants its SACK at once.
    static var end: UInt8 { 1 }
    static var begin: UInt8 { 2 }
    static var unordered: UInt8 { 4 }
    static var immediate: UInt8 { 8 }
    /// ABORT, SHUTDOWN COMPLETE: the tag is the one its receiver sends with, not the one it expects.
    static var reflected: UInt8 { 1 }
}
