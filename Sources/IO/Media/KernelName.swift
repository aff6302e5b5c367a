internal import Basics
internal import CLinux
internal import Glibc

/// Socket addresses as the kernel reads and writes them, in 32-byte places that are made once.
///
/// The same as ``KernelAddress``, without its 128 bytes to clear and copy for each datagram. The
/// layout is the kernel's interface: family at 0, port at 2, an IPv4 address at 4 (16 bytes in all),
/// an IPv6 address at 8 (28 bytes in all).
enum KernelName {
    static let stride = 32
    static let sizeV4: UInt32 = 16
    static let sizeV6: UInt32 = 28

    /// Writes the address and says how long it is; nil if a socket of this family can't reach it.
    @inline(__always)
    static func write(
        _ address: SocketAddress,
        to place: UnsafeMutableRawPointer,
        isIPv6: Bool
    ) -> UInt32? {
        unsafe place.storeBytes(
            of: address.port.bigEndian,
            toByteOffset: 2,
            as: UInt16.self
        )
        switch address.ip.family {
        case .v4:
            guard !isIPv6 else { return nil }
            unsafe place.storeBytes(of: UInt16(AF_INET), as: UInt16.self)
            let bits = UInt32(truncatingIfNeeded: address.ip.low)
            unsafe place.storeBytes(of: bits.bigEndian, toByteOffset: 4, as: UInt32.self)
            unsafe place.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            return sizeV4
        case .v6:
            guard isIPv6 else { return nil }
            unsafe place.storeBytes(of: UInt16(AF_INET6), as: UInt16.self)
            let (high, low) = (address.ip.high.bigEndian, address.ip.low.bigEndian)
            unsafe place.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
            unsafe place.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
            unsafe place.storeBytes(of: low, toByteOffset: 16, as: UInt64.self)
            unsafe place.storeBytes(of: 0, toByteOffset: 24, as: UInt32.self)
            return sizeV6
        }
    }

    /// Reads what the kernel wrote; nil if it is of another family.
    @inline(__always)
    static func read(_ place: UnsafeRawPointer) -> SocketAddress? {
        let port = unsafe UInt16(bigEndian: place.load(fromByteOffset: 2, as: UInt16.self))
        switch unsafe Int32(place.load(as: UInt16.self)) {
        case AF_INET:
            let bits = unsafe UInt32(bigEndian: place.load(fromByteOffset: 4, as: UInt32.self))
            return SocketAddress(ip: IPAddress(v4: bits), port: port)
        case AF_INET6:
            let high = unsafe UInt64(bigEndian: place.load(fromByteOffset: 8, as: UInt64.self))
            let low = unsafe UInt64(bigEndian: place.load(fromByteOffset: 16, as: UInt64.self))
            return SocketAddress(ip: IPAddress(v6: high, low), port: port)
        default:
            return nil
        }
    }
}
