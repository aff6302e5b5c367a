/// What makes every packet's encryption another, although the key stays: 16 bytes where counter mode
/// starts, of which GCM takes the first 12.
///
/// Two packets under one key and one nonce give both away, and with GCM the key of its tags as well.
package struct PacketNonce: Sendable {
    /// As they lie in memory.
    @usableFromInline let bytes: (UInt64, UInt64)

    /// Made of numbers as the network writes them, first to last.
    @inlinable
    package init(high: UInt64, low: UInt64) {
        bytes = (high.bigEndian, low.bigEndian)
    }

    @inline(__always)
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafePointer(to: bytes) { bytes in
            unsafe body(UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self))
        }
    }
}
