package import Basics
internal import CLinux
internal import Glibc

/// The addresses at which other machines may find this one.
package enum InterfaceAddresses {
    /// Those of interfaces that are up, without link-local ones; loopback only if there is no other.
    package static func found() -> [IPAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return [.loopback] }
        defer { unsafe freeifaddrs(first) }
        var all: [IPAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard unsafe entry.pointee.ifa_flags & UInt32(IFF_UP) != 0,
                let ip = unsafe SocketAddress(copying: entry.pointee.ifa_addr)?.ip,
                !ip.isLoopback, !ip.isLinkLocal, !all.contains(ip)
            else { continue }
            all.append(ip)
        }
        return all.isEmpty ? [.loopback] : all
    }
}

extension IPAddress {
    fileprivate var isLinkLocal: Bool {
        switch family {
        case .v4: low >> 16 == 0xA9FE
        case .v6: high >> 54 == 0xFE80 >> 6
        }
    }
}
