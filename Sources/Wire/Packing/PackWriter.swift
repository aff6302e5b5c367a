/// Writes values one after another into bytes.
package struct PackWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    /// With room for so many bytes at first.
    package init(capacity: Int = 0) {
        if capacity > 0 { bytes.reserveCapacity(capacity) }
    }

    /// What was written, without a second copy of it.
    package consuming func finish() -> [UInt8] { bytes }

    package mutating func write(byte: UInt8) { bytes.append(byte) }

    /// Seven bits a byte, lowest first; the highest bit says that more follow.
    package mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// With their number before them.
    package mutating func write(bytes some: some Collection<UInt8>) {
        write(UInt64(some.count))
        bytes.append(contentsOf: some)
    }

    package mutating func write(_ value: some Packable) { value.pack(into: &self) }

    /// Fields that may become more in a later version.
    package mutating func record(_ body: (inout PackWriter) -> Void) {
        var inner = PackWriter()
        body(&inner)
        write(bytes: inner.bytes)
    }
}
