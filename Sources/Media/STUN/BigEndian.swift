// Numbers as the network writes them. The subscript checks the bounds.

extension Span<UInt8> {
    func number16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    func number32(at offset: Int) -> UInt32 {
        UInt32(number16(at: offset)) << 16 | UInt32(number16(at: offset + 2))
    }

    func number64(at offset: Int) -> UInt64 {
        UInt64(number32(at: offset)) << 32 | UInt64(number32(at: offset + 4))
    }

    var copied: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        return bytes
    }
}

extension Int {
    var roundedUpToFour: Int { (self + 3) & ~3 }
}
