package import Basics
internal import Glibc

/// The addresses of this machine's network interfaces, as the kernel lists them.
///
/// IPv6 addresses that change for the sake of privacy are among them: a machine that serves should
/// not have any, and this list can't tell.
package struct InterfaceAddresses: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var interface: String
        package var ip: IPAddress
        /// The interface is switched on, and its cable is in.
        package var isUp: Bool

        package init(interface: String, ip: IPAddress, isUp: Bool) {
            self.interface = interface
            self.ip = ip
            self.isUp = isUp
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// Asks the kernel.
    package static func found() throws(SystemFault) -> InterfaceAddresses {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { throw .last("list this machine's addresses") }
        defer { unsafe freeifaddrs(first) }
        let up = UInt32(IFF_UP | IFF_RUNNING)
        var entries: [Entry] = []
        var next = unsafe first
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard let address = unsafe SocketAddress(copying: entry.pointee.ifa_addr) else {
                continue
            }
            let name = unsafe String(cString: entry.pointee.ifa_name)
            let isUp = unsafe entry.pointee.ifa_flags & up == up
            entries.append(Entry(interface: name, ip: address.ip, isUp: isUp))
        }
        return InterfaceAddresses(entries)
    }

    /// All of them, each once.
    package var all: [IPAddress] { unique { _ in true } }

    /// Those at which media can be received: of interfaces that are up, and meaningful beyond one
    /// cable. Loopback is for tests, and for clients on this machine.
    package func usable(withIPv6: Bool = true, withLoopback: Bool = false) -> [IPAddress] {
        unique { entry in
            guard entry.isUp, !entry.ip.isLinkLocal, !entry.ip.isUnspecified else { return false }
            guard withIPv6 || entry.ip.family == .v4 else { return false }
            return withLoopback || !entry.ip.isLoopback
        }
    }

    private func unique(_ isWanted: (Entry) -> Bool) -> [IPAddress] {
        var found: [IPAddress] = []
        for entry in entries where isWanted(entry) && !found.contains(entry.ip) {
            found.append(entry.ip)
        }
        return found
    }
}
