// Numbers as the network writes them, in memory of which the caller has made sure.

extension UnsafeRawPointer {
    @inline(__always)
    func bigEndian16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafe loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    func bigEndian32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafe loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension UnsafeMutableRawPointer {
    @inline(__always)
    func store(bigEndian number: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
        unsafe storeBytes(of: number.bigEndian, toByteOffset: offset, as: type(of: number))
    }
}
