/// What a caller writes at the beginning of each payload, so that who opens it can tell whose it is, which
/// it is of them, and when it left.
///
///     |  "Roos"  |  the stream it was sent in  |  its number there  |  nanoseconds, by the sender's clock  |
package struct PacketMark: Hashable, BitwiseCopyable, Sendable {
    package var source: UInt32
    package var number: UInt32
    package var sentAt: Int64

    static let magic: UInt32 = 0x526F_6F73
    static let size = 20

    package init(source: UInt32, number: UInt32, sentAt: Int64) {
        self.source = source
        self.number = number
        self.sentAt = sentAt
    }

    /// Nil if nothing of the kind stands there. There must be ``size`` bytes.
    init?(_ bytes: UnsafeRawPointer) {
        guard unsafe bytes.number32(at: 0) == Self.magic else { return nil }
        source = unsafe bytes.number32(at: 4)
        number = unsafe bytes.number32(at: 8)
        let high = UInt64(unsafe bytes.number32(at: 12))
        let low = UInt64(unsafe bytes.number32(at: 16))
        sentAt = Int64(bitPattern: high << 32 | low)
    }

    func write(to bytes: UnsafeMutableRawPointer) {
        unsafe bytes.store(Self.magic, at: 0)
        unsafe bytes.store(source, at: 4)
        unsafe bytes.store(number, at: 8)
        unsafe bytes.store(UInt64(bitPattern: sentAt), at: 12)
    }
}

// Numbers as the network writes them, in memory of which the caller has made sure.

extension UnsafeRawPointer {
    func number32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafe loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension UnsafeMutableRawPointer {
    func store(_ number: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
        unsafe storeBytes(of: number.bigEndian, toByteOffset: offset, as: type(of: number))
    }
}
