/// The four bytes a client's payload is mixed with, so that no script can choose what goes over the
/// wire (RFC 6455 sections 5.3 and 10.3). Mixing twice gives the payload back.
package struct WebSocketMask: Hashable, Sendable {
    /// The key as it stands on the wire, its first byte lowest.
    package let key: UInt32

    /// Takes a key that its peer could not have foreseen.
    package init(key: UInt32) {
        self.key = key
    }

    /// The byte of the key that is mixed with the payload byte at this offset.
    subscript(_ offset: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: key >> UInt32((offset & 3) * 8))
    }

    /// Appends `payload`, mixed: eight bytes at a time, in the same pass that copies them.
    ///
    /// - Parameter phase: The offset of the first byte of `payload` in the payload of its frame.
    func append(_ payload: Span<UInt8>, phase: Int, to output: inout [UInt8]) {
        // Adding nothing to an empty array would write into the one that all empty arrays share.
        guard !payload.isEmpty else { return }
        let turn = UInt32((phase & 3) * 8)
        let turned = key >> turn | key << ((32 - turn) & 31)
        let word = UInt64(turned) << 32 | UInt64(turned)
        output.append(addingCapacity: payload.count) { free in
            unsafe payload.withUnsafeBytes { source in
                unsafe free.withUnsafeMutableBufferPointer { bytes, count in
                    let target = UnsafeMutableRawBufferPointer(bytes)
                    var offset = 0
                    // Both buffers hold at least `source.count` bytes.
                    while offset + 8 <= source.count {
                        let clear = unsafe source.loadUnaligned(
                            fromByteOffset: offset,
                            as: UInt64.self
                        )
                        let mixed = (clear.littleEndian ^ word).littleEndian
                        unsafe target.storeBytes(of: mixed, toByteOffset: offset, as: UInt64.self)
                        offset += 8
                    }
                    while offset < source.count {
                        unsafe target[offset] = source[offset] ^ self[phase &+ offset]
                        offset += 1
                    }
                    count = source.count
                }
            }
        }
    }
}
