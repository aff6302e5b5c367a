internal import Basics
internal import CLinux
internal import Glibc

/// A ``SocketAddress`` in the kernel's shape, IPv4 or IPv6, and back.
struct KernelAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Room for the kernel to write an address into.
    init() {}

    /// A dual-stack socket takes IPv4 addresses mapped into IPv6 only.
    init(_ address: SocketAddress, mappedToIPv6 isMapped: Bool = false) {
        let bits = address.ip.v4Bits
        if let bits, !isMapped {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = address.port.bigEndian
            v4.sin_addr.s_addr = bits.bigEndian
            write(v4)
        } else {
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = address.port.bigEndian
            let low = bits.map { 0xFFFF_0000_0000 | UInt64($0) } ?? address.ip.low
            unsafe withUnsafeMutableBytes(of: &v6.sin6_addr) {
                unsafe $0.storeBytes(of: address.ip.high.bigEndian, as: UInt64.self)
                unsafe $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            write(v6)
        }
    }

    var isIPv6: Bool { storage.ss_family == sa_family_t(AF_INET6) }

    /// What the kernel wrote, with a v4 address that came in v6 clothes undressed; nil if it is of
    /// another family.
    var address: SocketAddress? {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let v4 = read(as: sockaddr_in.self)
            let ip = IPAddress(v4: UInt32(bigEndian: v4.sin_addr.s_addr))
            return SocketAddress(ip: ip, port: UInt16(bigEndian: v4.sin_port))
        case AF_INET6:
            let v6 = read(as: sockaddr_in6.self)
            let (high, low) = unsafe withUnsafeBytes(of: v6.sin6_addr) {
                unsafe (
                    UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            let ip = IPAddress(v6: high, low)
            return SocketAddress(ip: ip, port: UInt16(bigEndian: v6.sin6_port))
        default:
            return nil
        }
    }

    /// Lends the address to a system call that reads it.
    func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }

    /// Lends the room to a system call that fills it.
    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe withUnsafeMutablePointer(to: &length) { length in
                    unsafe body(address, length)
                }
            }
        }
    }

    private mutating func write<Address>(_ address: Address) {
        length = socklen_t(MemoryLayout<Address>.size)
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.storeBytes(of: address, as: Address.self)
        }
    }

    private func read<Address>(as type: Address.Type) -> Address {
        unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: type) }
    }
}
