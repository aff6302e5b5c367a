package import Basics
internal import CLinux
internal import Glibc

/// Descriptors for the network, always non-blocking and closed on exec.
package enum Socket {
    /// Listens for TCP on the address, on both families where it says any. Port 0 picks a free one.
    ///
    /// The address is reusable at once after a restart, but never shared: a second process that
    /// wants the same port is refused.
    package static func listen(
        on address: SocketAddress,
        backlog: Int32 = 4_096
    ) throws(SystemFault) -> (descriptor: Int32, bound: SocketAddress) {
        let descriptor = try bind(to: address, type: SOCK_STREAM)
        guard Glibc.listen(descriptor, backlog) == 0 else {
            throw failing(descriptor, "listen on \(address)")
        }
        return (descriptor, try bound(descriptor))
    }

    /// Binds a UDP socket.
    package static func datagrams(
        on address: SocketAddress
    ) throws(SystemFault) -> (descriptor: Int32, bound: SocketAddress) {
        let descriptor = try bind(to: address, type: SOCK_DGRAM)
        return (descriptor, try bound(descriptor))
    }

    /// Begins to connect, from one of this machine's addresses if it matters which. The descriptor
    /// becomes writable when it is settled; ask ``settled(_:)``.
    package static func connect(
        to address: SocketAddress,
        from source: IPAddress? = nil
    ) throws(SystemFault) -> Int32 {
        let target = KernelAddress(address)
        let descriptor = try open(target.isIPv6 ? AF_INET6 : AF_INET, SOCK_STREAM)
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if let source {
            // The port is left to connect(2), where it need only be free towards this peer.
            setOption(descriptor, Int32(IPPROTO_IP), Int32(IP_BIND_ADDRESS_NO_PORT), 1)
            let origin = KernelAddress(SocketAddress(ip: source, port: 0))
            let status = unsafe origin.withPointer { unsafe Glibc.bind(descriptor, $0, $1) }
            guard status == 0 else { throw failing(descriptor, "connect from \(source)") }
        }
        let status = unsafe target.withPointer { unsafe Glibc.connect(descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else {
            throw failing(descriptor, "connect to \(address)")
        }
        return descriptor
    }

    /// Why connecting failed, or nil if it did not.
    package static func settled(_ descriptor: Int32) -> Int32? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : code
    }

    /// How many of the bytes given to the kernel the peer has not acknowledged yet.
    package static func unacknowledged(_ descriptor: Int32) -> UInt64 {
        UInt64(max(roost_unacknowledged(descriptor), 0))
    }

    package enum Accepted {
        case connection(descriptor: Int32, peer: SocketAddress)
        case nobody
        /// No descriptor is left, in this process or on this machine.
        case noDescriptor
        /// The connection went away before it was taken; there may be others.
        case gone
    }

    package static func accept(_ listener: Int32) -> Accepted {
        var address = KernelAddress()
        let descriptor = unsafe address.withMutablePointer {
            unsafe accept4(listener, $0, $1, O_NONBLOCK | O_CLOEXEC)
        }
        guard descriptor >= 0 else {
            switch errno {
            case EAGAIN: return .nobody
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .noDescriptor
            default: return .gone
            }
        }
        guard let peer = address.address else {
            close(descriptor)
            return .gone
        }
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return .connection(descriptor: descriptor, peer: peer)
    }

    /// The address a socket really has, after port 0. A socket that has none is closed.
    package static func bound(_ descriptor: Int32) throws(SystemFault) -> SocketAddress {
        do {
            return try name(of: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The address a socket really has, after port 0.
    package static func name(of descriptor: Int32) throws(SystemFault) -> SocketAddress {
        var address = KernelAddress()
        let status = unsafe address.withMutablePointer {
            unsafe getsockname(descriptor, $0, $1)
        }
        guard status == 0, let name = address.address else {
            throw .last("ask a socket for its address")
        }
        return name
    }

    /// What an option of the kernel is set to; nil if this kernel has no such option.
    static func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let status = unsafe getsockopt(descriptor, level, name, &value, &length)
        return status == 0 ? value : nil
    }

    package static func setOption(
        _ descriptor: Int32,
        _ level: Int32,
        _ name: Int32,
        _ value: Int32
    ) {
        var value = value
        let length = socklen_t(MemoryLayout<Int32>.size)
        // An option that is refused leaves a slower socket, not a wrong one.
        _ = unsafe setsockopt(descriptor, level, name, &value, length)
    }

    private static func bind(
        to address: SocketAddress,
        type: __socket_type
    ) throws(SystemFault) -> Int32 {
        let target = KernelAddress(address)
        let descriptor: Int32
        do {
            descriptor = try open(target.isIPv6 ? AF_INET6 : AF_INET, type)
        } catch  where target.isIPv6 && address.ip.isUnspecified && error.code == EAFNOSUPPORT {
            // A machine without IPv6: any address means any IPv4 address.
            return try bind(to: SocketAddress(ip: .anyV4, port: address.port), type: type)
        }
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, type == SOCK_STREAM ? 1 : 0)
        if target.isIPv6 {
            let isAny = address.ip.isUnspecified
            setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, isAny ? 0 : 1)
        }
        let status = unsafe target.withPointer { unsafe Glibc.bind(descriptor, $0, $1) }
        guard status == 0 else { throw failing(descriptor, "bind \(address)") }
        return descriptor
    }

    static func open(
        _ family: Int32,
        _ type: __socket_type
    ) throws(SystemFault) -> Int32 {
        let descriptor = socket(family, Int32(type.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw .last("open a socket") }
        return descriptor
    }

    static func failing(_ descriptor: Int32, _ doing: String) -> SystemFault {
        let fault = SystemFault.last(doing)
        close(descriptor)
        return fault
    }
}
