package import Basics
internal import CLinux
internal import Glibc

extension Socket {
    /// Aims a datagram socket: it sends to this address only, and hears from it only.
    package static func aim(_ descriptor: Int32, at address: SocketAddress) throws(SystemFault) {
        let status = unsafe KernelAddress(address).withPointer {
            unsafe Glibc.connect(descriptor, $0, $1)
        }
        guard status == 0 else { throw .last("send to \(address)") }
    }

    /// A datagram and its sender, if one has come already.
    package static func receive(
        _ descriptor: Int32,
        atMost limit: Int = 2_048
    ) -> (bytes: [UInt8], sender: SocketAddress)? {
        var buffer = [UInt8](repeating: 0, count: limit)
        var room = KernelAddress()
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe room.withMutablePointer {
                unsafe recvfrom(descriptor, bytes.baseAddress, bytes.count, 0, $0, $1)
            }
        }
        guard count >= 0, let sender = room.address else { return nil }
        return (Array(buffer.prefix(count)), sender)
    }

    /// Whether the datagram went off, from a socket of one family or of both.
    @discardableResult
    package static func send(
        _ bytes: [UInt8],
        to address: SocketAddress,
        from descriptor: Int32,
        isDualStack: Bool
    ) -> Bool {
        let target = KernelAddress(address, mappedToIPv6: isDualStack)
        let sent = unsafe target.withPointer { pointer, size in
            unsafe bytes.withUnsafeBytes {
                unsafe sendto(descriptor, $0.baseAddress, $0.count, 0, pointer, size)
            }
        }
        return sent == bytes.count
    }
}

extension SocketAddress {
    /// An address that the C library lists, a `sockaddr`; nil if it is of neither family. (The type is
    /// not named: whether it is Glibc's or CLinux's depends on which file is compiled first.)
    package init?(copying source: UnsafeRawPointer?) {
        guard let source = unsafe source else { return nil }
        let size: Int
        switch unsafe Int32(source.load(as: sockaddr.self).sa_family) {
        case AF_INET: size = MemoryLayout<sockaddr_in>.size
        case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var room = KernelAddress()
        unsafe room.withMutablePointer { room, _ in
            unsafe UnsafeMutableRawPointer(room).copyMemory(from: source, byteCount: size)
        }
        guard let address = room.address else { return nil }
        self = address
    }
}
