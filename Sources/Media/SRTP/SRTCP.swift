/// What sender and receiver share about protected RTCP (RFC 3711 section 3.4).
enum SRTCP {
    /// The first packet's fixed header and its source, which stay readable.
    static let headSize = 8
    static let wordSize = 4
    /// The bit beside the number that says the packet is encrypted.
    static let encrypted: UInt32 = 0x8000_0000
    static let lastIndex: UInt32 = 0x7FFF_FFFF

    static func ssrc(of packet: UnsafeRawPointer) -> SSRC {
        SSRC(unsafe word(at: packet + 4))
    }

    static func word(at place: UnsafeRawPointer) -> UInt32 {
        UInt32(bigEndian: unsafe place.loadUnaligned(as: UInt32.self))
    }

    static func write(_ word: UInt32, at place: UnsafeMutableRawPointer) {
        unsafe place.storeBytes(of: word.bigEndian, as: UInt32.self)
    }

    /// What GCM vouches for beside the text: the head, and the number that stands at the packet's end
    /// (RFC 7714 section 9.2).
    @inline(__always)
    static func withHead<Result>(
        of packet: UnsafeRawPointer,
        _ word: UInt32,
        _ body: (UnsafeRawPointer) -> Result
    ) -> Result {
        let head = (
            unsafe packet.loadUnaligned(as: UInt32.self),
            unsafe packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
            word.bigEndian
        )
        return unsafe withUnsafePointer(to: head) { unsafe body(UnsafeRawPointer($0)) }
    }
}
